package dev.hindsight.oracle;

import dev.hindsight.oracle.Write.CellWrite;
import dev.hindsight.oracle.Write.Deletion;
import dev.hindsight.oracle.Write.Liveness;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.cassandra.db.LivenessInfo;
import org.apache.cassandra.db.context.CounterContext;
import org.apache.cassandra.db.marshal.AbstractType;
import org.apache.cassandra.db.marshal.ByteBufferAccessor;
import org.apache.cassandra.db.marshal.BytesType;
import org.apache.cassandra.db.marshal.CompositeType;
import org.apache.cassandra.db.marshal.ListType;
import org.apache.cassandra.db.marshal.MapType;
import org.apache.cassandra.db.marshal.SetType;
import org.apache.cassandra.db.marshal.TimeUUIDType;
import org.apache.cassandra.db.marshal.UTF8Type;
import org.apache.cassandra.db.marshal.UserType;
import org.apache.cassandra.db.rows.Cell;
import org.apache.cassandra.schema.ColumnMetadata;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.utils.ByteBufferUtil;
import org.apache.cassandra.utils.CounterId;
import org.jspecify.annotations.Nullable;

/**
 * Seeded writes to any table, by the odds of a case. Partitions and ranges are never deleted at negative times: versions
 * oa and da of Cassandra write such a deletion wrong and cannot read it again ({@code DeletionTime.Serializer} 5.0.9).
 */
final class WriteGenerator {
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

    /** Odds in percent. */
    record Odds(
            int partitions,
            int clusterings,
            int timestamps,
            long timestampBase,
            int liveness,
            int ttl,
            boolean longTtl,
            int cellTombstone,
            int rowDeletion,
            int range,
            int partitionDeletion,
            int staticRow,
            int columnPresent,
            int ownTimes,
            int largeValue,
            boolean oddTimes) {
        static Odds draw(Random random, boolean wide) {
            return new Odds(
                    wide ? 1 + random.nextInt(2) : pick(random, 1, 3, 12, 60, 400),
                    wide ? 2000 : pick(random, 2, 5, 30, 1000),
                    pick(random, 1, 3, 40, 100_000),
                    random.nextInt(6) == 0 ? pick(random, 0, -50, 1_700_000_000) : ShapeGenerator.EPOCH_MICROS,
                    pick(random, 0, 50, 100),
                    pick(random, 0, 0, 25, 100),
                    random.nextInt(4) == 0,
                    pick(random, 0, 2, 15, 60),
                    pick(random, 0, 0, 3, 20),
                    pick(random, 0, 0, 5, 40),
                    pick(random, 0, 0, 2, 20),
                    pick(random, 0, 10, 30, 95),
                    pick(random, 20, 70, 100),
                    pick(random, 0, 0, 30, 100),
                    wide ? 30 : pick(random, 0, 0, 0, 3),
                    random.nextInt(12) == 0);
        }

        private static int pick(Random random, int... of) {
            return of[random.nextInt(of.length)];
        }
    }

    private final TableMetadata table;
    private final Odds odds;
    private final Random random;
    private final long seed;
    private final Map<String, TreeSet<ByteBuffer>> canonical;

    /**
     * @param canonical by column, the values that were used: of those that compare as equal but differ in their bytes
     *     (decimals, tuples with nulls at their end) only the first is, since which one Cassandra's merge keeps is an
     *     accident of its heap
     * @param seed of keys, which are the same in all generations of a table
     */
    WriteGenerator(
            TableMetadata table, Odds odds, Random random, long seed, Map<String, TreeSet<ByteBuffer>> canonical) {
        this.canonical = canonical;
        this.table = table;
        this.odds = odds;
        this.random = random;
        this.seed = seed;
    }

    Write next() {
        ByteBuffer key = partitionKey(random.nextInt(odds.partitions()));
        boolean clustered = !table.clusteringColumns().isEmpty();
        if (chance(odds.partitionDeletion())) {
            return new Write.PartitionDeletion(key, Math.max(0, timestamp()), deletedAt());
        }
        if (clustered && chance(odds.range())) {
            return range(key);
        }
        if (table.hasStaticColumns() && (chance(odds.staticRow()) || table.isStaticCompactTable())) {
            return row(key, null);
        }
        return row(key, clustered ? clustering() : List.of());
    }

    private boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    private ByteBuffer partitionKey(int number) {
        Random ofKey = new Random(seed ^ number * 31L);
        List<ColumnMetadata> columns = table.partitionKeyColumns();
        if (columns.size() == 1) {
            return AnyValues.full(columns.get(0).type, ofKey);
        }
        ByteBuffer[] values = new ByteBuffer[columns.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = AnyValues.value(columns.get(i).type, ofKey);
        }
        return CompositeType.build(ByteBufferAccessor.instance, values);
    }

