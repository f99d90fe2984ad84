package dev.hindsight.engine;

import dev.hindsight.repository.document.ObjectRef;

/** One unit of work: which plan object, which shard of it. Small enough to be sent as one line of JSON. */
public sealed interface ShardTask {
    /** The plan object: a {@code BackupPlan}, a {@code RestorePlan}, or for {@link Verify} the backup's manifest. */
    ObjectRef plan();

    int shard();

    /** Read the replicas of a shard from agents, synthesise, store, create the shard manifest. */
    record Backup(ObjectRef plan, int shard) implements ShardTask {}

    /** Read stored shards, synthesise, send to the agents of the shard's target nodes (staged, not imported). */
    record Restore(ObjectRef plan, int shard) implements ShardTask {}

    /** As {@link Restore}, but into a local directory. */
    record Export(ObjectRef plan, int shard) implements ShardTask {}

    /** Merge the stored layers of a shard of a chain into one whole shard, from the repository into the repository. */
    record Rebase(ObjectRef plan, int shard) implements ShardTask {}

    /** Check the objects of one stored shard. */
    record Verify(ObjectRef plan, int shard, Depth depth) implements ShardTask {
        /** How closely; each does what those before it do as well. */
        public enum Depth {
            /** Every object is there and has its size; no content is read but the shard manifest's. */
            REFS,
            /** Every object has its digest. */
            BYTES,
            /** Every row of every SSTable is read, and counts and fingerprints are as the manifest says. */
            RECORDS
        }
    }
}
