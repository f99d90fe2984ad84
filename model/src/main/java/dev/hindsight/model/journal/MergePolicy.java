package dev.hindsight.model.journal;

import java.util.List;
import java.util.Optional;

/**
 * Decides which segments of a journal are to be made one. Segments are ranked by size: rank 0 is small, each next rank
 * {@code fan} times larger. As soon as {@code fan} neighbours, in the order of their numbers and of one schema, are of a rank
 * or below, they are merged, provided that the result is four times larger than the largest of them. So each record is written again a few times at most, and a journal has fewer than {@code fan} segments of each rank between two that are as large as can be.
 *
 * <p>Example, of the usual policy: 20,000 segments of 1 to 500 KiB, a week of one every 30 s, leave fewer than 50 that are
 * not as large as can be, and each record is written fewer than 15 times.
 *
 * <p>Segments of other schemas end a run of neighbours: one segment is decoded with one schema. Pure; any thread.
 *
 * @param fan neighbours that are merged at least
 * @param mostInputs neighbours that are merged at most, at once
 * @param smallBytes of rank 0, as stored
 * @param mostBytes of a merged segment, as stored
 * @param mostRecords of a merged segment: its writer holds 48 bytes for each
 */
public record MergePolicy(int fan, int mostInputs, long smallBytes, long mostBytes, long mostRecords) {
    /** A merged segment is so many times larger than any that it is made of: a large one does not take in small ones alone. */
    private static final int GROWTH = 4;

    public static final MergePolicy DEFAULT = new MergePolicy(8, 64, 256 << 10, 256 << 20, 500_000);

    public MergePolicy {
        if (fan < 2 || mostInputs < fan || smallBytes < 1 || mostBytes < smallBytes || mostRecords < 1) {
            throw new IllegalArgumentException("merges of " + fan + " to " + mostInputs + " segments from " + smallBytes
                    + " to " + mostBytes + " bytes and " + mostRecords + " records");
        }
    }

    /** One segment, as the decision sees it. */
    public record Part(int schema, long records, long bytes) {}

    /** Parts {@code from} (included) to {@code to} (not included). */
    public record Run(int from, int to) {
        public int size() {
            return to - from;
        }
    }

    /**
     * What is to be merged next: the smallest first.
     *
     * @param parts by number
     */
    public Optional<Run> due(List<Part> parts) {
        for (long limit = smallBytes; ; limit = Math.multiplyExact(limit, fan)) {
            Optional<Run> found = due(parts, Math.min(limit, mostBytes));
            if (found.isPresent() || limit >= mostBytes) {
                return found;
            }
        }
    }

    private Optional<Run> due(List<Part> parts, long limit) {
        for (int from = 0; from + fan <= parts.size(); from++) {
            int to = from;
            long bytes = 0;
            long records = 0;
            long largest = 0;
            while (to < parts.size() && to - from < mostInputs) {
                Part part = parts.get(to);
                bytes += part.bytes();
                records += part.records();
                if (part.bytes() > limit
                        || part.schema() != parts.get(from).schema()
                        || bytes > mostBytes
                        || records > mostRecords) {
                    bytes -= part.bytes();
                    break;
                }
                largest = Math.max(largest, part.bytes());
                to++;
            }
            if (to - from >= fan && (bytes <= smallBytes || bytes >= GROWTH * largest)) {
                return Optional.of(new Run(from, to));
            }
        }
        return Optional.empty();
    }
}
