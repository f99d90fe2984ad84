package dev.hindsight.bench.synthesis.data;

import java.nio.ByteBuffer;
import org.apache.cassandra.db.BufferClusteringBound;
import org.apache.cassandra.db.Clustering;
import org.apache.cassandra.db.DeletionTime;
import org.apache.cassandra.db.RangeTombstone;
import org.apache.cassandra.db.Slice;
import org.apache.cassandra.db.marshal.DoubleType;
import org.apache.cassandra.db.marshal.Int32Type;
import org.apache.cassandra.db.marshal.LongType;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.db.rows.BufferCell;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.schema.ColumnMetadata;
import org.apache.cassandra.schema.TableMetadata;

/** Sensors' readings: one partition a day, one row every 79 s; now and then a range of them deleted. */
final class SeriesFlushes extends Flushes {
    private static final long STEP_MILLIS = 79_000;
    private static final int DELETED_ROWS = 20;
    /** Far enough that nothing expires while it is measured: ten years. */
    private static final int TTL_SECONDS = 315_360_000;

    private final ColumnMetadata first;
    private final ColumnMetadata second;
    private final ColumnMetadata third;
    private final ColumnMetadata status;
    private final ColumnMetadata note;
    private final ColumnMetadata tag;
    private final boolean expiring;
    private final int partitionsPerRange;

    SeriesFlushes(DataSet data, TableMetadata table, long seed) {
        super(data, table, seed);
        first = column("v1");
        second = column("v2");
        third = column("v3");
        status = column("status");
        note = column("note");
        tag = column("tag");
        expiring = data == DataSet.TTL;
        partitionsPerRange = (int) Math.max(1, Math.round(2.5 / data.differing()));
    }

    @Override
    ByteBuffer key(int partition) {
        return composite(uuid(partition / 5 + 77, partition / 5 + 7777), 20_000 + partition % 5);
    }

    @Override
    Clustering<?> clustering(int row) {
        return Clustering.make(LongType.instance.decompose(timestamp(row)));
    }

    private static long timestamp(int row) {
        return EPOCH_MICROS / 1000 + row * STEP_MILLIS;
    }

    @Override
    void write(Row.Builder to, int partition, int row, long micros) {
        long drawn = numbers.of(partition, row, 1);
        if (!expiring) {
            live(to, micros);
        }
        // Values as a slow drift has them: neighbours share most of their digits.
        add(to, first, micros, DoubleType.instance.decompose(temperature(partition, row, drawn)));
        add(to, second, micros, DoubleType.instance.decompose(1000 + row % 97 + (drawn >>> 10 & 0xff) / 10.0));
        add(to, third, micros, DoubleType.instance.decompose((drawn >>> 18 & 0x1fff) / 10_000.0));
        add(to, status, micros, Int32Type.instance.decompose(state(drawn)));
        add(to, note, micros, text(Numbers.word(drawn >>> 40) + row % 7));
        add(to, tag, micros, text(Numbers.word(partition % 26)));
    }

    private static double temperature(int partition, int row, long drawn) {
        return 20 + partition % 17 + row % 50 / 10.0 + (drawn & 0x1f) / 100.0;
    }

    private static int state(long drawn) {
        return (drawn >>> 31 & 0x7f) < 120 ? 0 : (int) (drawn >>> 38 & 7);
    }

    @Override
    void update(Row.Builder to, int partition, int row, long micros) {
        long drawn = numbers.of(partition, row, 1);
        add(to, first, micros, DoubleType.instance.decompose(temperature(partition, row, drawn) + 1));
        add(to, status, micros, Int32Type.instance.decompose(state(drawn) + 1));
    }

    private void add(Row.Builder to, ColumnMetadata column, long micros, ByteBuffer value) {
        to.addCell(
                expiring
                        ? BufferCell.expiring(column, micros, TTL_SECONDS, seconds(micros), value)
                        : cell(column, micros, value));
    }

    @Override
    void mark(PartitionUpdate.Builder to, int partition, int replica, int flush) {
        if (partition % partitionsPerRange == 0 && flush == DataSet.FLUSHES / 2 + 1) {
            int row = data.shape().rowsPerPartition() / 2;
            long micros = EPOCH_MICROS + row * 1_000_000L + 2 * LATER_MICROS;
            to.add(new RangeTombstone(
                    Slice.make(
                            BufferClusteringBound.inclusiveStartOf(LongType.instance.decompose(timestamp(row))),
                            BufferClusteringBound.exclusiveEndOf(
                                    LongType.instance.decompose(timestamp(row + DELETED_ROWS)))),
                    DeletionTime.build(micros, seconds(micros))));
        }
    }
}
