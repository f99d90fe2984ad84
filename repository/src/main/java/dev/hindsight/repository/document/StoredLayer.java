package dev.hindsight.repository.document;

import dev.hindsight.model.ring.TokenRange;
import java.util.List;

/**
 * A stored shard as one layer of a chain.
 *
 * @param shard its {@link ShardManifest}
 * @param ranges of it, those that count here: where a later shard of the chain holds everything, nothing below is read
 */
public record StoredLayer(ObjectRef shard, List<TokenRange> ranges) {
    public StoredLayer {
        ranges = List.copyOf(ranges);
    }
}
