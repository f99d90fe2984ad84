package dev.hindsight.engine.task;

import dev.hindsight.engine.source.Fetches;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.repository.document.StoredLayer;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.synthesis.InputSSTable;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Looks into stored shards without a task: for who wants to see a few partitions of a backup. Reads only. */
public final class StoredPartitions {
    private StoredPartitions() {}

    /**
     * The SSTables of the layers that may have something in the ranges. Of their Data.db, only what the index says is there
     * will be read.
     *
     * @param layers of the table, as a chain gives them for these ranges
     * @throws dev.hindsight.model.failure.CorruptException a shard manifest is not what its reference says
     */
    public static List<InputSSTable> open(
            ObjectStore store, List<StoredLayer> layers, UUID tableId, TokenRanges ranges, Fetches fetches) {
        return StoredLayers.of(new TaskDocuments(store), layers, tableId, ranges)
                .open(store, ranges, fetches, Optional.empty());
    }
}