    private List<ByteBuffer> clustering() {
        List<ByteBuffer> out = new ArrayList<>();
        int each = Math.max(2, (int) Math.ceil(
                Math.pow(odds.clusterings(), 1.0 / table.clusteringColumns().size())));
        for (ColumnMetadata column : table.clusteringColumns()) {
            out.add(clusteringValue(column, random.nextInt(each)));
        }
        return out;
    }

    private ByteBuffer clusteringValue(ColumnMetadata column, int number) {
        return canonical(column, column.type, AnyValues.value(column.type, new Random(seed + number * 7919L)));
    }

    private ByteBuffer canonical(ColumnMetadata column, AbstractType<?> type, ByteBuffer value) {
        TreeSet<ByteBuffer> used = canonical.computeIfAbsent(column.name.toString(), name -> new TreeSet<>(type));
        ByteBuffer equal = used.floor(value);
        if (equal != null && type.compare(equal, value) == 0) {
            return equal;
        }
        used.add(value);
        return value;
    }

    private Write range(ByteBuffer key) {
        int columns = table.clusteringColumns().size();
        List<ByteBuffer> one = clustering();
        List<ByteBuffer> other = new ArrayList<>(one);
        int common = random.nextInt(columns + 1);
        List<ByteBuffer> fresh = clustering();
        for (int i = common; i < columns; i++) {
            other.set(i, fresh.get(i));
        }
        int left = random.nextInt(5) == 0 ? random.nextInt(columns + 1) : Math.max(1, random.nextInt(columns + 1));
        int right = random.nextInt(5) == 0 ? random.nextInt(columns + 1) : Math.max(1, random.nextInt(columns + 1));
        boolean forward = compare(one, other) <= 0;
        List<ByteBuffer> start = (forward ? one : other).subList(0, left);
        List<ByteBuffer> end = (forward ? other : one).subList(0, right);
        return new Write.RangeDeletion(
                key,
                List.copyOf(start),
                left == 0 || random.nextBoolean(),
                List.copyOf(end),
                right == 0 || random.nextBoolean(),
                Math.max(0, timestamp()),
                deletedAt());
    }

