package dev.hindsight.bench.synthesis.data;

import java.nio.ByteBuffer;
import org.apache.cassandra.db.Clustering;
import org.apache.cassandra.db.DeletionTime;
import org.apache.cassandra.db.marshal.Int32Type;
import org.apache.cassandra.db.marshal.LongType;
import org.apache.cassandra.db.rows.BufferCell;
import org.apache.cassandra.db.rows.CellPath;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.schema.ColumnMetadata;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.utils.TimeUUID;

/** A set, a map and a list in each row. */
final class BasketFlushes extends Flushes {
    private static final int ELEMENTS = 3;
    /** Of a coordinator that made the list's cells; any. */
    private static final long NODE = 0x8123_4567_89ab_cdefL;

    private final ColumnMetadata label;
    private final ColumnMetadata tags;
    private final ColumnMetadata properties;
    private final ColumnMetadata history;

    BasketFlushes(DataSet data, TableMetadata table, long seed) {
        super(data, table, seed);
        label = column("label");
        tags = column("tags");
        properties = column("properties");
        history = column("history");
    }

    @Override
    ByteBuffer key(int partition) {
        return uuid(partition + 11L, partition + 12L);
    }

    @Override
    Clustering<?> clustering(int row) {
        return Clustering.make(Int32Type.instance.decompose(row));
    }

    /** As INSERT does: what was in a collection before is deleted, one microsecond earlier. */
    @Override
    void write(Row.Builder to, int partition, int row, long micros) {
        long drawn = numbers.of(partition, row, 1);
        live(to, micros);
        to.addCell(cell(label, micros, text(Numbers.words(drawn, 2))));
        DeletionTime before = DeletionTime.build(micros - 1, seconds(micros));
        to.addComplexDeletion(tags, before);
        to.addComplexDeletion(properties, before);
        to.addComplexDeletion(history, before);
        for (int i = 0; i < ELEMENTS; i++) {
            tag(to, micros, i + Numbers.word(drawn >>> 8 * i));
            property(to, micros, i, Numbers.words(drawn + i, 2));
            entry(to, micros, i, drawn >>> 32);
        }
    }

    @Override
    void update(Row.Builder to, int partition, int row, long micros) {
        long drawn = numbers.of(partition, row, 3);
        property(to, micros, (int) (drawn & 3), Numbers.words(drawn, 2));
        entry(to, micros, 0, drawn >>> 32);
        if ((drawn & 4) != 0) {
            tag(to, micros, ELEMENTS + Numbers.word(drawn >>> 8));
        } else {
            long first = numbers.of(partition, row, 1);
            to.addCell(BufferCell.tombstone(
                    tags, micros, seconds(micros), CellPath.create(text(0 + Numbers.word(first)))));
        }
    }

    private void tag(Row.Builder to, long micros, String element) {
        to.addCell(BufferCell.live(
                tags,
                micros,
                org.apache.cassandra.utils.ByteBufferUtil.EMPTY_BYTE_BUFFER,
                CellPath.create(text(element))));
    }

    private void property(Row.Builder to, long micros, int number, String value) {
        to.addCell(BufferCell.live(
                properties, micros, text(value), CellPath.create(text("property-" + Numbers.word(number)))));
    }

    private void entry(Row.Builder to, long micros, int number, long value) {
        to.addCell(BufferCell.live(
                history,
                micros,
                LongType.instance.decompose(value),
                CellPath.create(
                        TimeUUID.atUnixMicrosWithLsb(micros + number, NODE).toBytes())));
    }
}
