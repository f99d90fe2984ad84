package dev.hindsight.testkit.living;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import org.apache.cassandra.db.partitions.PartitionUpdate;

/** What each node has counted as the leader of increments. One thread. */
final class Counters {
    private record CounterCell(UUID table, int p, int c, UUID leader) {}

    private record Count(long clock, long sum) {}

    private final Map<CounterCell, Count> counts = new HashMap<>();
    private final List<UUID> leaders = new ArrayList<>();

    /** What a leader writes, and sends to the other replicas, when it counts some more. */
    PartitionUpdate increment(SplittableRandom random, LivingTable table, int p, int c, UUID leader, long micros) {
        Count next = counts.merge(
                new CounterCell(table.id(), p, c, leader),
                new Count(1, random.nextInt(100) - 30),
                (old, more) -> new Count(old.clock() + 1, old.sum() + more.sum()));
        if (!leaders.contains(leader)) {
            leaders.add(leader);
        }
        return RandomWrites.count(table, p, c, leaders.indexOf(leader), next.clock(), next.sum(), micros);
    }

    void forget(UUID table) {
        counts.keySet().removeIf(cell -> cell.table().equals(table));
    }
}
