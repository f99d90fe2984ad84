package dev.hindsight.synthesis.journal;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.commitlog.UnknownSchemaException;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.schema.ColumnSchema;
import dev.hindsight.codec.schema.DdlSchemas;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.codec.sstable.EncodingBase;
import dev.hindsight.codec.sstable.RowHeader;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.TableDefinition;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/**
 * Writes what journal records amount to as standard SSTables in scratch: {@link #add} sorted sequences of updates, then
 * {@link #finish}. The SSTables keep every tombstone and every TTL as written, and nothing expires, so that merging them
 * with whatever else a table has gives what applying the updates one by one gives. They may overlap.
 *
 * <p>The same updates give the same content in whatever sequences they come, and also when some come twice. Memory is that
 * of one batch, and a few times the largest update; the number of SSTables grows with the logarithm of what is replayed.
 *
 * <p>One thread, one use. Closing without {@link #finish} deletes what was written.
 */
public final class JournalReplay implements AutoCloseable {
    /**
     * From here, deltas of 32 bits reach every deletion time that any version can hold. One more would be as good, but
     * {@code EncodingStats.Serializer} 5.0.9 adds such a base up in 32 bits.
     */
    static final long MIDDLE_OF_DELETION_TIMES = Integer.MAX_VALUE;

    /**
     * @param batchBytes of updates that are merged at a time; a partition up to twice as large is kept in one piece
     * @param lanes that one merge reads, which are all in memory; at least 2
     * @param pieces that are merged to one when there are so many; at least 2
     * @param maxSSTableBytes an SSTable is closed at the first partition end past this many Data.db bytes
     */
    public record Limits(int batchBytes, int lanes, int pieces, long maxSSTableBytes) {
        public static final Limits STANDARD = new Limits(8 << 20, 512, 32, 4L << 30);
    }

    private final TokenRanges ranges;
    private final Limits limits;
    private final UpdateReader reader;
    private final Batch batch;
    private final ReplayOutput output;
    private byte[] lastKey = new byte[64];
    private int lastKeyLength;
    private long lastToken;
    private boolean hasLast;
    private long updates;
    private boolean finished;

    /**
     * @param table whose columns and dropped columns decide what of the updates is still data
     * @param ranges updates of other tokens are passed over
     * @param aboutMicros about when the updates were written; makes them short, and nothing else
     * @param directory below scratch, for this replay alone
     */
    public JournalReplay(
            TableDefinition table,
            TokenRanges ranges,
            long aboutMicros,
            Path directory,
            Limits limits,
            Scratch scratch) {
        TableSchema schema = DdlSchemas.tableSchema(table.name().keyspace(), table.types(), table.ddl());
        this.ranges = ranges;
        this.limits = limits;
        this.reader = new UpdateReader(layout(schema, aboutMicros), schema.dropped());
        this.batch = new Batch(reader, limits.batchBytes(), limits.lanes());
        this.output = new ReplayOutput(table, reader.layout, directory, limits, scratch);
    }

    static RowLayout layout(TableSchema table, long aboutMicros) {
        return new RowLayout(
                new RowHeader(
                        new EncodingBase(aboutMicros, MIDDLE_OF_DELETION_TIMES, 0),
                        table.partitionKeyType(),
                        table.clustering().stream().map(ColumnSchema::type).toList(),
                        table.statics(),
                        table.regulars()),
                true);
    }

    /**
     * Replays one sequence, sorted by token, key and number. To be called as often as there are sequences; fewer that were
     * {@link MergedUpdates merged} before make fewer SSTables. An update is used up before the next one is asked for.
     *
     * @throws CorruptUpdateException an update is wrong; names it
     * @throws UnsupportedException a column has changed its kind of type
     */
    public void add(Iterator<Update> sorted) {
        hasLast = false;
        while (sorted.hasNext()) {
            Update update = sorted.next();
            requireOrder(update);
            if (ranges.contains(update.token)) {
                add(update);
            }
        }
        flush();
        output.cut();
    }

    private void requireOrder(Update update) {
        int order = !hasLast || lastToken < update.token
                ? -1
                : lastToken > update.token
                        ? 1
                        : Arrays.compareUnsigned(
                                lastKey, 0, lastKeyLength, update.bytes, update.keyAt, update.keyAt + update.keyLength);
        if (order > 0) {
            throw new CorruptUpdateException(update, new MalformedException("it is not behind token " + lastToken));
        }
        if (order < 0) {
            if (lastKey.length < update.keyLength) {
                lastKey = new byte[2 * update.keyLength];
            }
            System.arraycopy(update.bytes, update.keyAt, lastKey, 0, update.keyLength);
            lastKeyLength = update.keyLength;
            lastToken = update.token;
            hasLast = true;
        }
    }

    private void add(Update update) {
        try {
            reader.read(update);
        } catch (MalformedException | UnknownSchemaException e) {
            throw new CorruptUpdateException(update, e);
        }
        updates++;
        if (reader.isEmpty()) {
            return;
        }
        boolean early = reader.deletedAt != RowFormat.NO_TIMESTAMP && reader.deletedAt < 0;
        boolean late = reader.latest > RowFormat.MAX_NB_DELETION_TIME;
        if (early && late) {
            throw new UnsupportedException(
                    "journal " + update + " deletes a partition at timestamp " + reader.deletedAt
                            + " and has an expiry after 2038-01-19, which no SSTable version can hold",
                    "delete the partition again with a positive timestamp, then restore to an instant after that");
        }
        boolean full =
                batch.bytes() >= limits.batchBytes() && !batch.isAt(update) || batch.bytes() / 2 >= limits.batchBytes();
        boolean unfit = early && !batch.takesEarlyDeletions() || late && batch.takesEarlyDeletions();
        if (full || unfit) {
            flush();
        }
        if (batch.isEmpty()) {
            output.cutBefore(update);
            if (early) {
                batch.takeEarlyDeletions();
            }
        }
        batch.add(update);
    }

    private void flush() {
        if (!batch.isEmpty()) {
            output.write(batch);
            batch.clear();
        }
    }

    /** How many updates were in the ranges. */
    public long updates() {
        return updates;
    }

    /** All SSTables; they are the caller's now. */
    public List<OutputSSTable> finish() {
        List<OutputSSTable> all = output.finish();
        finished = true;
        return all;
    }

    @Override
    public void close() {
        if (!finished) {
            output.discard();
        }
    }
}
