package dev.hindsight.testkit.data;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.BoundStatement;
import com.datastax.oss.driver.api.core.cql.BoundStatementBuilder;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.metadata.schema.ColumnMetadata;
import com.datastax.oss.driver.api.core.metadata.schema.TableMetadata;
import com.datastax.oss.driver.api.core.type.DataType;
import com.datastax.oss.driver.api.core.type.DataTypes;
import com.datastax.oss.driver.api.core.type.ListType;
import com.datastax.oss.driver.api.core.type.MapType;
import com.datastax.oss.driver.api.core.type.SetType;
import com.datastax.oss.driver.api.core.type.UserDefinedType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Random statements for one table of any shape: every way of writing and deleting that its columns allow, on few keys, so
 * that they hit each other. Statements are prepared once per shape. One thread.
 */
final class TableWriter {
    private static final int PARTITIONS = 8;
    private static final int CLUSTERINGS = 6;

    private final CqlSession session;
    private final TableMetadata table;
    private final WriteTimes times;
    private final RandomValues values;
    private final long seed;
    private final List<ColumnMetadata> partitionKey;
    private final List<ColumnMetadata> clustering;
    private final List<ColumnMetadata> statics;
    private final List<ColumnMetadata> regulars;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();

    TableWriter(CqlSession session, TableMetadata table, WriteTimes times, long seed) {
        this.session = session;
        this.table = table;
        this.times = times;
        this.values = new RandomValues(session);
        this.seed = seed ^ table.getName().asInternal().hashCode();
        this.partitionKey = table.getPartitionKey();
        this.clustering = List.copyOf(table.getClusteringColumns().keySet());
        List<ColumnMetadata> others = table.getColumns().values().stream()
                .filter(column -> !table.getPrimaryKey().contains(column))
                .toList();
        this.statics = others.stream().filter(ColumnMetadata::isStatic).toList();
        this.regulars = others.stream().filter(column -> !column.isStatic()).toList();
    }

    /** What may be said of values of the statement, in order of their markers. */
    private static final class Draft {
        private final StringBuilder text = new StringBuilder();
        // null = CQL null; UNSET = left out
        private final List<@Nullable Object> markers = new ArrayList<>();

        Draft add(String more) {
            text.append(more);
            return this;
        }

        Draft marker(@Nullable Object value) {
            text.append('?');
            markers.add(value);
            return this;
        }
    }

    private enum Unset {
        UNSET
    }

    BoundStatement next(Random random) {
        Draft draft = draft(random);
        PreparedStatement statement = prepared.computeIfAbsent(draft.text.toString(), session::prepare);
        BoundStatementBuilder bound = statement.boundStatementBuilder();
        for (int i = 0; i < draft.markers.size(); i++) {
            Object value = draft.markers.get(i);
            if (value == null) {
                bound = bound.setToNull(i);
            } else if (value instanceof ByteBuffer bytes) {
                bound = bound.setBytesUnsafe(i, bytes);
            } else if (value instanceof Long number) {
                bound = bound.setLong(i, number);
            } else if (value instanceof Integer number) {
                bound = bound.setInt(i, number);
            } else {
                bound = bound.unset(i);
            }
        }
        return bound.build();
    }

    private boolean isCounter() {
        return regulars.stream().anyMatch(column -> column.getType().equals(DataTypes.COUNTER));
    }

    private Draft draft(Random random) {
        if (isCounter()) {
            return increment(random);
        }
        int choice = random.nextInt(100);
        Predicate<Integer> below = limit -> choice < limit;
        if (!statics.isEmpty() && below.test(8)) {
            return update(random, statics, false);
        }
        if (!clustering.isEmpty() && below.test(16)) {
            return deleteRange(random);
        }
        if (below.test(18)) {
            return deletePartition(random);
        }
        if (below.test(24)) {
            return deleteRow(random);
        }
        Optional<ColumnMetadata> column = any(random, statics, regulars);
        if (column.isPresent() && below.test(32)) {
            return deleteCell(random, column.get());
        }
        if (column.isPresent() && below.test(50) && isMultiCell(column.get().getType())) {
            return element(random, column.get());
        }
        if (!regulars.isEmpty() && below.test(68)) {
            return update(random, regulars, true);
        }
        return insert(random);
    }

