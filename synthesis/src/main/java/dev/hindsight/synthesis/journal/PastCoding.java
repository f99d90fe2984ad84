package dev.hindsight.synthesis.journal;

import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.row.RowCursor;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.schema.DdlSchemas;
import dev.hindsight.codec.schema.DroppedColumn;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.codec.sstable.EncodingBase;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.TtlPolicy;
import dev.hindsight.synthesis.merge.PartitionMerge;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * How parts of partitions are coded by one version of the schema, and merged: each part is a partition by itself, under a key
 * of one byte that stands for any. One thread.
 */
final class PastCoding {
    /** Of the key that stands for any. */
    static final int KEY_BYTES = 3;

    private static final byte[] KEY = {0, 1, 0};

    final int version;
    final RowLayout layout;
    final Map<String, DroppedColumn> dropped;
    final UpdateReader reader;
    private final byte[] emptyStaticRow;
    private final byte[] numbers = new byte[2 * VInts.MAX_LENGTH + 12];

    PastCoding(int version, TableDefinition table) {
        TableSchema schema = DdlSchemas.tableSchema(table.name().keyspace(), table.types(), table.ddl());
        this.version = version;
        this.layout = JournalReplay.layout(schema, EncodingBase.TIMESTAMP_EPOCH);
        this.dropped = schema.dropped();
        this.reader = new UpdateReader(layout, dropped);
        this.emptyStaticRow = layout.statics().size() > 0 ? reader.emptyStaticRow() : new byte[0];
    }

    boolean hasStatics() {
        return emptyStaticRow.length > 0;
    }

    /** Begins anew in an arena, with the key. */
    static void key(Arena into) {
        into.clear();
        into.append(KEY, 0, KEY_BYTES);
    }

    /** Begins a partition in an arena. */
    void head(Arena into, long deletedAt, long deletionTime) {
        key(into);
        if (deletedAt == RowFormat.NO_TIMESTAMP) {
            into.append(0x80);
            return;
        }
        VInts.putLong8(numbers, 0, deletedAt);
        VInts.putInt4(numbers, 8, (int) deletionTime);
        into.append(numbers, 0, 12);
    }

    /** Where there is no static row, but room for one. */
    void noStaticRow(Arena into) {
        into.append(emptyStaticRow, 0, emptyStaticRow.length);
    }

    /** Of a cursor that stands at the static row. */
    boolean isEmptyStaticRow(RowCursor cursor) {
        int length = emptyStaticRow.length;
        return length == 0
                || Arrays.equals(cursor.bytes, cursor.bodyEnd - length, cursor.bodyEnd, emptyStaticRow, 0, length);
    }

    /** A bound of a range tombstone; only one that opens or closes alone. */
    void marker(
            Arena into,
            int kind,
            byte[] clustering,
            int at,
            int length,
            int values,
            long deletedAt,
            long deletionTime) {
        int p = VInts.putUnsigned(numbers, 1, deletedAt - layout.header().base().minTimestamp());
        p = VInts.putUnsigned(
                numbers, p, (int) (deletionTime - layout.header().base().minLocalDeletionTime()));
        numbers[0] = 0;
        into.append(RowFormat.IS_MARKER);
        into.append(kind);
        into.append(values >> 8);
        into.append(values);
        into.append(clustering, at, length);
        // The size of the body: of one byte, as is the number of zero that the body begins with.
        into.append(p);
        into.append(numbers, 0, p);
    }

    static void end(Arena into) {
        into.append(RowFormat.END_OF_PARTITION);
    }

    static boolean isEmpty(Arena part) {
        return part.length == 1;
    }

    static RowCursor cursor(int index, RowLayout layout, Arena part) {
        Pieces all = new Pieces();
        all.add(1, part.length);
        return new RowCursor(index, layout, new Lane(part.bytes, all), TokenRanges.FULL);
    }

    /** What one comes to when the other is applied to it. */
    void merge(Arena one, Arena other, Arena into) {
        merge(List.of(cursor(0, layout, one), cursor(1, layout, other)), Map.of(), into);
    }

    /** What it is by this version's columns. */
    void adopt(Arena part, PastCoding of, Arena into) {
        merge(List.of(cursor(0, of.layout, part)), dropped, into);
    }

    private void merge(List<RowCursor> inputs, Map<String, DroppedColumn> gone, Arena into) {
        into.clear();
        new PartitionMerge(
                        inputs,
                        layout,
                        gone,
                        new PurgePolicy.KeepTombstones(),
                        new TtlPolicy.Keep(),
                        0,
                        TokenRanges.FULL,
                        new ArenaSink(into))
                .run();
    }
}
