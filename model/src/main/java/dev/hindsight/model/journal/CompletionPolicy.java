package dev.hindsight.model.journal;

import java.util.List;
import java.util.Optional;

/**
 * Decides when it is stored what rows were before the records of a journal. That reads of the base all blocks which hold
 * partitions that the records touch, so it is the cheaper by the record the more of them there are: it is due once the journal
 * is large against the base, or as soon as a stretch has ended, since another base follows it and no record comes any more.
 * Pure; any thread.
 *
 * <p>Example, of the usual policy: of a table of 100 GB whose journal grows by 1 GB an hour, 10 hours are completed at a time,
 * in runs of 256 MiB each; with a base each day, the rest of the day when that base is there. A table of 100 MB is completed by
 * 64 MiB, or once a day.
 *
 * @param share of the base's bytes, as stored, that the updates must come to
 * @param leastBytes of updates, however small the base
 * @param mostBytes of updates at once
 * @param mostRecords at once: their tokens are held in memory
 */
public record CompletionPolicy(double share, long leastBytes, long mostBytes, long mostRecords) {
    public static final CompletionPolicy DEFAULT = new CompletionPolicy(0.1, 64 << 20, 256 << 20, 1_000_000);

    public CompletionPolicy {
        if (!(share >= 0) || leastBytes < 1 || mostBytes < 1 || mostRecords < 1) {
            throw new IllegalArgumentException("completions of " + share + " of the base, " + leastBytes + " to "
                    + mostBytes + " bytes, " + mostRecords + " records");
        }
    }

    /** Records up to a number that nothing is stored of, behind those of the part before. */
    public record Part(long lastNumber, long records, long bytes) {}

    /**
     * Up to which number is to be completed now.
     *
     * @param parts of one stretch, by number
     * @param baseBytes of the table in the base, as stored
     * @param ended whether no more records come to the stretch
     */
    public Optional<Long> due(List<Part> parts, long baseBytes, boolean ended) {
        long bytes = parts.stream().mapToLong(Part::bytes).sum();
        return ended || bytes >= leastBytes && bytes >= share * baseBytes ? next(parts) : Optional.empty();
    }

    /** Up to which number is completed at once, due or not; empty when there is nothing. */
    public Optional<Long> next(List<Part> parts) {
        long bytes = 0;
        long records = 0;
        Optional<Long> last = Optional.empty();
        for (Part part : parts) {
            bytes += part.bytes();
            records += part.records();
            if (last.isPresent() && (bytes > mostBytes || records > mostRecords)) {
                return last;
            }
            last = Optional.of(part.lastNumber());
        }
        return last;
    }
}
