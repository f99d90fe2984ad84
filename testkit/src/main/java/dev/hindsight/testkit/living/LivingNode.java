package dev.hindsight.testkit.living;

import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.testkit.fake.DirectoryAgent;
import dev.hindsight.testkit.living.LivingSSTables.Part;
import dev.hindsight.testkit.living.LivingSSTables.Place;
import dev.hindsight.testkit.living.LivingSSTables.Purging;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.cassandra.db.DecoratedKey;
import org.apache.cassandra.db.partitions.PartitionUpdate;

/** One node: its memtables, its SSTables, and the writes that others keep for it while it is out of reach. One thread. */
final class LivingNode {
    private static final List<String> VERSIONS = List.of("nb", "oa", "da");

    private record Hint(TableName table, PartitionUpdate update) {}

    private final DirectoryAgent agent;
    private final Map<TableName, Map<DecoratedKey, PartitionUpdate>> memtables = new HashMap<>();
    private final Map<UUID, Integer> nextIds = new HashMap<>();
    private final List<Hint> hints = new ArrayList<>();
    private boolean out;
    private int written;

    LivingNode(DirectoryAgent agent) {
        this.agent = agent;
    }

    DirectoryAgent agent() {
        return agent;
    }

    UUID hostId() {
        return agent.hostId();
    }

    boolean out() {
        return out;
    }

    /** @param silently the agent does not answer either */
    void goOut(boolean silently) {
        out = true;
        if (silently) {
            agent.fallSilent();
        } else {
            agent.nodeGoesDown();
        }
    }

    void comeBack() {
        out = false;
        agent.answerAgain();
        hints.forEach(hint -> write(hint.table(), hint.update()));
        hints.clear();
    }

    void hint(TableName table, PartitionUpdate update) {
        hints.add(new Hint(table, update));
    }

    void write(TableName table, PartitionUpdate update) {
        memtables
                .computeIfAbsent(table, any -> new TreeMap<>())
                .merge(update.partitionKey(), update, (old, more) -> PartitionUpdate.merge(List.of(old, more)));
    }

    void forget(LivingTable table, boolean restarted) {
        memtables.remove(table.name());
        hints.removeIf(hint -> hint.table().equals(table.name()));
        if (restarted) {
            nextIds.remove(table.id());
        }
    }

    void flush(LivingTable table) {
        Map<DecoratedKey, PartitionUpdate> memtable = memtables.remove(table.name());
        if (memtable != null && !memtable.isEmpty()) {
            LivingSSTables.flush(place(table), memtable.values());
        }
    }

    private Place place(LivingTable table) {
        int id = nextIds.merge(table.id(), 1, Integer::sum);
        String version = VERSIONS.get(written++ % VERSIONS.size());
        return new Place(table, agent.createTable(table.name(), table.id()), version, id, hostId());
    }

    List<Path> data(LivingTable table) {
        return agent.dataFiles(table.name(), table.id());
    }

    /**
     * Compacts some SSTables into one: shadowed data go, and tombstones that are old enough and shadow nothing elsewhere
     * on this node.
     *
     * @param keep partitions of other tokens go too, as in a cleanup
     */
    void compact(LivingTable table, List<Path> inputs, TokenRanges keep, long nowSeconds) {
        if (inputs.isEmpty()) {
            return;
        }
        List<Path> others = new ArrayList<>(data(table));
        others.removeAll(inputs);
        long oldest = LivingSSTables.oldestMicros(table, others);
        for (PartitionUpdate update :
                memtables.getOrDefault(table.name(), Map.of()).values()) {
            oldest = Math.min(oldest, update.stats().minTimestamp);
        }
        long limit = oldest;
        Purging purging = new Purging(nowSeconds, nowSeconds - table.gcGraceSeconds(), timestamp -> timestamp < limit);
        LivingSSTables.merge(place(table), parts(inputs, keep), purging);
        inputs.forEach(LivingSSTables::delete);
    }

    static List<Part> parts(List<Path> data, TokenRanges ranges) {
        return data.stream().map(file -> new Part(file, ranges)).toList();
    }

    /** Takes what another node sends: each of its SSTables, cut to the ranges, becomes one here. */
    void receive(LivingTable table, List<Path> sent, TokenRanges ranges) {
        for (Path file : sent) {
            LivingSSTables.merge(place(table), List.of(new Part(file, ranges)), Purging.NOTHING);
        }
    }
}
