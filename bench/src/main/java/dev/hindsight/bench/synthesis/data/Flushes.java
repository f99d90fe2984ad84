package dev.hindsight.bench.synthesis.data;

import dev.hindsight.bench.synthesis.data.DataSet.Table;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.apache.cassandra.db.Clustering;
import org.apache.cassandra.db.DeletionTime;
import org.apache.cassandra.db.LivenessInfo;
import org.apache.cassandra.db.marshal.CompositeType;
import org.apache.cassandra.db.marshal.Int32Type;
import org.apache.cassandra.db.marshal.UUIDType;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.db.rows.BTreeRow;
import org.apache.cassandra.db.rows.BufferCell;
import org.apache.cassandra.db.rows.Cell;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.schema.ColumnMetadata;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.utils.ByteBufferUtil;
import org.jspecify.annotations.Nullable;

/**
 * What the memtables of three replicas hold when they are flushed: partition by partition, as a function of partition,
 * replica and flush. Every row is written in one flush and, where that is its fate, changed in the next one (the last one
 * has both).
 */
abstract class Flushes {
    /** 2026-01-01; what is written later counts up from here. */
    static final long EPOCH_MICROS = 1_767_225_600_000_000L;

    /** How much later than the row its update or deletion was written. */
    static final long LATER_MICROS = 5_000_000;

    /** One replica flushes by so much of a flush earlier or later than the next. */
    private static final double CUT_SHIFT = 0.15;

    final TableMetadata table;
    final DataSet data;
    final Numbers numbers;
    private final int rows;

    Flushes(DataSet data, TableMetadata table, long seed) {
        this.data = data;
        this.table = table;
        this.numbers = new Numbers(seed);
        this.rows = data.shape().rowsPerPartition();
    }

    static Flushes of(DataSet data, TableMetadata table, long seed) {
        Table shape = data.shape();
        return switch (shape) {
            case SERIES -> new SeriesFlushes(data, table, seed);
            case PROFILES -> new ProfileFlushes(data, table, seed);
            case BASKETS -> new BasketFlushes(data, table, seed);
            case COUNTS -> new CountFlushes(data, table, seed);
        };
    }

    abstract ByteBuffer key(int partition);

    abstract Clustering<?> clustering(int row);

    /** Adds the row as it was first written. */
    abstract void write(Row.Builder to, int partition, int row, long micros);

    /** Adds what a later write to the row changed. */
    abstract void update(Row.Builder to, int partition, int row, long micros);

    /** Adds to a partition what is not a row. */
    void mark(PartitionUpdate.Builder to, int partition, int replica, int flush) {}

    /** The flush that has the first version of a row, from 0 to {@link DataSet#FLUSHES}; may be beyond both ends. */
    double flushOf(int partition, int row) {
        return (double) row / rows * DataSet.FLUSHES;
    }

    /** Null when the flush has nothing of the partition. */
    @Nullable
    PartitionUpdate partition(org.apache.cassandra.db.DecoratedKey key, int partition, int replica, int flush) {
        PartitionUpdate.Builder update =
                new PartitionUpdate.Builder(table, key, table.regularAndStaticColumns(), 16, false);
        boolean any = false;
        for (int row = 0; row < rows; row++) {
            int first = cut(flushOf(partition, row) + (replica - 1) * CUT_SHIFT);
            int second = cut(first + 1);
            if (first != flush && second != flush) {
                continue;
            }
            Fate fate = Fate.of(numbers.of(partition, row, 0), data.differing(), replica);
            long micros = writtenAt(partition, row);
            if (first == flush && fate.written()) {
                Row.Builder to = builder(row);
                write(to, partition, row, micros);
                update.add(to.build());
                any = true;
            }
            if (second == flush && (fate.updated() || fate.deleted())) {
                Row.Builder to = builder(row);
                if (fate.updated()) {
                    update(to, partition, row, micros + LATER_MICROS);
                } else {
                    to.addRowDeletion(Row.Deletion.regular(
                            DeletionTime.build(micros + LATER_MICROS, seconds(micros + LATER_MICROS))));
                }
                update.add(to.build());
                any = true;
            }
        }
        mark(update, partition, replica, flush);
        PartitionUpdate made = update.build();
        return any || !made.deletionInfo().isLive() ? made : null;
    }

    private Row.Builder builder(int row) {
        Row.Builder to = BTreeRow.unsortedBuilder();
        to.newRow(clustering(row));
        return to;
    }

    static int cut(double flush) {
        return (int) Math.max(0, Math.min(DataSet.FLUSHES - 1, Math.floor(flush)));
    }

    private static long writtenAt(int partition, int row) {
        return EPOCH_MICROS + row * 1_000_000L + partition * 37L % 900_000;
    }

    static long seconds(long micros) {
        return micros / 1_000_000;
    }

    ColumnMetadata column(String name) {
        return table.getExistingColumn(new org.apache.cassandra.cql3.ColumnIdentifier(name, true));
    }

    static void live(Row.Builder to, long micros) {
        to.addPrimaryKeyLivenessInfo(LivenessInfo.create(micros, seconds(micros)));
    }

    static Cell<?> cell(ColumnMetadata column, long micros, ByteBuffer value) {
        return BufferCell.live(column, micros, value);
    }

    static ByteBuffer uuid(long high, long low) {
        return UUIDType.instance.decompose(new UUID(
                Numbers.mix(high) & ~0xf000L | 0x4000L, Numbers.mix(low) & 0x3fffffffffffffffL | 0x8000000000000000L));
    }

    static ByteBuffer composite(ByteBuffer left, int right) {
        return CompositeType.build(
                org.apache.cassandra.db.marshal.ByteBufferAccessor.instance, left, Int32Type.instance.decompose(right));
    }

    static ByteBuffer text(String value) {
        return ByteBufferUtil.bytes(value);
    }
}
