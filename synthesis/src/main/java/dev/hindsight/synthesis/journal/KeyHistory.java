package dev.hindsight.synthesis.journal;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.Tokens;
import dev.hindsight.codec.commitlog.UnknownSchemaException;
import dev.hindsight.codec.row.RowCursor;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.schema.DdlSchemas;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.codec.sstable.EncodingBase;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.TtlPolicy;
import dev.hindsight.synthesis.cursor.ContentScan;
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
 * expired. The partition is held in memory; each update costs a pass over it. One thread.
 */
public final class KeyHistory {
    /** A partition that is larger had better be restored to an instant and looked at there. */
    public static final int MOST_BYTES = 256 << 20;

    private final TableDefinition table;
    private final byte[] key;
    private final UpdateReader reader;
    private final RowLayout layout;
    private final Batch batch;
    private final RowReader rows;
    private Arena state = new Arena(1 << 10);
    private Arena next = new Arena(1 << 10);

    /**
     * @param table by whose columns everything is understood; dropped columns are not shown
     * @param key serialised partition key
     */
    public KeyHistory(TableDefinition table, byte[] key) {
        TableSchema schema = DdlSchemas.tableSchema(table.name().keyspace(), table.types(), table.ddl());
        this.table = table;
        this.key = key.clone();
        this.layout = JournalReplay.layout(schema, EncodingBase.TIMESTAMP_EPOCH);
        this.reader = new UpdateReader(layout, schema.dropped());
        this.batch = new Batch(reader, 1 << 16, 2);
        this.rows = new RowReader(layout);
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
        PartitionTap tap = new PartitionTap(key);
        ContentScan.run(table, inputs, 0, tap, scratch);
        if (tap.hasPartition()) {
            merge(List.of(cursor(0, tap.layout(), tap.content())));
        }
    }

    /** Everything that is known of the partition now, tombstones of rows and cells included. */
    public List<RowState> rows() {
        List<RowState> out = new ArrayList<>();
        PartitionWalk walk = new PartitionWalk(cursor(0, layout, state), rows);
        walk.staticRow().ifPresent(out::add);
        while (walk.nextRow()) {
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
            return new KeyChange(update.number, deletion, List.of(), List.of());
        }
        batch.clear();
        batch.add(update);
        merge(List.of(cursor(0, layout, state), batch.cursor(1)));
        // What was the state lies in the other arena until the next merge.
        List<KeyChange.Range> ranges = new ArrayList<>();
        List<KeyChange.RowChange> changes = new ArrayList<>();
        compare(
                new PartitionWalk(cursor(0, layout, next), rows),
                new PartitionWalk(cursor(0, layout, state), rows),
                new PartitionWalk(batch.cursor(0), rows),
                ranges,
                changes);
        return new KeyChange(update.number, deletion, ranges, changes);
    }

    private void merge(List<RowCursor> inputs) {
        next.clear();
        new PartitionMerge(
                        inputs,
                        layout,
                        Map.of(),
                        new PurgePolicy.KeepTombstones(),
                        new TtlPolicy.Keep(),
                        0,
                        TokenRanges.FULL,
                        new ArenaSink(next))
                .run();
        if (next.length > MOST_BYTES) {
            throw new UnsupportedException(
                    "the partition has more than " + MOST_BYTES + " bytes, too many to follow it update by update",
                    "restore the table to the instants in question instead");
        }
        Arena swap = state;
        state = next;
        next = swap;
    }

    private static RowCursor cursor(int index, RowLayout layout, Arena content) {
        Pieces all = new Pieces();
        all.add(1, content.length);
        return new RowCursor(index, layout, new Lane(content.bytes, all), TokenRanges.FULL);
    }

    private static void compare(
            PartitionWalk before,
            PartitionWalk after,
            PartitionWalk said,
            List<KeyChange.Range> ranges,
            List<KeyChange.RowChange> changes) {
        add(said.staticRow(), before.staticRow(), after.staticRow(), changes);
        before.nextRow();
        after.nextRow();
        said.nextRow(ranges);
        PartitionWalk first = PartitionWalk.first(said, before, after);
        while (first.atRow()) {
            boolean inSaid = said.isWith(first);
            boolean inBefore = before.isWith(first);
            boolean inAfter = after.isWith(first);
            if (inSaid || inBefore != inAfter || !before.hasBytesOf(after)) {
                add(
                        inSaid ? Optional.of(said.row()) : Optional.empty(),
                        inBefore ? Optional.of(before.row()) : Optional.empty(),
                        inAfter ? Optional.of(after.row()) : Optional.empty(),
                        changes);
            }
            if (inSaid) {
                said.nextRow(ranges);
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

    private static void add(
            Optional<RowState> said,
            Optional<RowState> before,
            Optional<RowState> after,
            List<KeyChange.RowChange> changes) {
        if (said.isPresent() || !before.equals(after)) {
            changes.add(new KeyChange.RowChange(said, before, after));
        }
    }
}
