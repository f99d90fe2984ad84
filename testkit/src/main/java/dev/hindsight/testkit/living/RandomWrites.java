package dev.hindsight.testkit.living;

import dev.hindsight.testkit.living.LivingTable.Column;
import dev.hindsight.testkit.living.LivingTable.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.apache.cassandra.cql3.ColumnIdentifier;
import org.apache.cassandra.db.Clustering;
import org.apache.cassandra.db.context.CounterContext;
import org.apache.cassandra.db.marshal.Int32Type;
import org.apache.cassandra.db.marshal.MapType;
import org.apache.cassandra.db.marshal.UTF8Type;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.db.rows.BTreeRow;
import org.apache.cassandra.db.rows.BufferCell;
import org.apache.cassandra.db.rows.CellPath;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.dht.Murmur3Partitioner;
import org.apache.cassandra.schema.ColumnMetadata;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.utils.CounterId;

/** One random write after the other to few keys of a table, of every kind its columns allow. One thread. */
final class RandomWrites {
    private static final int CLUSTERINGS = 6;
    private static final int LONGEST_TTL = 200_000;

    /** @param everywhere it deletes, or ends by itself: all replicas must get it before any of them may forget it */
    record Write(PartitionUpdate update, boolean everywhere) {}

    private final SplittableRandom random;
    private final int partitions;

    RandomWrites(SplittableRandom random, int partitions) {
        this.random = random;
        this.partitions = partitions;
    }

    /** @param leader the node that counts, for counters: has made {@code clock} increments of this cell, now of this sum */
    static PartitionUpdate count(LivingTable table, int p, int c, int leader, long clock, long sum, long micros) {
        TableMetadata metadata = table.metadata();
        ColumnMetadata column = column(metadata, "n");
        Row.Builder row = BTreeRow.unsortedBuilder();
        row.newRow(metadata.comparator.make(c));
        row.addCell(BufferCell.live(
                column,
                micros,
                CounterContext.instance().createGlobal(CounterId.fromInt(leader + 1), clock, sum),
                null));
        return PartitionUpdate.singleRowUpdate(
                metadata, Murmur3Partitioner.instance.decorateKey(Int32Type.instance.decompose(p)), row.build());
    }

    int partition() {
        return random.nextInt(partitions);
    }

    int clustering() {
        return random.nextInt(CLUSTERINGS);
    }

    Write next(LivingTable table, long micros, long nowSeconds) {
        TableMetadata metadata = table.metadata();
        int p = partition();
        PartitionUpdate.SimpleBuilder update =
                PartitionUpdate.simpleBuilder(metadata, p).timestamp(micros).nowInSec(nowSeconds);
        int kind = random.nextInt(100);
        if (kind < 3) {
            return new Write(update.delete().build(), true);
        }
        if (kind < 11 && table.clustered()) {
            int start = clustering();
            PartitionUpdate.SimpleBuilder.RangeTombstoneBuilder range = update.addRangeTombstone();
            range = random.nextBoolean() ? range.inclStart() : range.exclStart();
            range = random.nextBoolean() ? range.inclEnd() : range.exclEnd();
            range.start(start).end(start + 1 + random.nextInt(3));
            return new Write(update.build(), true);
        }
        if (kind < 18) {
            row(update, table).noPrimaryKeyLivenessInfo().delete();
            return new Write(update.build(), true);
        }
        Map<String, Column> ofRow = columns(table, false);
        Map<String, Column> statics = columns(table, true);
        if (kind < 26 && !statics.isEmpty()) {
            boolean deletes = false;
            Row.SimpleBuilder row = update.row().timestamp(micros).noPrimaryKeyLivenessInfo();
            for (Map.Entry<String, Column> one : statics.entrySet()) {
                deletes |= set(row, one.getKey(), one.getValue());
            }
            return new Write(update.build(), deletes);
        }
        Optional<String> collection = collection(ofRow);
        if (kind < 36 && collection.isPresent()) {
            return removal(table, p, micros, nowSeconds, collection.get());
        }
        boolean expires = random.nextInt(8) == 0;
        if (expires) {
            update.ttl(1 + random.nextInt(LONGEST_TTL));
        }
        Row.SimpleBuilder row = row(update, table);
        if (kind < 60) {
            row.noPrimaryKeyLivenessInfo();
        }
        boolean deletes = false;
        boolean any = false;
        for (Map.Entry<String, Column> one : ofRow.entrySet()) {
            if (random.nextInt(3) > 0) {
                deletes |= set(row, one.getKey(), one.getValue());
                any = true;
            }
        }
        return any || kind >= 60 ? new Write(update.build(), deletes || expires) : next(table, micros, nowSeconds);
    }

