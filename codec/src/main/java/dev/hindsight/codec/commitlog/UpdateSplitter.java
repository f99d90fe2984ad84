package dev.hindsight.codec.commitlog;

import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.row.RowWalker;
import dev.hindsight.codec.schema.TableSchema;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/**
 * Splits serialised mutations into their updates: where each begins and ends, its key, and the greatest timestamp that
 * anything in it has. {@link #start}, then {@link #next} until it says no; what was found lies in the public fields until
 * then, as positions in the caller's array. One thread.
 *
 * <p>Cassandra's own {@code PartitionUpdate.maxTimestamp} (5.0.9) does not look at deletions of rows, so that a restore by it
 * loses what was deleted after the instant that was asked for. This looks at cells, liveness, and deletions of rows, ranges,
 * partitions and whole complex columns.
 */
public final class UpdateSplitter {
    private static final int TABLE_ID_BYTES = 16;

    public UUID tableId = new UUID(0, 0);
    public int updateAt;
    public int updateEnd;
    public int keyAt;
    public int keyLength;

    /** Microseconds; {@link RowFormat#NO_TIMESTAMP} of an update that is empty. */
    public long greatestTimestamp = RowFormat.NO_TIMESTAMP;

    private final MutationDecoder decoder;

    /** @param schemas by table id; of all tables that the mutations are of, as they were then */
    public UpdateSplitter(SegmentVersion version, Function<UUID, Optional<TableSchema>> schemas) {
        this.decoder = new MutationDecoder(version, schemas);
    }

    /** Begins a mutation. */
    public void start(byte[] in, int from, int length) {
        decoder.start(in, from, length);
    }

    /**
     * Goes to the next update.
     *
     * @throws dev.hindsight.codec.bytes.MalformedException the bytes are no mutation of these tables
     * @throws UnknownSchemaException a table or column is not known
     */
    public boolean next() {
        if (!decoder.nextUpdate()) {
            return false;
        }
        tableId = decoder.tableId;
        updateAt = decoder.updateAt;
        keyAt = decoder.keyAt;
        keyLength = decoder.keyLength;
        greatestTimestamp = decoder.deletedAt;
        while (decoder.next()) {
            if (decoder.kind == RowFormat.CLUSTERING || decoder.kind == RowFormat.STATIC_CLUSTERING) {
                row(decoder.row());
            } else {
                seen(decoder.closedDeletedAt);
                seen(decoder.openDeletedAt);
            }
        }
        updateEnd = decoder.updateEnd();
        return true;
    }

    private void row(RowWalker row) {
        seen(row.timestamp);
        seen(row.deletedAt);
        while (row.nextColumn()) {
            if (!row.complex) {
                seen(row.cellTimestamp);
                continue;
            }
            seen(row.complexDeletedAt);
            while (row.nextCell()) {
                seen(row.cellTimestamp);
            }
        }
    }

    private void seen(long timestamp) {
        greatestTimestamp = Math.max(greatestTimestamp, timestamp);
    }

    /** Whether the mutation may have an update of that table, without decoding it: whether the id's bytes are in it. */
    public static boolean mayBeOf(UUID tableId, byte[] in, int from, int length) {
        if (length < 1 + TABLE_ID_BYTES) {
            return false;
        }
        long high = tableId.getMostSignificantBits();
        long low = tableId.getLeastSignificantBits();
        if (in[from] == 1) {
            // One update: its table's id comes first.
            return VInts.long8(in, from + 1) == high && VInts.long8(in, from + 9) == low;
        }
        byte first = (byte) (high >>> 56);
        for (int at = from + 1; at <= from + length - TABLE_ID_BYTES; at++) {
            if (in[at] == first && VInts.long8(in, at) == high && VInts.long8(in, at + 8) == low) {
                return true;
            }
        }
        return false;
    }
}
