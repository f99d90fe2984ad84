package dev.hindsight.synthesis.journal;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.commitlog.MutationDecoder;
import dev.hindsight.codec.commitlog.UnknownSchemaException;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.schema.DroppedColumn;
import dev.hindsight.synthesis.merge.RowTranscoder;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Reads one update after the other and codes each as the rows and markers of an SSTable: all that {@link MutationDecoder}
 * and a cursor check is checked before anything of the update is used. What was read lies in the public fields until the
 * next {@link #read}. One thread.
 */
final class UpdateReader {
    /** Flags, kind, how many values, the size of the size and of the body, which is at most four numbers. */
    private static final int MARKER_NUMBERS = 1 + 1 + 2 + 1 + 1 + 4 * VInts.MAX_LENGTH;

    final RowLayout layout;

    /** Of the partition; {@link RowFormat#NO_TIMESTAMP} when the update does not delete it. */
    long deletedAt;

    long deletionTime;

    /** The static row; empty when the update has none. */
    final Arena staticRow = new Arena(1 << 10);

    /** Rows and markers. Both arenas begin with their end marker, which is none of it. */
    final Arena body = new Arena(8 << 10);

    /** Of the first row or marker; {@link MutationDecoder#NONE} when there is none. */
    int firstKind;

    int firstValues;
    int firstAt;

    /** Of the last. */
    int lastKind;

    int lastValues;
    int lastAt;

    /** The latest expiry or deletion time in it. */
    long latest;

    private final RowTranscoder rows;
    private final long minTimestamp;
    private final long minDeletionTime;
    private final boolean checksValues;
    private final Map<UpdateCoding, MutationDecoder> decoders = new IdentityHashMap<>();

    /** @param layout to code with; its columns are those of the table now */
    UpdateReader(RowLayout layout, Map<String, DroppedColumn> dropped) {
        this.layout = layout;
        this.rows = new RowTranscoder(layout, dropped);
        this.minTimestamp = layout.header().base().minTimestamp();
        this.minDeletionTime = layout.header().base().minLocalDeletionTime();
        this.checksValues = layout.clusterings().anyValueMayBeWrong();
    }

    /**
     * Reads an update; nothing of it is used when this throws.
     *
     * @throws MalformedException it is none of its table
     * @throws UnknownSchemaException it is of another table, or has a column that its schema does not know
     */
    void read(Update update) {
        try {
            decode(update);
        } catch (IndexOutOfBoundsException e) {
            throw new MalformedException("a number or length points outside of the update", e);
        }
    }

    private void decode(Update update) {
        staticRow.clear();
        body.clear();
        firstKind = MutationDecoder.NONE;
        lastKind = MutationDecoder.NONE;
        latest = Long.MIN_VALUE;
        MutationDecoder decoder = decoders.computeIfAbsent(update.coding, UpdateReader::decoder);
        decoder.startUpdate(update.bytes, update.at, update.length);
        if (!decoder.nextUpdate()) {
            throw new MalformedException("there is no update");
        }
        RowLayout input = decoder.layout();
        if (!input.hasClusteringsOf(layout)) {
            throw new MalformedException("clustering columns are coded as "
                    + input.header().clusteringTypes() + " but the table has "
                    + layout.header().clusteringTypes());
        }
        rows.begin(input);
        deletedAt = decoder.deletedAt;
        deletionTime = decoder.deletionTime;
        while (decoder.next()) {
            if (decoder.kind == RowFormat.STATIC_CLUSTERING) {
                if (row(decoder, true)) {
                    staticRow.append(rows.bytes(), rows.start(), rows.end() - rows.start());
                }
            } else if (decoder.kind == RowFormat.CLUSTERING) {
                checkClustering(decoder);
                if (row(decoder, false)) {
                    int from = body.length;
                    body.append(rows.bytes(), rows.start(), rows.end() - rows.start());
                    boolean extended = (body.bytes[from] & RowFormat.HAS_EXTENDED_FLAGS) != 0;
                    place(decoder, from + (extended ? 2 : 1));
                }
            } else {
                checkClustering(decoder);
                marker(decoder);
            }
        }
        if (decoder.nextUpdate()) {
            throw new MalformedException("there is a second update");
        }
        latest = Math.max(latest, rows.latestDeletionTime());
        if (deletedAt != RowFormat.NO_TIMESTAMP) {
            latest = Math.max(latest, deletionTime);
        }
    }

    private static MutationDecoder decoder(UpdateCoding coding) {
        return new MutationDecoder(
                coding.version(), id -> id.equals(coding.tableId()) ? Optional.of(coding.schema()) : Optional.empty());
    }

    private boolean row(MutationDecoder decoder, boolean isStatic) {
        return rows.row(
                decoder.row(),
                isStatic,
                decoder.bytes,
                decoder.clusteringAt,
                decoder.clusteringEnd - decoder.clusteringAt);
    }

    /** Throws for values that are none of their types. */
    private void checkClustering(MutationDecoder decoder) {
        if (checksValues) {
            layout.clusterings()
                    .compare(
                            decoder.kind,
                            decoder.bytes,
                            decoder.clusteringAt,
                            decoder.values,
                            decoder.kind,
                            decoder.bytes,
                            decoder.clusteringAt,
                            decoder.values);
        }
    }

    private void place(MutationDecoder decoder, int clusteringAt) {
        if (firstKind == MutationDecoder.NONE) {
            firstKind = decoder.kind;
            firstValues = decoder.values;
            firstAt = clusteringAt;
        }
        lastKind = decoder.kind;
        lastValues = decoder.values;
        lastAt = clusteringAt;
    }

    private void marker(MutationDecoder decoder) {
        boolean opens = RowFormat.opens(decoder.kind);
        if (opens && decoder.openDeletedAt == RowFormat.NO_TIMESTAMP) {
            throw new MalformedException("a range tombstone opens without a timestamp");
        }
        byte[] numbers = new byte[MARKER_NUMBERS];
        int p = 1;
        if (RowFormat.closes(decoder.kind)) {
            p = deletion(numbers, p, decoder.closedDeletedAt, decoder.closedDeletionTime);
        }
        if (opens) {
            p = deletion(numbers, p, decoder.openDeletedAt, decoder.openDeletionTime);
            latest = Math.max(latest, decoder.openDeletionTime);
        }
        body.append(RowFormat.IS_MARKER);
        body.append(decoder.kind);
        body.append(decoder.values >> 8);
        body.append(decoder.values);
        place(decoder, body.length);
        body.append(decoder.bytes, decoder.clusteringAt, decoder.clusteringEnd - decoder.clusteringAt);
        // The body with its first number, which is a zero, is shorter than what takes two bytes.
        body.append(p);
        body.append(numbers, 0, p);
    }

    private int deletion(byte[] into, int at, long of, long time) {
        int p = VInts.putUnsigned(into, at, of - minTimestamp);
        return VInts.putUnsigned(into, p, (int) (time - minDeletionTime));
    }

    /** A static row without anything. */
    byte[] emptyStaticRow() {
        rows.emptyStaticRow();
        return java.util.Arrays.copyOfRange(rows.bytes(), rows.start(), rows.end());
    }

    boolean hasStaticRow() {
        return staticRow.length > 1;
    }

    boolean hasBody() {
        return firstKind != MutationDecoder.NONE;
    }

    /** Whether it says nothing at all, or nothing that is left. */
    boolean isEmpty() {
        return deletedAt == RowFormat.NO_TIMESTAMP && !hasStaticRow() && !hasBody();
    }
}
