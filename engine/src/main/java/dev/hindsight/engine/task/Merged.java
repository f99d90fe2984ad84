package dev.hindsight.engine.task;

import dev.hindsight.engine.source.Fetches;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.ShardManifest.Counts;
import dev.hindsight.repository.document.ShardManifest.ExpiryBucket;
import dev.hindsight.repository.document.ShardManifest.Layer;
import dev.hindsight.repository.document.ShardManifest.StoredSSTable;
import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.SynthesisResult;
import dev.hindsight.synthesis.chain.IncrementMerge;
import dev.hindsight.synthesis.chain.Kept;
import dev.hindsight.synthesis.chain.WholeMerge;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a shard's merge made, in scratch.
 *
 * @param kept what is to be stored
 * @param merge that it came from; empty when there was no SSTable to read
 */
record Merged(
        boolean incremental,
        Kept kept,
        Optional<SynthesisResult> merge,
        long maxTimestampMicros,
        Optional<Path> fingerprints,
        long comparedCpuNanos,
        long redundantPartitions,
        long redundantRows,
        long peakScratchBytes) {
    /** Of a shard that had no SSTable to read. */
    static Merged nothing(boolean incremental) {
        return new Merged(incremental, Kept.nothing(), Optional.empty(), Long.MIN_VALUE, Optional.empty(), 0, 0, 0, 0);
    }

    static Merged of(WholeMerge merge, long peakScratchBytes) {
        return new Merged(
                false,
                Kept.of(merge.result()),
                Optional.of(merge.result()),
                merge.maxTimestampMicros(),
                merge.fingerprints(),
                0,
                0,
                0,
                peakScratchBytes);
    }

    static Merged of(IncrementMerge merge, long peakScratchBytes) {
        return new Merged(
                true,
                merge.kept(),
                Optional.of(merge.merged()),
                merge.maxTimestampMicros(),
                merge.fingerprints(),
                merge.comparedCpuNanos(),
                merge.redundantPartitions(),
                merge.redundantRows(),
                peakScratchBytes);
    }

    /** What was put of it. */
    record Stored(List<StoredSSTable> sstables, Layer layer) {}

    /** @param comparedBytes read of the layers below */
    Stored put(ShardUpload upload, long comparedBytes) {
        List<StoredSSTable> sstables = new ArrayList<>();
        for (OutputSSTable output : kept.outputs()) {
            sstables.add(upload.put(output));
        }
        sstables.sort(Comparator.comparingLong(StoredSSTable::firstToken));
        Optional<ObjectRef> prints = fingerprints.map(upload::put);
        return new Stored(
                List.copyOf(sstables),
                new Layer(incremental, maxTimestampMicros, prints, comparedBytes, redundantPartitions, redundantRows));
    }

    List<ExpiryBucket> expiry() {
        return kept.expiry().buckets().stream()
                .map(bucket -> new ExpiryBucket(bucket.fromEpochSeconds(), bucket.toEpochSeconds(), bucket.rows()))
                .toList();
    }

    /** To be asked after {@link #put}. */
    Counts counts(Fetches fetches, ShardUpload upload) {
        long owned = merge.map(SynthesisResult::dataBytesOwned)
                .filter(told -> told != SynthesisResult.UNKNOWN)
                .orElseGet(fetches::estimatedOwnedBytes);
        return new Counts(
                kept.partitions(),
                kept.rows(),
                kept.tombstones(),
                owned,
                fetches.totalBytes(),
                fetches.dataBytes(),
                merge.map(SynthesisResult::uncompressedBytes).orElse(0L),
                upload.storedBytes(),
                upload.storedDataBytes(),
                peakScratchBytes,
                merge.map(SynthesisResult::cpuNanosFetch).orElse(0L),
                merge.map(SynthesisResult::cpuNanosMerge).orElse(0L) + comparedCpuNanos,
                upload.cpuDigestNanos(),
                upload.cpuPutNanos());
    }
}
