package dev.hindsight.engine.journal;

import java.util.Optional;

/**
 * What sealing did.
 *
 * @param entries that were published
 * @param records in them, of {@code bytes} of updates
 * @param copies that were dropped: of other replicas, or of what was published before
 * @param watermarkMicros of the journal now: every instant below it is final
 * @param ended why the journal goes no further
 */
public record SealReport(
        long entries, long records, long bytes, long copies, long watermarkMicros, Optional<String> ended) {}
