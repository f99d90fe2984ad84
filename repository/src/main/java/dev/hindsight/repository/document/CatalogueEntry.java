package dev.hindsight.repository.document;

import java.time.Instant;
import java.util.Optional;

/**
 * {@code catalog/<n>.json}: one step of the repository's own log.
 *
 * @param number dense from 1
 * @param previous digest of the previous entry's bytes; {@code none} for number 1
 * @param previousProblem only where the previous entry could not be believed when this one was written: what was wrong
 *     with it; {@code previous} is then the digest of the bytes that were found there
 * @param epoch of the writer: one more than the highest epoch it had seen when its run began
 * @param writer who wrote this, for people: run id, host, process id
 * @param manifest of the backup, for {@link Action#PUBLISH}
 */
public record CatalogueEntry(
        int format,
        long number,
        String previous,
        Optional<String> previousProblem,
        long epoch,
        String writer,
        Instant at,
        Action action,
        String backup,
        Optional<ObjectRef> manifest) {
    /** Newest format of this document that this version reads, and the one it writes. */
    public static final int FORMAT = 1;

    /** Re-parent, hold, release and expire join this list with chains. */
    public enum Action {
        PUBLISH
    }
}
