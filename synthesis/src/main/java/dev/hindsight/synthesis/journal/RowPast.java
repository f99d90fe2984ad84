package dev.hindsight.synthesis.journal;

import dev.hindsight.codec.row.RowCursor;
import dev.hindsight.codec.row.RowFormat;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Follows one row, or the static row, through the records that touch it, by Cassandra's reconciliation, and tells of each that
 * is wanted what it was before. One thread.
 */
final class RowPast {
    /**
     * A time in which nothing happened to the table as a whole.
     *
     * @param emptied whether what was there before it counts no more
     */
    record Epoch(PastCoding coding, boolean emptied) {}

    private final List<Epoch> epochs;
    private final BeforeParts out;
    private final long firstNumber;
    private Arena state = new Arena(1 << 9);
    private Arena next = new Arena(1 << 9);
    private final Arena update = new Arena(1 << 9);
    private final Arena said = new Arena(1 << 9);

    private boolean isStatic;
    /** Clustering values of the row. */
    byte[] place = new byte[64];

    int placeLength;
    int values;

    private int epoch;
    private PastCoding coding;
    private long number;
    private int touchedIn;
    private @Nullable PastRange whole;
    private @Nullable PastRange range;

    /** @param epochs of the partition at hand, the first as of its base */
    RowPast(List<Epoch> epochs, PastCoding coding, BeforeParts out, long firstNumber) {
        this.epochs = epochs;
        this.coding = coding;
        this.out = out;
        this.firstNumber = firstNumber;
    }

    /** Begins with a row of that place, or the static row, that has nothing yet. */
    void begin(boolean ofStatics, byte[] bytes, int at, int length, int count) {
        isStatic = ofStatics;
        if (place.length < length) {
            place = new byte[2 * length];
        }
        System.arraycopy(bytes, at, place, 0, length);
        placeLength = length;
        values = count;
        epoch = 0;
        coding = epochs.get(0).coding();
        state.clear();
        said.clear();
        whole = null;
        range = null;
    }

    /**
     * What the base has.
     *
     * @param openAt timestamp of the range tombstone around it; {@link RowFormat#NO_TIMESTAMP} for none
     * @param rowLength 0 when it has no such row
     */
    void base(long deletedAt, long deletionTime, long openAt, long openTime, byte[] row, int rowAt, int rowLength) {
        if (deletedAt != RowFormat.NO_TIMESTAMP || openAt != RowFormat.NO_TIMESTAMP || rowLength > 0) {
            build(state, deletedAt, deletionTime, openAt, openTime, row, rowAt, rowLength);
        }
    }

    private void build(
            Arena into,
            long deletedAt,
            long deletionTime,
            long openAt,
            long openTime,
            byte[] row,
            int rowAt,
            int rowLength) {
        coding.head(into, deletedAt, deletionTime);
        if (!isStatic || rowLength == 0) {
            coding.noStaticRow(into);
        }
        boolean open = openAt != RowFormat.NO_TIMESTAMP;
        if (open) {
            coding.marker(into, RowFormat.INCL_START_BOUND, place, 0, placeLength, values, openAt, openTime);
        }
        into.append(row, rowAt, rowLength);
        if (open) {
            coding.marker(into, RowFormat.INCL_END_BOUND, place, 0, placeLength, values, openAt, openTime);
        }
        PastCoding.end(into);
    }

    /** Begins the record with the next number. */
    void touch(long by, int in) {
        number = by;
        touchedIn = in;
        said.clear();
        whole = null;
        range = null;
    }

    /** It deletes the row. */
    void delete(PastRange deletion) {
        if (deletion.isWhole()) {
            whole = deletion;
        } else {
            range = deletion;
        }
    }

    /** It has the row itself. */
    void say(byte[] row, int at, int length) {
        said.append(row, at, length);
    }

    /** @param more whether another record will touch the row */
    void end(boolean more) {
        goTo(touchedIn);
        boolean says = said.length > 1;
        boolean wanted = number >= firstNumber;
        if (wanted && says && !PastCoding.isEmpty(state)) {
            out.add(number, coding, state);
        }
        Optional<RowCursor> before = wanted && !says ? row(state) : Optional.empty();
        if (!more && before.isEmpty()) {
            return;
        }
        PastRange all = whole;
        PastRange some = range;
        build(
                update,
                all == null ? RowFormat.NO_TIMESTAMP : all.deletedAt(),
                all == null ? RowFormat.NO_DELETION_TIME : all.deletionTime(),
                some == null ? RowFormat.NO_TIMESTAMP : some.deletedAt(),
                some == null ? RowFormat.NO_DELETION_TIME : some.deletionTime(),
                said.bytes,
                1,
                said.length - 1);
        coding.merge(state, update, next);
        if (before.isPresent() && !isSame(before.get(), row(next))) {
            out.add(number, coding, state);
        }
        swap();
    }

    /** Whether there is a row now. */
    boolean isThere() {
        return row(state).isPresent();
    }

    private void swap() {
        Arena old = state;
        state = next;
        next = old;
    }

    private void goTo(int other) {
        while (epoch < other) {
            epoch++;
            Epoch now = epochs.get(epoch);
            PastCoding before = coding;
            coding = now.coding();
            if (now.emptied()) {
                state.clear();
            } else if (!PastCoding.isEmpty(state)) {
                coding.adopt(state, before, next);
                swap();
            }
        }
    }

    /** The row, or the static row, if the part has it. */
    private Optional<RowCursor> row(Arena part) {
        RowCursor cursor = PastCoding.cursor(0, coding.layout, part);
        if (!cursor.nextPartition()) {
            return Optional.empty();
        }
        if (isStatic) {
            return coding.isEmptyStaticRow(cursor) ? Optional.empty() : Optional.of(cursor);
        }
        while (cursor.next()) {
            if (cursor.kind == RowFormat.CLUSTERING) {
                return Optional.of(cursor);
            }
        }
        return Optional.empty();
    }

    private static boolean isSame(RowCursor before, Optional<RowCursor> after) {
        return after.filter(now -> now.flags == before.flags
                        && now.extendedFlags == before.extendedFlags
                        && Arrays.equals(
                                now.bytes, now.bodyAt, now.bodyEnd, before.bytes, before.bodyAt, before.bodyEnd))
                .isPresent();
    }
}
