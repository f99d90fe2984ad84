package dev.hindsight.synthesis.journal;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.Tokens;
import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.commitlog.UnknownSchemaException;
import dev.hindsight.codec.row.RowCursor;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.schema.DdlSchemas;
import dev.hindsight.codec.schema.DroppedColumn;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.codec.sstable.EncodingBase;
import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.TtlPolicy;
import dev.hindsight.synthesis.cursor.ContentScan;
import dev.hindsight.synthesis.merge.DamagedInput;
import dev.hindsight.synthesis.merge.PartitionMerge;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Follows one partition through its updates: begins with what SSTables have of it, if any, then applies one update after the
 * other by Cassandra's reconciliation, and tells of each what the rows that it touched were before and are after it.
 *
 * <p>Nothing expires here: a cell keeps its expiry, and whoever shows it decides by the instant of the record whether it had
 * expired. The rows that are followed are held in memory, up to a limit; each update costs a pass over them. One thread.
 */
public final class KeyHistory {
    /**
     * How much is kept of a partition, and told of one change.
     *
     * @param bytes of the rows that are followed, tombstones included; a few times as many are needed in memory
     * @param rows that one change tells of, and ranges, the others are only counted
     */
    public record Limits(int bytes, int rows) {
        public static final Limits STANDARD = new Limits(32 << 20, 1000);
    }

    private final TableDefinition table;
    private final byte[] key;
    private final UpdateReader reader;
    private final RowLayout layout;
    private final Batch batch;
    private final RowReader rows;
    private final RowSlice slice;
    private final Limits limits;
    private final Map<String, DroppedColumn> dropped;
    private Arena state = new Arena(1 << 10);
    private Arena next = new Arena(1 << 10);

    /**
     * @param table by whose columns everything is understood; dropped columns are not shown
     * @param key serialised partition key
     */
    public KeyHistory(TableDefinition table, byte[] key) {
        this(table, key, List.of(), Limits.STANDARD);
    }

    /**
     * Of some rows of the partition alone, and of the static row, whose values a SELECT of any of them gives.
     *
     * @param prefix serialised values of the first clustering columns; none for all rows
     */
    public KeyHistory(TableDefinition table, byte[] key, List<byte[]> prefix, Limits limits) {
        TableSchema schema = DdlSchemas.tableSchema(table.name().keyspace(), table.types(), table.ddl());
        this.table = table;
        this.key = key.clone();
        this.layout = JournalReplay.layout(schema, EncodingBase.TIMESTAMP_EPOCH);
        this.reader = new UpdateReader(layout, schema.dropped());
        this.batch = new Batch(reader, 1 << 16, 2);
        this.rows = new RowReader(layout);
        this.slice = new RowSlice(layout.clusterings(), prefix);
        this.limits = limits;
        this.dropped = schema.dropped();
    }

    static CapacityException tooLarge(long mostBytes) {
        return new CapacityException(
                "the rows have more than " + (mostBytes >> 10)
                        + " KiB together, too many to follow them change by change",
                "name one row: a key with the clustering columns as well");
    }

    /** The one token that inputs have to be restricted to. */
    public static TokenRange rangeOf(byte[] key) {
        long token = Tokens.of(key);
        return new TokenRange(token - 1, token);
    }

    /**
     * Begins with what the inputs have of the partition; to be called before any update, or not at all.
     *
     * @param inputs restricted to {@link #rangeOf}
     * @throws dev.hindsight.synthesis.CorruptInputException an input is damaged; names it
     */
    public void begin(List<InputSSTable> inputs, Scratch scratch) {
        PartitionTap tap = new PartitionTap(key, slice, limits.bytes());
        ContentScan.run(table, inputs, 0, tap, scratch);
        if (tap.hasPartition()) {
            merge(List.of(cursor(0, tap.layout(), tap.content())), dropped);
        }
    }

    /**
     * Begins with what another one has come to, as this table's columns show it: what was dropped in between is gone. To be
     * called before any update.
     *
     * @param earlier of the same key and rows
     */
    public void begin(KeyHistory earlier) {
        merge(List.of(cursor(0, earlier.layout, earlier.state)), dropped);
    }

