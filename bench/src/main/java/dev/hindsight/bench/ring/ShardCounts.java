package dev.hindsight.bench.ring;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * The counts of shard manifests, added up ({@code docs/FORMAT.md}, "Counts"); CPU is time of the threads that did the
 * work, so without the collector's and the compiler's threads.
 *
 * @param uncompressedBytes of what was merged
 * @param peakScratchBytes of the shard that needed most
 */
public record ShardCounts(
        int shards,
        long rows,
        long fetchedBytes,
        long fetchedDataBytes,
        long uncompressedBytes,
        long storedBytes,
        long storedDataBytes,
        long peakScratchBytes,
        double fetchCpuSeconds,
        double mergeCpuSeconds,
        double digestCpuSeconds,
        double putCpuSeconds) {
    static final ShardCounts NONE = new ShardCounts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    static ShardCounts of(JsonNode counts) {
        return new ShardCounts(
                1,
                number(counts, "rows"),
                number(counts, "fetchedBytes"),
                number(counts, "fetchedDataBytes"),
                number(counts, "uncompressedBytes"),
                number(counts, "storedBytes"),
                number(counts, "storedDataBytes"),
                number(counts, "peakScratchBytes"),
                number(counts, "cpuFetchNanos") / 1e9,
                number(counts, "cpuMergeNanos") / 1e9,
                number(counts, "cpuDigestNanos") / 1e9,
                number(counts, "cpuPutNanos") / 1e9);
    }

    private static long number(JsonNode counts, String field) {
        return counts.required(field).longValue();
    }

    ShardCounts plus(ShardCounts other) {
        return new ShardCounts(
                shards + other.shards,
                rows + other.rows,
                fetchedBytes + other.fetchedBytes,
                fetchedDataBytes + other.fetchedDataBytes,
                uncompressedBytes + other.uncompressedBytes,
                storedBytes + other.storedBytes,
                storedDataBytes + other.storedDataBytes,
                Math.max(peakScratchBytes, other.peakScratchBytes),
                fetchCpuSeconds + other.fetchCpuSeconds,
                mergeCpuSeconds + other.mergeCpuSeconds,
                digestCpuSeconds + other.digestCpuSeconds,
                putCpuSeconds + other.putCpuSeconds);
    }
}
