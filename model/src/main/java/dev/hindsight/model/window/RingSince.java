package dev.hindsight.model.window;

import dev.hindsight.model.ring.ReplicaMap;
import java.util.Map;
import java.util.UUID;

/**
 * Who replicated the table's ranges from an instant on, until the next one of these.
 *
 * @param datacenters of all nodes of the map
 */
public record RingSince(long sinceMicros, ReplicaMap replicas, Map<UUID, String> datacenters) {
    public RingSince {
        datacenters = Map.copyOf(datacenters);
    }
}
