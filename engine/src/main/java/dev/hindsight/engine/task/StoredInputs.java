package dev.hindsight.engine.task;

import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.engine.source.ComponentCache;
import dev.hindsight.engine.source.Fetches;
import dev.hindsight.engine.source.StoreByteSource;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.ShardManifest;
import dev.hindsight.repository.document.ShardManifest.StoredSSTable;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.synthesis.InputSSTable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Stored shards and their SSTables, found through the backup's manifest and checked by what names them. One thread. */
final class StoredInputs {
    private StoredInputs() {}

    /**
     * The shard manifest of that number, which no other shard of the backup has. A rebase of some tables also names shards
     * of the backup that it was made from.
     */
    static ObjectRef find(BackupManifest manifest, int number) {
        return manifest.tables().stream()
                .flatMap(table -> table.shards().stream())
                .filter(ref -> Keys.shardOfManifest(ref.key())
                        .filter(shard -> shard.number() == number)
                        .isPresent())
                .findFirst()
                .orElseThrow(() -> Plans.lacks("the manifest of backup " + manifest.id(), "shard " + number));
    }

    static ShardManifest load(WorkerState state, BackupManifest manifest, int number) {
        ObjectRef ref = find(manifest, number);
        ShardManifest shard = state.documents().load(ref, ShardManifest.class);
        if (!ref.key().equals(Keys.shardManifest(shard.backup(), shard.number()))) {
            throw new CorruptException(
                    "object " + ref.key() + " is of shard " + shard.number() + " of backup " + shard.backup(),
                    "run 'hindsight verify' to see all that is damaged");
        }
        return shard;
    }

    static InputSSTable open(
            ObjectStore store,
            StoredSSTable sstable,
            TokenRanges ranges,
            Fetches fetches,
            Optional<ComponentCache> cache) {
        String origin = origin(sstable);
        Map<String, ByteSource> components = new LinkedHashMap<>();
        for (ObjectRef ref : sstable.components()) {
            String component = component(sstable, ref);
            components.put(
                    component,
                    new StoreByteSource(store, ref, origin, sstable.descriptor(), component, fetches, cache));
        }
        return new InputSSTable(origin, sstable.descriptor(), components, ranges);
    }

    /** Key prefix of the attempt that stored it. */
    static String origin(StoredSSTable sstable) {
        return sstable.components().stream()
                .map(ref -> ref.key().substring(0, ref.key().lastIndexOf('/')))
                .findFirst()
                .orElse("");
    }

    private static String component(StoredSSTable sstable, ObjectRef ref) {
        String name = ref.key().substring(ref.key().lastIndexOf('/') + 1);
        String start = sstable.descriptor() + "-";
        if (!name.startsWith(start)) {
            throw new CorruptException(
                    "object " + ref.key() + " is listed as a component of SSTable " + sstable.descriptor()
                            + " but is not named so",
                    "run 'hindsight verify' to see all that is damaged");
        }
        return name.substring(start.length());
    }
}