    private static Optional<ColumnMetadata> any(Random random, List<ColumnMetadata> some, List<ColumnMetadata> more) {
        int size = some.size() + more.size();
        if (size == 0) {
            return Optional.empty();
        }
        int index = random.nextInt(size);
        return Optional.of(index < some.size() ? some.get(index) : more.get(index - some.size()));
    }

    private static boolean isMultiCell(DataType type) {
        if (type instanceof ListType list) {
            return !list.isFrozen();
        }
        if (type instanceof SetType set) {
            return !set.isFrozen();
        }
        if (type instanceof MapType map) {
            return !map.isFrozen();
        }
        return type instanceof UserDefinedType user && !user.isFrozen();
    }

    private Draft insert(Random random) {
        List<ColumnMetadata> columns = new ArrayList<>(table.getPrimaryKey());
        columns.addAll(regulars);
        columns.addAll(statics);
        Draft draft = new Draft()
                .add("INSERT INTO " + name()
                        + columns.stream().map(this::quoted).collect(Collectors.joining(", ", " (", ")"))
                        + " VALUES (");
        key(random, "", ", ", draft, clustering.size());
        for (ColumnMetadata column : columns.subList(table.getPrimaryKey().size(), columns.size())) {
            draft.add(", ").marker(cellOrNothing(random, column));
        }
        draft.add(") USING TIMESTAMP ")
                .marker(timestamp(random))
                .add(" AND TTL ")
                .marker(ttl(random));
        return draft;
    }

    private Draft update(Random random, List<ColumnMetadata> columns, boolean wholeKey) {
        Draft draft = update(random);
        String separator = " SET ";
        for (ColumnMetadata column : columns) {
            draft.add(separator).add(quoted(column)).add(" = ").marker(cellOrNothing(random, column));
            separator = ", ";
        }
        return where(random, draft, wholeKey ? clustering.size() : 0);
    }

    private Draft update(Random random) {
        return new Draft()
                .add("UPDATE " + name() + " USING TIMESTAMP ")
                .marker(timestamp(random))
                .add(" AND TTL ")
                .marker(ttl(random));
    }

    private Draft increment(Random random) {
        List<ColumnMetadata> columns = !statics.isEmpty() && random.nextInt(5) == 0 ? statics : regulars;
        Draft draft = new Draft().add("UPDATE " + name());
        String separator = " SET ";
        for (ColumnMetadata column : columns) {
            draft.add(separator + quoted(column) + " = " + quoted(column) + " + ")
                    .marker((long) random.nextInt(2000) - 900);
            separator = ", ";
        }
        return where(random, draft, columns == statics ? 0 : clustering.size());
    }

    private Draft element(Random random, ColumnMetadata column) {
        DataType type = column.getType();
        String name = quoted(column);
        Draft draft = update(random).add(" SET " + name);
        ByteBuffer whole = values.bytes(type, random);
        if (type instanceof ListType) {
            if (random.nextBoolean()) {
                draft.add(" = " + name + " + ").marker(whole);
            } else {
                draft.add(" = ").marker(whole).add(" + " + name);
            }
        } else if (type instanceof SetType) {
            draft.add(" = " + name + (random.nextInt(3) == 0 ? " - " : " + ")).marker(whole);
        } else if (type instanceof MapType map) {
            if (random.nextInt(3) == 0) {
                draft.add("[").marker(values.bytes(map.getKeyType(), random)).add("] = ");
                draft.marker(random.nextInt(4) == 0 ? null : values.bytes(map.getValueType(), random));
            } else {
                draft.add(" = " + name + " + ").marker(whole);
            }
        } else {
            UserDefinedType user = (UserDefinedType) type;
            int field = random.nextInt(user.getFieldNames().size());
            draft.add("." + user.getFieldNames().get(field).asCql(true) + " = ");
            draft.marker(
                    random.nextInt(4) == 0
                            ? null
                            : values.bytes(user.getFieldTypes().get(field), random));
        }
        return where(random, draft, column.isStatic() ? 0 : clustering.size());
    }