    /**
     * Begins with what rows were before a record, as {@link BeforeSink} was told; to be called before any update.
     *
     * @param parts all of one record, coded by the version of the schema that this one's table is of
     * @throws MalformedException a part is none
     */
    public void begin(List<byte[]> parts) {
        List<RowCursor> cursors = new ArrayList<>();
        byte[] length = new byte[2];
        VInts.putShort2(length, 0, key.length);
        for (byte[] part : parts) {
            Arena partition = new Arena(key.length + part.length + 3);
            partition.append(length, 0, 2);
            partition.append(key, 0, key.length);
            partition.append(part, 0, part.length);
            cursors.add(cursor(cursors.size(), layout, partition));
        }
        try {
            merge(cursors, Map.of());
        } catch (DamagedInput | IndexOutOfBoundsException e) {
            throw new MalformedException("what rows were before a record cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * What is different here from what another one has: rows that only a deletion, a schema or another source of the state
     * changed. The number is 0.
     *
     * @param earlier of the same key and rows
     */
    public KeyChange since(KeyHistory earlier) {
        Changes changes = new Changes(limits.rows());
        compare(
                new PartitionWalk(cursor(0, earlier.layout, earlier.state), earlier.rows, slice),
                new PartitionWalk(cursor(0, layout, state), rows, slice),
                new PartitionWalk(cursor(0, layout, new Arena(1)), rows, slice),
                changes);
        return changes.of(0, Optional.empty());
    }

    /** Forgets all that was begun with and applied. */
    public void clear() {
        state.clear();
    }

    /** What is known of the rows now, tombstones of rows and cells included; the first of them if there are many. */
    public List<RowState> rows() {
        List<RowState> out = new ArrayList<>();
        PartitionWalk walk = new PartitionWalk(cursor(0, layout, state), rows, slice);
        walk.staticRow().ifPresent(out::add);
        while (out.size() < limits.rows() && walk.nextRow()) {
            out.add(walk.row());
        }
        return out;
    }

    /**
     * Applies an update.
     *
     * @param update of the same key; in the order of numbers
     * @throws CorruptUpdateException it is wrong; nothing was applied
     * @throws UnsupportedException a partition deletion before 1970
     * @throws CapacityException there are more rows than the limits allow
     */
    public KeyChange apply(Update update) {
        if (!Arrays.equals(key, 0, key.length, update.bytes, update.keyAt, update.keyAt + update.keyLength)) {
            throw new IllegalArgumentException(update + " is of another key");
        }
        try {
            reader.read(update);
        } catch (MalformedException | UnknownSchemaException e) {
            throw new CorruptUpdateException(update, e);
        }
        if (reader.deletedAt != RowFormat.NO_TIMESTAMP && reader.deletedAt < 0) {
            throw new UnsupportedException(
                    "journal " + update + " deletes the partition at timestamp " + reader.deletedAt,
                    "restore the table to the instants in question instead");
        }
        Optional<RowState.Deletion> deletion = RowReader.deletion(reader.deletedAt, reader.deletionTime);
        if (reader.isEmpty()) {
            return new KeyChange(update.number, deletion, List.of(), List.of(), 0, 0);
        }
        batch.clear();
        batch.add(update);
        merge(List.of(cursor(0, layout, state), batch.cursor(1)), Map.of());
        // What was the state lies in the other arena until the next merge.
        Changes changes = new Changes(limits.rows());
        compare(
                new PartitionWalk(cursor(0, layout, next), rows, slice),
                new PartitionWalk(cursor(0, layout, state), rows, slice),
                new PartitionWalk(batch.cursor(0), rows, slice),
                changes);
        return changes.of(update.number, deletion);
    }

    private void merge(List<RowCursor> inputs, Map<String, DroppedColumn> gone) {
        next.clear();
        new PartitionMerge(
                        inputs,
                        layout,
                        gone,
                        new PurgePolicy.KeepTombstones(),
                        new TtlPolicy.Keep(),
                        0,
                        TokenRanges.FULL,
                        new SliceSink(next, layout, slice, limits.bytes()))
                .run();
        Arena swap = state;
        state = next;
        next = swap;
    }

    private static RowCursor cursor(int index, RowLayout layout, Arena content) {
        Pieces all = new Pieces();
        all.add(1, content.length);
        return new RowCursor(index, layout, new Lane(content.bytes, all), TokenRanges.FULL);
    }

    private static void compare(PartitionWalk before, PartitionWalk after, PartitionWalk said, Changes changes) {
        changes.add(said.staticRow(), before.staticRow(), after.staticRow());
        before.nextRow();
        after.nextRow();
        said.nextRow(changes::add);
        PartitionWalk first = PartitionWalk.first(said, before, after);
        while (first.atRow()) {
            boolean inSaid = said.isWith(first);
            boolean inBefore = before.isWith(first);
            boolean inAfter = after.isWith(first);
            if (inSaid || inBefore != inAfter || !before.hasBytesOf(after)) {
                if (changes.isFull()) {
                    changes.omittedRows++;
                } else {
                    changes.add(
                            inSaid ? Optional.of(said.row()) : Optional.empty(),
                            inBefore ? Optional.of(before.row()) : Optional.empty(),
                            inAfter ? Optional.of(after.row()) : Optional.empty());
                }
            }
            if (inSaid) {
                said.nextRow(changes::add);
            }
            if (inBefore) {
                before.nextRow();
            }
            if (inAfter) {
                after.nextRow();
            }
            first = PartitionWalk.first(said, before, after);
        }
    }

    /** What comes together of one change. */
    private static final class Changes {
        private final int most;
        private final List<KeyChange.Range> ranges = new ArrayList<>();
        private final List<KeyChange.RowChange> rows = new ArrayList<>();
        private long omittedRows;
        private long omittedRanges;

        Changes(int most) {
            this.most = most;
        }

        boolean isFull() {
            return rows.size() >= most;
        }

        void add(Optional<RowState> said, Optional<RowState> before, Optional<RowState> after) {
            if (said.isPresent() || !before.equals(after)) {
                rows.add(new KeyChange.RowChange(said, before, after));
            }
        }

        void add(KeyChange.Range range) {
            if (ranges.size() < most) {
                ranges.add(range);
            } else {
                omittedRanges++;
            }
        }

        KeyChange of(long number, Optional<RowState.Deletion> deletion) {
            return new KeyChange(number, deletion, ranges, rows, omittedRows, omittedRanges);
        }
    }
}
