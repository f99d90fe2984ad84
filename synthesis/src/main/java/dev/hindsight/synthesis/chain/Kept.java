package dev.hindsight.synthesis.chain;

import dev.hindsight.synthesis.ExpiryHistogram;
import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.SynthesisResult;
import java.util.List;

/** What is to be stored of a merge. */
public record Kept(List<OutputSSTable> outputs, long partitions, long rows, long tombstones, ExpiryHistogram expiry) {
    public Kept {
        outputs = List.copyOf(outputs);
    }

    /** All of it. */
    public static Kept of(SynthesisResult result) {
        return new Kept(result.outputs(), result.partitions(), result.rows(), result.tombstones(), result.expiry());
    }

    /** Of a merge in which nothing expired: without rows that had died by {@code nowEpochSeconds}. */
    static Kept of(SynthesisResult result, long nowEpochSeconds) {
        ExpiryHistogram expiry = new ExpiryHistogram(result.expiry().buckets().stream()
                .filter(bucket -> bucket.toEpochSeconds() > nowEpochSeconds)
                .toList());
        return new Kept(result.outputs(), result.partitions(), result.rows(), result.tombstones(), expiry);
    }

    public static Kept nothing() {
        return new Kept(List.of(), 0, 0, 0, ExpiryHistogram.none());
    }
}