    private Draft deleteCell(Random random, ColumnMetadata column) {
        Draft draft = new Draft().add("DELETE " + quoted(column));
        if (column.getType() instanceof MapType map && !map.isFrozen() && random.nextBoolean()) {
            draft.add("[").marker(values.bytes(map.getKeyType(), random)).add("]");
        }
        draft.add(" FROM " + name() + " USING TIMESTAMP ").marker(timestamp(random));
        return where(random, draft, column.isStatic() ? 0 : clustering.size());
    }

    private Draft deleteRow(Random random) {
        return where(random, delete(random), clustering.size());
    }

    private Draft deletePartition(Random random) {
        return where(random, delete(random), 0);
    }

    private Draft delete(Random random) {
        return new Draft().add("DELETE FROM " + name() + " USING TIMESTAMP ").marker(timestamp(random));
    }

    /** Equality on some first clustering columns, then a bound of each kind on the next one, or none. */
    private Draft deleteRange(Random random) {
        int equal = random.nextInt(clustering.size());
        Draft draft = where(random, delete(random), equal);
        ColumnMetadata next = clustering.get(equal);
        int kind = random.nextInt(equal == 0 ? 8 : 9);
        String[] bounds = {" > ", " >= ", " < ", " <= "};
        if (kind < 4) {
            draft.add(" AND " + quoted(next) + bounds[kind]).marker(clusteringValue(random, equal));
        } else if (kind < 8) {
            draft.add(" AND " + quoted(next) + bounds[kind % 2]).marker(clusteringValue(random, equal));
            draft.add(" AND " + quoted(next) + bounds[2 + kind / 2 % 2]).marker(clusteringValue(random, equal));
        }
        return draft;
    }

    private Draft where(Random random, Draft draft, int clusteringColumns) {
        return key(random, " WHERE ", " AND ", draft, clusteringColumns);
    }

    private Draft key(Random random, String start, String separator, Draft draft, int clusteringColumns) {
        boolean named = !start.isEmpty();
        int partition = random.nextInt(PARTITIONS);
        draft.add(start);
        for (int i = 0; i < partitionKey.size(); i++) {
            ColumnMetadata column = partitionKey.get(i);
            draft.add(i == 0 ? "" : separator)
                    .add(named ? quoted(column) + " = " : "")
                    .marker(partitionValue(column, i, partition));
        }
        for (int i = 0; i < clusteringColumns; i++) {
            draft.add(separator)
                    .add(named ? quoted(clustering.get(i)) + " = " : "")
                    .marker(clusteringValue(random, i));
        }
        return draft;
    }

    private ByteBuffer partitionValue(ColumnMetadata column, int position, int partition) {
        Random fixed = new Random(seed * 31 + position * 1_000_003L + partition);
        return partitionKey.size() == 1
                ? values.keyBytes(column.getType(), fixed)
                : values.bytes(column.getType(), fixed);
    }

    private ByteBuffer clusteringValue(Random random, int position) {
        Random fixed = new Random(seed * 37 + position * 1_000_033L + random.nextInt(CLUSTERINGS));
        DataType type = clustering.get(position).getType();
        return table.isCompactStorage() ? values.keyBytes(type, fixed) : values.bytes(type, fixed);
    }

    private @Nullable Object cellOrNothing(Random random, ColumnMetadata column) {
        int choice = random.nextInt(10);
        return choice < 3 ? Unset.UNSET : choice == 3 ? null : values.cell(column.getType(), random);
    }

    private Object timestamp(Random random) {
        long micros = times.micros(random);
        return micros == WriteTimes.SERVER ? Unset.UNSET : (Object) micros;
    }

    private Object ttl(Random random) {
        int ttl = times.ttl(random);
        return ttl == WriteTimes.NO_TTL ? Unset.UNSET : (Object) ttl;
    }

    private String name() {
        return table.getKeyspace().asCql(true) + "." + table.getName().asCql(true);
    }

    private String quoted(ColumnMetadata column) {
        return column.getName().asCql(true);
    }
}