    private int compare(List<ByteBuffer> one, List<ByteBuffer> other) {
        for (int i = 0; i < one.size(); i++) {
            int order = table.clusteringColumns().get(i).type.compare(one.get(i), other.get(i));
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    private Write row(ByteBuffer key, @Nullable List<ByteBuffer> clustering) {
        boolean isStatic = clustering == null;
        long timestamp = timestamp();
        int ttl = !table.isCounter() && chance(odds.ttl()) ? ttl() : 0;
        long expires = expiry(random.nextInt(100_000), ttl);
        Deletion deletion = null;
        if (!isStatic && chance(odds.rowDeletion())) {
            deletion = new Deletion(timestamp(), deletedAt(), odds.oddTimes() && random.nextInt(4) == 0);
            if (random.nextBoolean()) {
                return new Write.RowWrite(key, clustering, null, deletion, List.of());
            }
        }
        Liveness liveness = null;
        if (!isStatic && !table.isCounter() && chance(odds.liveness())) {
            liveness = odds.oddTimes() && random.nextInt(6) == 0
                    ? new Liveness(timestamp, LivenessInfo.EXPIRED_LIVENESS_TTL, deletedAt())
                    : new Liveness(timestamp, ttl, ttl == 0 ? LivenessInfo.NO_EXPIRATION_TIME : expires);
        }
        List<CellWrite> cells = new ArrayList<>();
        for (ColumnMetadata column : isStatic ? table.staticColumns() : table.regularColumns()) {
            if (!chance(odds.columnPresent())) {
                continue;
            }
            if (chance(odds.ownTimes())) {
                int own = !table.isCounter() && chance(odds.ttl()) ? ttl() : 0;
                cells(column, timestamp(), own, expiry(random.nextInt(100_000), own), cells);
            } else {
                cells(column, timestamp, ttl, expires, cells);
            }
        }
        return new Write.RowWrite(key, clustering, liveness, deletion, List.copyOf(cells));
    }

    /** In every fourth case one of three times, however long the TTL, so that it alone has to break ties. */
    private long expiry(int age, int ttl) {
        return seed % 4 == 3 ? RandomWrites.NOW + 1_000L * (ttl % 3) : (long) RandomWrites.NOW - age + ttl;
    }

    private int ttl() {
        return odds.longTtl() ? 1 + random.nextInt(630_720_000) : 1 + random.nextInt(200_000);
    }

    private void cells(ColumnMetadata column, long timestamp, int ttl, long expires, List<CellWrite> out) {
        String name = column.name.toString();
        if (column.type.isCounter()) {
            out.add(
                    chance(odds.cellTombstone() / 3)
                            ? new CellWrite(name, null, EMPTY, timestamp, 0, deletedAt())
                            : new CellWrite(name, null, counter(), timestamp, 0, Cell.NO_DELETION_TIME));
            return;
        }
        if (!column.isComplex()) {
            out.add(cell(name, null, value(column.type), timestamp, ttl, expires));
            return;
        }
        int kind = random.nextInt(10);
        if (kind < 5) {
            out.add(new CellWrite(name, null, null, Math.max(Long.MIN_VALUE + 1, timestamp - 1), 0, deletedAt()));
        }
        if (kind == 0) {
            return;
        }
        TreeMap<Integer, CellWrite> elements = new TreeMap<>();
        for (int i = random.nextInt(random.nextInt(10) == 0 ? 60 : 5); i > 0; i--) {
            int path = random.nextInt(random.nextBoolean() ? 5 : 100);
            elements.put(path, element(column, name, timestamp, ttl, expires, path));
        }
        out.addAll(elements.values());
    }

    private CellWrite element(ColumnMetadata column, String name, long timestamp, int ttl, long expires, int number) {
        Random ofPath = new Random(seed + number);
        if (column.type instanceof UserType type) {
            int field = number % type.size();
            return cell(
                    name, ByteBufferUtil.bytes((short) field), value(type.fieldType(field)), timestamp, ttl, expires);
        }
        if (column.type instanceof SetType<?> type) {
            ByteBuffer path =
                    canonical(column, type.getElementsType(), AnyValues.value(type.getElementsType(), ofPath));
            return cell(name, path, EMPTY, timestamp, ttl, expires);
        }
        if (column.type instanceof MapType<?, ?> type) {
            return cell(
                    name,
                    canonical(column, type.getKeysType(), AnyValues.value(type.getKeysType(), ofPath)),
                    value(type.getValuesType()),
                    timestamp,
                    ttl,
                    expires);
        }
        ListType<?> type = (ListType<?>) column.type;
        return cell(
                name,
                AnyValues.full(TimeUUIDType.instance, ofPath),
                value(type.getElementsType()),
                timestamp,
                ttl,
                expires);
    }

    private CellWrite cell(
            String column, @Nullable ByteBuffer path, ByteBuffer value, long timestamp, int ttl, long expires) {
        if (chance(odds.cellTombstone())) {
            return new CellWrite(column, path, EMPTY, timestamp, 0, deletedAt());
        }
        return new CellWrite(column, path, value, timestamp, ttl, ttl == 0 ? Cell.NO_DELETION_TIME : expires);
    }

    private ByteBuffer value(AbstractType<?> type) {
        if ((type instanceof BytesType || type instanceof UTF8Type) && chance(odds.largeValue())) {
            int size = random.nextInt(40) == 0 ? random.nextInt(150_000) : 100 + random.nextInt(2_000);
            return random.nextBoolean() && type instanceof BytesType
                    ? EngineCase.bytes(size, random)
                    : UTF8Type.instance.decompose("text " + random.nextInt(9) + "x".repeat(size));
        }
        return AnyValues.value(type, random);
    }

    private ByteBuffer counter() {
        int globals = random.nextInt(4);
        int remotes = odds.oddTimes() ? random.nextInt(3) : globals == 0 ? 1 : 0;
        if (!odds.oddTimes()) {
            globals = Math.max(1, globals);
            remotes = 0;
        }
        CounterContext.ContextState state = CounterContext.ContextState.allocate(globals, 0, remotes);
        TreeMap<CounterId, Boolean> shards = new TreeMap<>();
        while (shards.size() < globals) {
            shards.put(CounterId.fromInt(random.nextInt(6)), true);
        }
        while (shards.size() < globals + remotes) {
            shards.putIfAbsent(CounterId.fromInt(random.nextInt(12)), false);
        }
        shards.forEach((id, global) -> {
            long clock = 1 + random.nextInt(odds.timestamps() == 1 ? 3 : 50);
            long count = random.nextInt(1000) - 200;
            if (global) {
                state.writeGlobal(id, clock, count);
            } else {
                state.writeRemote(id, clock, count);
            }
        });
        return state.context;
    }

    private long timestamp() {
        if (odds.oddTimes() && random.nextInt(20) == 0) {
            return random.nextBoolean() ? Long.MAX_VALUE - random.nextInt(2) : Long.MIN_VALUE + 1 + random.nextInt(2);
        }
        return odds.timestampBase() + random.nextInt(odds.timestamps());
    }

    /**
     * Half of them older than ten days; a few in the future, where a clock was wrong. None after 2038: Cassandra 5.0.9 reads
     * a base after 2038 as a negative number ({@code EncodingStats.Serializer}), with which deletions become invalid, while
     * expiry survives.
     */
    private long deletedAt() {
        if (odds.oddTimes() && random.nextInt(8) == 0) {
            return random.nextInt(3) == 0 ? Integer.MAX_VALUE - 1L - random.nextInt(2) : RandomWrites.NOW + 1_000_000L;
        }
        return RandomWrites.NOW - random.nextInt(20 * 86_400);
    }
}