    private Row.SimpleBuilder row(PartitionUpdate.SimpleBuilder update, LivingTable table) {
        return table.clustered() ? update.row(clustering()) : update.row();
    }

    private static Map<String, Column> columns(LivingTable table, boolean statics) {
        Map<String, Column> out = new TreeMap<>(table.columns());
        out.values().removeIf(column -> column.isStatic() != statics);
        return out;
    }

    private static Optional<String> collection(Map<String, Column> columns) {
        return columns.entrySet().stream()
                .filter(one ->
                        one.getValue().type() == Type.MAP || one.getValue().type() == Type.SET)
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** Whether it deleted something on the way. */
    private boolean set(Row.SimpleBuilder row, String name, Column column) {
        if (random.nextInt(7) == 0) {
            row.delete(name);
            return true;
        }
        switch (column.type()) {
            case TEXT -> row.add(name, text());
            case INT -> row.add(name, random.nextInt(1000));
            case MAP -> {
                Map<Integer, String> entries = Map.of(random.nextInt(4), text(), 4 + random.nextInt(4), text());
                if (random.nextInt(3) == 0) {
                    row.add(name, entries);
                    return true;
                }
                row.appendAll(name, entries);
            }
            case SET -> row.appendAll(name, Set.of("e" + random.nextInt(4), "f" + random.nextInt(4)));
            case COUNTER -> throw new IllegalArgumentException("counters are not set");
        }
        return false;
    }

    /** One element of a collection is deleted. */
    private Write removal(LivingTable table, int p, long micros, long nowSeconds, String name) {
        TableMetadata metadata = table.metadata();
        ColumnMetadata column = column(metadata, name);
        boolean map = column.type instanceof MapType;
        CellPath path = CellPath.create(
                map
                        ? Int32Type.instance.decompose(random.nextInt(8))
                        : UTF8Type.instance.decompose("e" + random.nextInt(4)));
        Row.Builder row = BTreeRow.unsortedBuilder();
        row.newRow(table.clustered() ? metadata.comparator.make(clustering()) : Clustering.EMPTY);
        row.addCell(BufferCell.tombstone(column, micros, nowSeconds, path));
        return new Write(
                PartitionUpdate.singleRowUpdate(
                        metadata,
                        Murmur3Partitioner.instance.decorateKey(Int32Type.instance.decompose(p)),
                        row.build()),
                true);
    }

    private static ColumnMetadata column(TableMetadata metadata, String name) {
        ColumnMetadata column = metadata.getColumn(ColumnIdentifier.getInterned(name, true));
        if (column == null) {
            throw new IllegalArgumentException("no column " + name + " in " + metadata);
        }
        return column;
    }

    private String text() {
        StringBuilder out = new StringBuilder();
        int length = 1 + random.nextInt(40);
        for (int i = 0; i < length; i++) {
            out.append((char) ('a' + random.nextInt(26)));
        }
        return out.toString();
    }

    /** Some of them, at least one. */
    static <T> List<T> some(SplittableRandom random, List<T> all) {
        List<T> out = new ArrayList<>(all);
        while (out.size() > 1 && random.nextInt(2) == 0) {
            out.remove(random.nextInt(out.size()));
        }
        return out;
    }
}
