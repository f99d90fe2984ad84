package dev.hindsight.engine.task;

import dev.hindsight.engine.source.ComponentCache;
import dev.hindsight.engine.source.Fetches;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.ShardManifest;
import dev.hindsight.repository.document.ShardManifest.StoredSSTable;
import dev.hindsight.repository.document.StoredLayer;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.synthesis.InputSSTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The stored shards that together are the state of a table, and what of each counts. Their order means nothing: merging
 * has none. Immutable.
 */
record StoredLayers(List<Layer> layers) {
    /** @param ranges of the shard, what counts of it */
    record Layer(ObjectRef ref, ShardManifest shard, TokenRanges ranges) {}

    StoredLayers {
        layers = List.copyOf(layers);
    }

    /**
     * The layers that a plan names.
     *
     * @throws CorruptException a shard manifest is not what its reference says
     * @throws dev.hindsight.model.failure.PreconditionFailedException one is of another table
     */
    static StoredLayers of(TaskDocuments documents, List<StoredLayer> planned, UUID tableId, TokenRanges wanted) {
        List<Layer> out = new ArrayList<>();
        for (StoredLayer layer : planned) {
            ShardManifest shard = documents.load(layer.shard(), ShardManifest.class);
            if (!layer.shard().key().equals(Keys.shardManifest(shard.backup(), shard.number()))) {
                throw new CorruptException(
                        "object " + layer.shard().key() + " is of shard " + shard.number() + " of backup "
                                + shard.backup(),
                        "run 'hindsight verify' to see all that is damaged");
            }
            out.add(layer(layer.shard(), shard, tableId, wanted.intersect(TokenRanges.of(layer.ranges()))));
        }
        return new StoredLayers(out);
    }

    /** Whole shards of one backup, by their numbers. */
    static StoredLayers of(
            WorkerState state, BackupManifest manifest, List<Integer> numbers, UUID tableId, TokenRanges wanted) {
        List<Layer> out = new ArrayList<>();
        for (int number : numbers) {
            ShardManifest shard = StoredInputs.load(state, manifest, number);
            if (shard.incremental()) {
                throw Plans.lacks(
                        "the plan that reads shard " + number + " of backup " + manifest.id(), "layers below it");
            }
            out.add(layer(StoredInputs.find(manifest, number), shard, tableId, wanted));
        }
        return new StoredLayers(out);
    }

    private static Layer layer(ObjectRef ref, ShardManifest shard, UUID tableId, TokenRanges wanted) {
        if (!shard.tableId().equals(tableId)) {
            throw Plans.lacks(
                    "stored shard " + shard.number() + " of backup " + shard.backup(),
                    "data of the table with id " + tableId + ", but of " + shard.table() + " with id "
                            + shard.tableId());
        }
        return new Layer(ref, shard, wanted.intersect(TokenRanges.of(shard.ranges())));
    }

    /** The SSTables that have something in {@code wanted}, each restricted to what counts of its layer. */
    List<InputSSTable> open(ObjectStore store, TokenRanges wanted, Fetches fetches, Optional<ComponentCache> cache) {
        List<InputSSTable> out = new ArrayList<>();
        for (Layer layer : layers) {
            TokenRanges ranges = layer.ranges().intersect(wanted);
            for (StoredSSTable sstable : layer.shard().sstables()) {
                if (overlaps(sstable, ranges)) {
                    out.add(StoredInputs.open(store, sstable, ranges, fetches, cache));
                }
            }
        }
        return out;
    }

    private static boolean overlaps(StoredSSTable sstable, TokenRanges ranges) {
        return ranges.ranges().stream()
                .anyMatch(range -> sstable.firstToken() <= range.end() && sstable.lastToken() > range.start());
    }
}
