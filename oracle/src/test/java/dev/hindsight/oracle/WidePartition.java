package dev.hindsight.oracle;

import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.OutputGroup;
import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.SynthesisResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.cassandra.db.Clustering;
import org.apache.cassandra.db.DecoratedKey;
import org.apache.cassandra.db.DeletionTime;
import org.apache.cassandra.db.SerializationHeader;
import org.apache.cassandra.db.marshal.Int32Type;
import org.apache.cassandra.db.rows.AbstractUnfilteredRowIterator;
import org.apache.cassandra.db.rows.BTreeRow;
import org.apache.cassandra.db.rows.BufferCell;
import org.apache.cassandra.db.rows.EncodingStats;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.db.rows.Rows;
import org.apache.cassandra.db.rows.Unfiltered;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.io.sstable.format.SSTableWriter;
import org.apache.cassandra.schema.ColumnMetadata;
import org.apache.cassandra.schema.TableMetadata;

/**
 * A process of its own with little heap: merges replicas of one partition that is larger than all its memory, into two
 * groups. Arguments: directory, rows, bytes per row. Fails with an exception, and so with a status other than 0.
 */
final class WidePartition {
    private WidePartition() {}

    public static void main(String[] args) {
        int rows = Integer.parseInt(args[1]);
        Replicas wide = new Replicas(Path.of(args[0]), Schemas.UNCOMPRESSED.definition());
        TableMetadata table = wide.table();
        List<InputSSTable> inputs = new ArrayList<>();
        for (int node = 0; node < 2; node++) {
            EncodingStats stats = new EncodingStats(7, RandomWrites.NOW, 0);
            SSTableWriter writer = SSTables.writer(
                    table,
                    Path.of(args[0]).resolve("wide" + node),
                    node == 0 ? "nb" : "da",
                    1,
                    new SerializationHeader(true, table, table.regularAndStaticColumns(), stats),
                    1);
            try (UnfilteredRowIterator partition = partition(table, node, rows, Integer.parseInt(args[2]), stats)) {
                writer.append(partition);
            }
            writer.finish(false);
            inputs.add(SSTables.input("node" + node, writer.descriptor, TokenRanges.FULL));
        }
        Replicas.Request request = wide.request();
        request.inputs = inputs;
        request.groups = List.of(new OutputGroup("a", TokenRanges.FULL), new OutputGroup("b", TokenRanges.FULL));
        SynthesisResult result = request.run();
        if (result.rows() != rows
                || result.outputs().size() != 2
                || !result.outputs().stream().map(OutputSSTable::rows).allMatch(count -> count == rows)) {
            throw new IllegalStateException("not " + rows + " rows: " + result);
        }
    }

    /** Every row of one node is also on the other, but every third value is newer on node 1. */
    private static UnfilteredRowIterator partition(
            TableMetadata table, int node, int rows, int bytes, EncodingStats stats) {
        DecoratedKey key = table.partitioner.decorateKey(Int32Type.instance.decompose(1));
        ColumnMetadata value = table.regularColumns().iterator().next();
        return new AbstractUnfilteredRowIterator(
                table, key, DeletionTime.LIVE, table.regularAndStaticColumns(), Rows.EMPTY_STATIC_ROW, false, stats) {
            private int next;

            @Override
            protected Unfiltered computeNext() {
                if (next == rows) {
                    return endOfData();
                }
                Row.Builder row = BTreeRow.unsortedBuilder();
                row.newRow(Clustering.make(Int32Type.instance.decompose(next)));
                row.addCell(BufferCell.live(
                        value,
                        next % 3 == 0 ? 7 + node : 7,
                        FetchTest.noise(next + (next % 3 == 0 ? node : 0), bytes)));
                next++;
                return row.build();
            }
        };
    }
}
