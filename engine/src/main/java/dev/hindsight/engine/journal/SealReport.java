package dev.hindsight.engine.journal;

import java.util.List;
import java.util.Optional;

/**
 * What sealing did.
 *
 * @param entries that were published
 * @param records in them, of {@code bytes} of updates
 * @param copies that were dropped: of other replicas, or of what was published before
 * @param watermarkMicros of the journal now: every instant below it is final
 * @param waiting whether something was captured that could not be published yet, as other hosts are not so far
 * @param ended why the journal goes no further
 * @param notes what keeps it from going further, or from claiming more, for people
 */
public record SealReport(
        long entries,
        long records,
        long bytes,
        long copies,
        long watermarkMicros,
        boolean waiting,
        Optional<String> ended,
        List<String> notes) {
    public SealReport {
        notes = List.copyOf(notes);
    }
}
