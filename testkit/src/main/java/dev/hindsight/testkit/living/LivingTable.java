package dev.hindsight.testkit.living;

import dev.hindsight.model.schema.TableFacts;
import dev.hindsight.model.schema.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.cassandra.cql3.ColumnIdentifier;
import org.apache.cassandra.db.marshal.AbstractType;
import org.apache.cassandra.db.marshal.CounterColumnType;
import org.apache.cassandra.db.marshal.Int32Type;
import org.apache.cassandra.db.marshal.MapType;
import org.apache.cassandra.db.marshal.SetType;
import org.apache.cassandra.db.marshal.UTF8Type;
import org.apache.cassandra.dht.Murmur3Partitioner;
import org.apache.cassandra.schema.ColumnMetadata;
import org.apache.cassandra.schema.TableId;
import org.apache.cassandra.schema.TableMetadata;

/**
 * One table at one moment, as Cassandra's metadata and as DDL. Partition key {@code p int}, and when clustered {@code c
 * int}. Immutable.
 *
 * @param columns all but those of the key, by name
 * @param dropped columns that are no more, or are there again, with the time in microseconds from which they count
 */
public record LivingTable(
        TableName name,
        UUID id,
        int gcGraceSeconds,
        boolean clustered,
        Map<String, Column> columns,
        Map<String, Dropped> dropped) {
    /** What a column may hold. */
    public enum Type {
        TEXT("text", UTF8Type.instance),
        INT("int", Int32Type.instance),
        MAP("map<int, text>", MapType.getInstance(Int32Type.instance, UTF8Type.instance, true)),
        SET("set<text>", SetType.getInstance(UTF8Type.instance, true)),
        COUNTER("counter", CounterColumnType.instance);

        private final String cql;
        private final AbstractType<?> type;

        Type(String cql, AbstractType<?> type) {
            this.cql = cql;
            this.type = type;
        }
    }

    public record Column(Type type, boolean isStatic) {
        private String cql(String name) {
            return name + " " + type.cql + (isStatic ? " static" : "");
        }
    }

    public record Dropped(Column column, long micros) {}

    public LivingTable {
        columns = Map.copyOf(columns);
        dropped = Map.copyOf(dropped);
    }

    public boolean counter() {
        return columns.values().stream().anyMatch(column -> column.type() == Type.COUNTER);
    }

    public LivingTable withColumn(String column, Column added) {
        Map<String, Column> more = new TreeMap<>(columns);
        more.put(column, added);
        return new LivingTable(name, id, gcGraceSeconds, clustered, more, dropped);
    }

    public LivingTable withoutColumn(String column, long micros) {
        Map<String, Column> fewer = new TreeMap<>(columns);
        Column gone = fewer.remove(column);
        if (gone == null) {
            throw new IllegalArgumentException("no column " + column + " in " + name);
        }
        Map<String, Dropped> drops = new TreeMap<>(dropped);
        drops.put(column, new Dropped(gone, micros));
        return new LivingTable(name, id, gcGraceSeconds, clustered, fewer, drops);
    }

    public LivingTable withId(UUID other) {
        return new LivingTable(name, other, gcGraceSeconds, clustered, columns, Map.of());
    }

    public TableFacts facts() {
        return new TableFacts(name, id, gcGraceSeconds, counter(), false);
    }

    /** As {@code DESCRIBE TABLE} with internals prints it: dropped columns are there until they are dropped again. */
    public String ddl() {
        Map<String, Column> all = new TreeMap<>(columns);
        dropped.forEach((column, drop) -> all.put(column, drop.column()));
        List<String> parts = new ArrayList<>();
        parts.add("p int");
        if (clustered) {
            parts.add("c int");
        }
        all.forEach((column, what) -> parts.add(what.cql(column)));
        parts.add(clustered ? "PRIMARY KEY (p, c)" : "PRIMARY KEY (p)");
        StringBuilder out = new StringBuilder("CREATE TABLE " + name.asCql() + " (" + String.join(", ", parts)
                + ") WITH ID = " + id + " AND gc_grace_seconds = " + gcGraceSeconds + ";\n");
        new TreeMap<>(dropped).forEach((column, drop) -> {
            out.append("ALTER TABLE " + name.asCql() + " DROP " + column + " USING TIMESTAMP " + drop.micros() + ";\n");
            if (columns.containsKey(column)) {
                out.append(
                        "ALTER TABLE " + name.asCql() + " ADD " + drop.column().cql(column) + ";\n");
            }
        });
        return out.toString();
    }

    public TableMetadata metadata() {
        TableMetadata.Builder out = TableMetadata.builder(name.keyspace(), name.table(), TableId.fromUUID(id))
                .partitioner(Murmur3Partitioner.instance)
                .gcGraceSeconds(gcGraceSeconds)
                .addPartitionKeyColumn("p", Int32Type.instance);
        if (clustered) {
            out.addClusteringColumn("c", Int32Type.instance);
        }
        if (counter()) {
            out.isCounter(true);
        }
        columns.forEach((column, what) -> out.addColumn(metadata(column, what)));
        dropped.forEach((column, drop) -> out.recordColumnDrop(metadata(column, drop.column()), drop.micros()));
        return out.build();
    }

    private ColumnMetadata metadata(String column, Column what) {
        ColumnIdentifier identifier = ColumnIdentifier.getInterned(column, true);
        return new ColumnMetadata(
                name.keyspace(),
                name.table(),
                identifier,
                what.type().type,
                ColumnMetadata.NO_POSITION,
                what.isStatic() ? ColumnMetadata.Kind.STATIC : ColumnMetadata.Kind.REGULAR,
                null);
    }

    @Override
    public String toString() {
        return name + " "
                + columns.keySet().stream().sorted().collect(Collectors.joining(",", "(", ")"))
                + (dropped.isEmpty() ? "" : " dropped " + new TreeMap<>(dropped).keySet());
    }
}
