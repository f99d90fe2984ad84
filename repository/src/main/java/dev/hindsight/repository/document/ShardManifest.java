package dev.hindsight.repository.document;

import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.schema.TableName;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * {@code backups/<id>/shards/<number>.json}: the truth about one shard task's result. Created once; whoever creates it
 * wins, the objects of other attempts are garbage.
 *
 * @param ranges the shard's token ranges
 * @param sstables sorted by first token; none when the ranges hold nothing
 * @param damaged inputs that could not be used, and why
 * @param layer what the shard is in a chain; empty in format 1: whole
 */
public record ShardManifest(
        int format,
        String backup,
        int number,
        TableName table,
        UUID tableId,
        List<TokenRange> ranges,
        List<BackupManifest.Coverage> coverage,
        List<StoredSSTable> sstables,
        List<Damaged> damaged,
        List<ExpiryBucket> expiry,
        Counts counts,
        Optional<Layer> layer) {
    /** Newest format of this document that this version reads, and the one it writes. */
    public static final int FORMAT = 2;

    /** Whether it needs what lies below it in the chain. */
    public boolean incremental() {
        return layer.map(Layer::incremental).orElse(false);
    }

    /** A whole shard that nothing can be compared with, as all of format 1 are. */
    public ShardManifest(
            int format,
            String backup,
            int number,
            TableName table,
            UUID tableId,
            List<TokenRange> ranges,
            List<BackupManifest.Coverage> coverage,
            List<StoredSSTable> sstables,
            List<Damaged> damaged,
            List<ExpiryBucket> expiry,
            Counts counts) {
        this(
                format,
                backup,
                number,
                table,
                tableId,
                ranges,
                coverage,
                sstables,
                damaged,
                expiry,
                counts,
                Optional.empty());
    }

    public ShardManifest {
        ranges = List.copyOf(ranges);
        coverage = List.copyOf(coverage);
        sstables = List.copyOf(sstables);
        damaged = List.copyOf(damaged);
        expiry = List.copyOf(expiry);
    }

    /**
     * @param descriptor {@code nb-100001-big}; unique within a table of a backup, so that all shards fit one directory
     * @param components every one, each a plain file as Cassandra knows it
     */
    public record StoredSSTable(
            String descriptor,
            long firstToken,
            long lastToken,
            long partitions,
            long rows,
            List<ObjectRef> components) {
        public StoredSSTable {
            components = List.copyOf(components);
        }
    }

    /**
     * @param incremental holds what changes the merged state of the layers below; else all there is in its ranges
     * @param maxTimestampMicros no write time in it is later; {@code Long.MIN_VALUE} when it holds nothing
     * @param fingerprints what the merged state of runs of partitions is, layers below included (FORMAT.md,
     *     Fingerprints); empty when none were made
     * @param comparedBytes read from the repository to find what is redundant
     * @param redundantPartitions found the same in the layers below, and dropped whole
     * @param redundantRows the same, row by row, in partitions that were kept
     */
    public record Layer(
            boolean incremental,
            long maxTimestampMicros,
            Optional<ObjectRef> fingerprints,
            long comparedBytes,
            long redundantPartitions,
            long redundantRows) {}

    public record Damaged(UUID hostId, String descriptor, String reason) {}

    /** Rows that lose their last content between two epoch seconds, both included. */
    public record ExpiryBucket(long fromEpochSeconds, long toEpochSeconds, long rows) {}

    /** CPU in nanoseconds of thread time. */
    public record Counts(
            long partitions,
            long rows,
            long tombstones,
            long ownedDataBytes,
            long fetchedBytes,
            long fetchedDataBytes,
            long uncompressedBytes,
            long storedBytes,
            long storedDataBytes,
            long peakScratchBytes,
            @FieldName("cpuFetchNanos") long cpuFetch,
            @FieldName("cpuMergeNanos") long cpuMerge,
            @FieldName("cpuDigestNanos") long cpuDigest,
            @FieldName("cpuPutNanos") long cpuPut) {}
}
