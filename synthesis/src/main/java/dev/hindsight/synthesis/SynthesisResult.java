package dev.hindsight.synthesis;

import java.util.List;

/**
 * What a merge did. Counts are of the merged partitions that went to a group, each once however many those
 * were.
 *
 * @param rows live or not, static rows not counted
 * @param bytesFetched read from the inputs' {@link dev.hindsight.codec.bytes.ByteSource}s, all components
 * @param dataBytesFetched of them, from Data.db
 * @param dataBytesOwned what exactly the wanted ranges take of the inputs' Data.db files as they are stored: partitions'
 *     lengths scaled by their chunks' compression, no boundary chunk counted whole; {@link #UNKNOWN} when the
 *     synthesiser does not tell
 * @param expiry when rows die, for plans
 * @param cpuNanosFetch thread CPU of fetching and checking input
 * @param cpuNanosMerge thread CPU of merging and writing
 */
public record SynthesisResult(
        List<OutputSSTable> outputs,
        long partitions,
        long rows,
        long tombstones,
        long bytesFetched,
        long dataBytesFetched,
        long dataBytesOwned,
        long uncompressedBytes,
        ExpiryHistogram expiry,
        long cpuNanosFetch,
        long cpuNanosMerge) {
    public static final long UNKNOWN = -1;

    public SynthesisResult {
        outputs = List.copyOf(outputs);
    }

    /** For a synthesiser that does not tell {@link #dataBytesOwned}. */
    public SynthesisResult(
            List<OutputSSTable> outputs,
            long partitions,
            long rows,
            long tombstones,
            long bytesFetched,
            long dataBytesFetched,
            long uncompressedBytes,
            ExpiryHistogram expiry,
            long cpuNanosFetch,
            long cpuNanosMerge) {
        this(
                outputs,
                partitions,
                rows,
                tombstones,
                bytesFetched,
                dataBytesFetched,
                UNKNOWN,
                uncompressedBytes,
                expiry,
                cpuNanosFetch,
                cpuNanosMerge);
    }
}
