package dev.hindsight.synthesis.cursor;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.row.RowCursor;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.row.RowWalker;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.codec.sstable.read.IndexCheck;
import dev.hindsight.codec.sstable.read.StoredBytes;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.CorruptInputException;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.Inspection;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.fetch.DataDigest;
import dev.hindsight.synthesis.fetch.FetchedInput;
import dev.hindsight.synthesis.fetch.FetchedInputs;
import dev.hindsight.synthesis.merge.DamagedInput;
import dev.hindsight.synthesis.merge.TableColumns;
import java.util.List;

/** Reads one SSTable from its first to its last cell, and holds it against its index and statistics. One thread. */
final class SSTableInspector {
    private final FetchedInput input;
    private final TableColumns columns;
    private final RowCursor cursor;
    private final RowWalker walker;
    private long rows;

    private SSTableInspector(FetchedInput input, TableColumns columns, RowCursor cursor) {
        this.input = input;
        this.columns = columns;
        this.cursor = cursor;
        this.walker = new RowWalker(cursor.layout);
    }

    static Inspection inspect(TableSchema table, InputSSTable input, Scratch scratch) {
        InputSSTable whole = new InputSSTable(input.origin(), input.descriptor(), input.components(), TokenRanges.FULL);
        DataDigest.verify(whole);
        try (FetchedInputs fetched = FetchedInputs.fetch(List.of(whole), scratch, SynthesisProgress.NONE)) {
            if (fetched.inputs().isEmpty()) {
                throw CorruptInputException.of(input, "there is no partition in it");
            }
            FetchedInput only = fetched.inputs().get(0);
            RowLayout layout = new RowLayout(only.header(), only.version().isSinceFive());
            TableColumns columns = new TableColumns(layout, table);
            RowCursor cursor =
                    new RowCursor(0, layout, only.window(fetched.windowBytes(), new StoredBytes()), TokenRanges.FULL);
            return new SSTableInspector(only, columns, cursor).read();
        } catch (MalformedException | DamagedInput e) {
            throw new CorruptInputException(input.origin(), input.descriptor(), String.valueOf(e.getMessage()), e);
        }
    }

    private Inspection read() {
        long partitions = 0;
        long first = 0;
        IndexCheck index = new IndexCheck(input.openIndex());
        while (cursor.nextPartition()) {
            index.partition(cursor.token, cursor.partitionPosition());
            first = partitions == 0 ? cursor.token : first;
            partitions++;
            if (cursor.kind == RowFormat.STATIC_CLUSTERING) {
                walk(true);
            }
            while (cursor.next()) {
                if (cursor.kind == RowFormat.CLUSTERING && walk(false)) {
                    rows++;
                }
            }
        }
        index.end();
        if (partitions != input.partitions()) {
            throw CorruptInputException.of(
                    input.input(),
                    "its data has " + partitions + " partitions but its statistics " + input.partitions());
        }
        return new Inspection(input.input().descriptor(), partitions, rows, first, cursor.token);
    }

    /** Every cell; gives whether the row has anything but cells of dropped columns. */
    private boolean walk(boolean isStatic) {
        try {
            walker.start(isStatic, cursor.flags, cursor.extendedFlags, cursor.bytes, cursor.bodyAt, cursor.bodyEnd);
            boolean something =
                    walker.timestamp != RowFormat.NO_TIMESTAMP || walker.deletedAt != RowFormat.NO_TIMESTAMP;
            while (walker.nextColumn()) {
                if (walker.complex) {
                    something |= columns.has(isStatic, walker.column, walker.complexDeletedAt);
                    while (walker.nextCell()) {
                        something |= columns.has(isStatic, walker.column, walker.cellTimestamp);
                    }
                } else {
                    something |= columns.has(isStatic, walker.column, walker.cellTimestamp);
                }
            }
            walker.finish(true);
            return something;
        } catch (MalformedException | IndexOutOfBoundsException e) {
            throw new MalformedException(cursor.where() + ": " + e.getMessage(), e);
        }
    }
}
