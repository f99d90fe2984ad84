package dev.hindsight.oracle;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.apache.cassandra.db.BufferClusteringBound;
import org.apache.cassandra.db.Clustering;
import org.apache.cassandra.db.DecoratedKey;
import org.apache.cassandra.db.DeletionTime;
import org.apache.cassandra.db.LivenessInfo;
import org.apache.cassandra.db.RangeTombstone;
import org.apache.cassandra.db.Slice;
import org.apache.cassandra.db.context.CounterContext;
import org.apache.cassandra.db.marshal.AbstractType;
import org.apache.cassandra.db.marshal.BooleanType;
import org.apache.cassandra.db.marshal.BytesType;
import org.apache.cassandra.db.marshal.CompositeType;
import org.apache.cassandra.db.marshal.DoubleType;
import org.apache.cassandra.db.marshal.Int32Type;
import org.apache.cassandra.db.marshal.ListType;
import org.apache.cassandra.db.marshal.LongType;
import org.apache.cassandra.db.marshal.MapType;
import org.apache.cassandra.db.marshal.SetType;
import org.apache.cassandra.db.marshal.TimeUUIDType;
import org.apache.cassandra.db.marshal.TimestampType;
import org.apache.cassandra.db.marshal.TupleType;
import org.apache.cassandra.db.marshal.UTF8Type;
import org.apache.cassandra.db.marshal.UUIDType;
import org.apache.cassandra.db.marshal.UserType;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.db.rows.BTreeRow;
import org.apache.cassandra.db.rows.BufferCell;
import org.apache.cassandra.db.rows.Cell;
import org.apache.cassandra.db.rows.CellPath;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.schema.ColumnMetadata;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.serializers.CollectionSerializer;
import org.apache.cassandra.utils.CounterId;

/**
 * Seeded random writes to any table: inserts, updates, TTLs and deletions of every kind, with few keys and few distinct
 * timestamps so that they meet.
 */
final class RandomWrites {
    /** Snapshot instant of all tests: 2026-01-01. */
    static final int NOW = 1_767_225_600;

    private final TableMetadata table;
    private final Random random;
    private final int partitions;

    RandomWrites(TableMetadata table, long seed, int partitions) {
        this.table = table;
        this.random = new Random(seed);
        this.partitions = partitions;
    }

    PartitionUpdate next() {
        DecoratedKey key = table.partitioner.decorateKey(partitionKey(random.nextInt(partitions)));
        if (random.nextInt(60) == 0) {
            return PartitionUpdate.fullPartitionDelete(table, key, timestamp(), deletedAt());
        }
        PartitionUpdate.Builder update = new PartitionUpdate.Builder(table, key, table.regularAndStaticColumns(), 4);
        boolean clustered = !table.clusteringColumns().isEmpty();
        if (clustered && random.nextInt(15) == 0) {
            update.add(rangeTombstone());
            return update.build();
        }
        if (table.hasStaticColumns() && random.nextInt(4) == 0) {
            update.add(row(Clustering.STATIC_CLUSTERING));
            return update.build();
        }
        update.add(row(clustered ? clustering() : Clustering.EMPTY));
        return update.build();
    }

    private ByteBuffer partitionKey(int number) {
        Random ofKey = new Random(number);
        List<ByteBuffer> values = new ArrayList<>();
        for (ColumnMetadata column : table.partitionKeyColumns()) {
            values.add(value(column.type, ofKey));
        }
        return values.size() == 1
                ? values.get(0)
                : CompositeType.build(
                        org.apache.cassandra.db.marshal.ByteBufferAccessor.instance, values.toArray(new ByteBuffer[0]));
    }

    private Clustering<?> clustering() {
        ByteBuffer[] values = new ByteBuffer[table.clusteringColumns().size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = value(table.clusteringColumns().get(i).type, new Random(random.nextInt(6)));
        }
        return Clustering.make(values);
    }

    private RangeTombstone rangeTombstone() {
        int length = 1 + random.nextInt(table.clusteringColumns().size());
        ByteBuffer[] left = new ByteBuffer[length];
        ByteBuffer[] right = new ByteBuffer[length];
        for (int i = 0; i < length; i++) {
            AbstractType<?> type = table.clusteringColumns().get(i).type;
            left[i] = value(type, new Random(random.nextInt(6)));
            right[i] = i + 1 < length ? left[i] : value(type, new Random(random.nextInt(6)));
        }
        if (table.comparator.compare(
                        BufferClusteringBound.inclusiveStartOf(left), BufferClusteringBound.inclusiveEndOf(right))
                > 0) {
            ByteBuffer[] swap = left;
            left = right;
            right = swap;
        }
        Slice slice = Slice.make(
                random.nextBoolean() || length == 1
                        ? BufferClusteringBound.inclusiveStartOf(left)
                        : BufferClusteringBound.exclusiveStartOf(left),
                BufferClusteringBound.inclusiveEndOf(right));
        return new RangeTombstone(slice, DeletionTime.build(timestamp(), deletedAt()));
    }

    private Row row(Clustering<?> clustering) {
        boolean isStatic = clustering == Clustering.STATIC_CLUSTERING;
        Row.Builder row = BTreeRow.unsortedBuilder();
        row.newRow(clustering);
        long timestamp = timestamp();
        if (!isStatic && random.nextInt(12) == 0) {
            row.addRowDeletion(Row.Deletion.regular(DeletionTime.build(timestamp, deletedAt())));
            return row.build();
        }
        int ttl = table.isCounter() || random.nextInt(4) != 0 ? 0 : 1 + random.nextInt(200_000);
        long writtenAt = NOW - random.nextInt(100_000);
        if (!isStatic && random.nextBoolean()) {
            row.addPrimaryKeyLivenessInfo(LivenessInfo.create(timestamp, ttl, writtenAt));
        }
        for (ColumnMetadata column : isStatic ? table.staticColumns() : table.regularColumns()) {
            if (random.nextInt(3) != 0) {
                column(row, column, timestamp, ttl, writtenAt);
            }
        }
        return row.build();
    }

