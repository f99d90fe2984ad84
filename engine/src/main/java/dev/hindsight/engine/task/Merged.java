package dev.hindsight.engine.task;

import dev.hindsight.engine.source.Fetches;
import dev.hindsight.repository.document.ShardManifest.Counts;
import dev.hindsight.repository.document.ShardManifest.ExpiryBucket;
import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.SynthesisResult;
import java.util.List;
import java.util.Optional;

/**
 * What a backup shard's merge made.
 *
 * @param result empty when no replica had any SSTable of the table
 */
record Merged(Optional<SynthesisResult> result, long peakScratchBytes) {
    List<OutputSSTable> outputs() {
        return result.map(SynthesisResult::outputs).orElse(List.of());
    }

    List<ExpiryBucket> expiry() {
        return result.map(SynthesisResult::expiry)
                .map(expiry -> expiry.buckets().stream()
                        .map(bucket ->
                                new ExpiryBucket(bucket.fromEpochSeconds(), bucket.toEpochSeconds(), bucket.rows()))
                        .toList())
                .orElse(List.of());
    }

    Counts counts(Fetches fetches, ShardUpload upload) {
        long owned = result.map(SynthesisResult::dataBytesOwned)
                .filter(told -> told != SynthesisResult.UNKNOWN)
                .orElseGet(fetches::estimatedOwnedBytes);
        return new Counts(
                result.map(SynthesisResult::partitions).orElse(0L),
                result.map(SynthesisResult::rows).orElse(0L),
                result.map(SynthesisResult::tombstones).orElse(0L),
                owned,
                fetches.totalBytes(),
                fetches.dataBytes(),
                result.map(SynthesisResult::uncompressedBytes).orElse(0L),
                upload.storedBytes(),
                upload.storedDataBytes(),
                peakScratchBytes,
                result.map(SynthesisResult::cpuNanosFetch).orElse(0L),
                result.map(SynthesisResult::cpuNanosMerge).orElse(0L),
                upload.cpuDigestNanos(),
                upload.cpuPutNanos());
    }
}
