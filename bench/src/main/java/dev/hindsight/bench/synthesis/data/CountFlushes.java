package dev.hindsight.bench.synthesis.data;

import java.nio.ByteBuffer;
import org.apache.cassandra.db.Clustering;
import org.apache.cassandra.db.context.CounterContext;
import org.apache.cassandra.db.marshal.Int32Type;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.schema.ColumnMetadata;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.utils.CounterId;

/** Counters with a shard of each of three nodes; an update counts one shard on. */
final class CountFlushes extends Flushes {
    private final ColumnMetadata[] columns;

    CountFlushes(DataSet data, TableMetadata table, long seed) {
        super(data, table, seed);
        columns = new ColumnMetadata[] {column("views"), column("clicks"), column("errors")};
    }

    @Override
    ByteBuffer key(int partition) {
        return uuid(partition + 21L, partition + 22L);
    }

    @Override
    Clustering<?> clustering(int row) {
        return Clustering.make(Int32Type.instance.decompose(row));
    }

    @Override
    void write(Row.Builder to, int partition, int row, long micros) {
        for (int i = 0; i < columns.length; i++) {
            long drawn = numbers.of(partition, row, 1 + i);
            ByteBuffer sum = shard(0, micros, drawn & 0xfff);
            for (int node = 1; node < DataSet.REPLICAS; node++) {
                sum = CounterContext.instance().merge(sum, shard(node, micros, drawn >>> 12 * node & 0xfff));
            }
            to.addCell(cell(columns[i], micros, sum));
        }
    }

    @Override
    void update(Row.Builder to, int partition, int row, long micros) {
        long drawn = numbers.of(partition, row, 1);
        to.addCell(cell(columns[0], micros, shard((int) (drawn >>> 50 & 1), micros, 1 + (drawn & 0xfff))));
    }

    /** The clock of a shard is the time of its last change. */
    private static ByteBuffer shard(int node, long micros, long count) {
        return CounterContext.instance().createGlobal(CounterId.fromInt(node + 1), micros, count);
    }
}