    private void column(Row.Builder row, ColumnMetadata column, long timestamp, int ttl, long writtenAt) {
        if (column.type.isCounter()) {
            row.addCell(
                    random.nextInt(10) == 0
                            ? BufferCell.tombstone(column, timestamp, deletedAt())
                            : BufferCell.live(column, timestamp, counter()));
            return;
        }
        if (!column.isComplex()) {
            row.addCell(cell(column, timestamp, ttl, writtenAt, value(column.type, random), null));
            return;
        }
        if (random.nextInt(3) == 0) {
            row.addComplexDeletion(column, DeletionTime.build(timestamp - 1, deletedAt()));
        }
        TreeMap<Integer, Cell<?>> cells = new TreeMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            int path = random.nextInt(5);
            cells.put(path, element(column, timestamp, ttl, writtenAt, path));
        }
        cells.values().forEach(row::addCell);
    }

    private Cell<?> element(ColumnMetadata column, long timestamp, int ttl, long writtenAt, int path) {
        if (column.type instanceof UserType type) {
            int field = path % type.size();
            return cell(
                    column,
                    timestamp,
                    ttl,
                    writtenAt,
                    value(type.fieldType(field), random),
                    CellPath.create(org.apache.cassandra.utils.ByteBufferUtil.bytes((short) field)));
        }
        if (column.type instanceof SetType<?> type) {
            ByteBuffer element = value(type.getElementsType(), new Random(path));
            return cell(
                    column,
                    timestamp,
                    ttl,
                    writtenAt,
                    org.apache.cassandra.utils.ByteBufferUtil.EMPTY_BYTE_BUFFER,
                    CellPath.create(element));
        }
        if (column.type instanceof MapType<?, ?> type) {
            return cell(
                    column,
                    timestamp,
                    ttl,
                    writtenAt,
                    value(type.getValuesType(), random),
                    CellPath.create(value(type.getKeysType(), new Random(path))));
        }
        ListType<?> type = (ListType<?>) column.type;
        return cell(
                column,
                timestamp,
                ttl,
                writtenAt,
                value(type.getElementsType(), random),
                CellPath.create(value(TimeUUIDType.instance, new Random(path))));
    }

    private Cell<?> cell(
            ColumnMetadata column,
            long timestamp,
            int ttl,
            long writtenAt,
            ByteBuffer value,
            @org.jspecify.annotations.Nullable CellPath path) {
        if (random.nextInt(8) == 0) {
            return BufferCell.tombstone(column, timestamp, deletedAt(), path);
        }
        return ttl == 0
                ? BufferCell.live(column, timestamp, value, path)
                : BufferCell.expiring(column, timestamp, ttl, writtenAt, value, path);
    }

    private ByteBuffer counter() {
        ByteBuffer sum = CounterContext.instance()
                .createGlobal(CounterId.fromInt(random.nextInt(3)), 1 + random.nextInt(50), random.nextInt(1000));
        return CounterContext.instance()
                .merge(
                        sum,
                        CounterContext.instance()
                                .createGlobal(
                                        CounterId.fromInt(3 + random.nextInt(2)),
                                        1 + random.nextInt(50),
                                        random.nextInt(1000)));
    }

    private long timestamp() {
        return 1_700_000_000_000_000L + random.nextInt(40);
    }

    /** Half of them older than ten days. */
    private long deletedAt() {
        return NOW - random.nextInt(20 * 86_400);
    }

    static ByteBuffer value(AbstractType<?> reversed, Random random) {
        AbstractType<?> type = reversed.unwrap();
        if (type instanceof Int32Type) {
            return Int32Type.instance.decompose(random.nextInt(1000) - 500);
        }
        if (type instanceof LongType || type instanceof TimestampType) {
            return LongType.instance.decompose(random.nextLong());
        }
        if (type instanceof DoubleType) {
            return DoubleType.instance.decompose(random.nextGaussian());
        }
        if (type instanceof BooleanType) {
            return BooleanType.instance.decompose(random.nextBoolean());
        }
        if (type instanceof UUIDType) {
            return UUIDType.instance.decompose(new java.util.UUID(random.nextLong(), random.nextLong()));
        }
        if (type instanceof TimeUUIDType) {
            return UUIDType.instance.decompose(new java.util.UUID(
                    random.nextLong() & ~0xF000L | 0x1000L, random.nextLong() >>> 2 | 0x8000000000000000L));
        }
        if (type instanceof UTF8Type) {
            return UTF8Type.instance.decompose("t" + Long.toString(random.nextInt(1 << 20), 36));
        }
        if (type instanceof BytesType) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            return ByteBuffer.wrap(bytes);
        }
        if (type instanceof TupleType tuple) {
            ByteBuffer[] fields = new ByteBuffer[tuple.size()];
            for (int i = 0; i < fields.length; i++) {
                fields[i] = value(tuple.type(i), random);
            }
            return TupleType.buildValue(fields);
        }
        if (type instanceof SetType<?> set) {
            return CollectionSerializer.pack(List.of(value(set.getElementsType(), random)), 1);
        }
        if (type instanceof ListType<?> list) {
            return CollectionSerializer.pack(
                    List.of(value(list.getElementsType(), random), value(list.getElementsType(), random)), 2);
        }
        if (type instanceof MapType<?, ?> map) {
            return CollectionSerializer.pack(
                    List.of(value(map.getKeysType(), random), value(map.getValuesType(), random)), 1);
        }
        throw new IllegalArgumentException("no values of " + type);
    }
}
