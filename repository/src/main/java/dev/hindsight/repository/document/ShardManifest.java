package dev.hindsight.repository.document;

import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.schema.TableName;
import java.util.List;
import java.util.UUID;

/**
 * {@code backups/<id>/shards/<number>.json}: the truth about one shard task's result. Created once; whoever creates it
 * wins, the objects of other attempts are garbage.
 *
 * @param ranges the shard's token ranges
 * @param sstables sorted by first token; none when the ranges hold nothing
 * @param damaged inputs that could not be used, and why
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
        Counts counts) {
    /** Newest format of this document that this version reads, and the one it writes. */
    public static final int FORMAT = 1;

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
