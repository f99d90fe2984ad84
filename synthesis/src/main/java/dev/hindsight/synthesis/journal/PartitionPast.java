package dev.hindsight.synthesis.journal;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.commitlog.UnknownSchemaException;
import dev.hindsight.codec.row.Clusterings;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.synthesis.fetch.ScratchDirectory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Follows one partition after the other: first all that the journal's records say of it, by number; then what the base has
 * of it, in the order of its rows, against which each row is followed by itself. Nothing is held of a partition but the row
 * at hand, the range tombstones around it, and its partition deletions. One thread.
 */
final class PartitionPast implements AutoCloseable {
    private final IntFunction<PastCoding> codings;
    private final Map<Integer, PastCoding> made = new HashMap<>();
    private final int version;
    private final long firstNumber;
    private final Clusterings clusterings;
    private final PastEntries entries;
    private final BeforeParts parts;
    private final List<RowPast.Epoch> epochs = new ArrayList<>();
    private final RowPast row;

    private final PartitionDeletions deletions = new PartitionDeletions();

    /** Around the place at hand. */
    private final ActiveRanges active;

    /** The last epoch that emptied the table; 0 for none. */
    private int emptied;

    private long deletedAt;
    private long deletionTime;
    private long openAt;
    private long openTime;

    /**
     * @param codings by version of the schema
     * @param version by which the base is understood
     * @param firstNumber of the records of which it is told what was before
     */
    PartitionPast(
            IntFunction<PastCoding> codings,
            int version,
            long firstNumber,
            BeforeValues.Limits limits,
            ScratchDirectory directory) {
        this.codings = codings;
        this.version = version;
        this.firstNumber = firstNumber;
        PastCoding coding = coding(version);
        this.clusterings = coding.layout.clusterings();
        this.active = new ActiveRanges(clusterings);
        this.entries = new PastEntries(clusterings, limits.memoryBytes(), directory);
        this.parts = new BeforeParts(limits.memoryBytes(), limits.partBytes(), directory);
        this.row = new RowPast(epochs, coding, parts, firstNumber);
    }

    private PastCoding coding(int of) {
        return made.computeIfAbsent(of, codings::apply);
    }

    /** Begins the next partition. */
    void begin() {
        epochs.clear();
        epochs.add(new RowPast.Epoch(coding(version), false));
        entries.clear();
        deletions.clear();
        active.clear();
        emptied = 0;
        deletedAt = RowFormat.NO_TIMESTAMP;
        deletionTime = RowFormat.NO_DELETION_TIME;
        openAt = RowFormat.NO_TIMESTAMP;
        openTime = RowFormat.NO_DELETION_TIME;
    }

    /**
     * A record of the partition, by number; all come before the base.
     *
     * @throws CorruptUpdateException it is wrong
     */
    void add(PastChange change) {
        for (Turn turn : change.turns()) {
            epochs.add(new RowPast.Epoch(coding(turn.version()), turn.emptied()));
            emptied = turn.emptied() ? epochs.size() - 1 : emptied;
        }
        if (!change.applies()) {
            return;
        }
        Update update = change.update();
        int epoch = epochs.size() - 1;
        PastCoding coding = epochs.get(epoch).coding();
        UpdateReader reader = coding.reader;
        try {
            reader.read(update);
        } catch (MalformedException | UnknownSchemaException e) {
            throw new CorruptUpdateException(update, e);
        }
        if (reader.deletedAt != RowFormat.NO_TIMESTAMP) {
            if (reader.deletedAt < 0) {
                throw new UnsupportedException(
                        "journal " + update + " deletes the partition at timestamp " + reader.deletedAt,
                        "restore the table to the instants in question instead");
            }
            deletions.add(PastRange.whole(update.number, epoch, reader.deletedAt, reader.deletionTime), emptied);
        }
        entries.add(coding, update.number, epoch);
    }

    /**
     * Begins with what the base has, if it has the partition; the static row first.
     *
     * @param staticRow holds it, if {@code staticLength} is not 0
     */
    void base(long baseDeletedAt, long baseDeletionTime, byte[] staticRow, int staticAt, int staticLength) {
        deletedAt = baseDeletedAt;
        deletionTime = baseDeletionTime;
        entries.next();
        PastCoding coding = epochs.get(0).coding();
        if (epochs.stream().anyMatch(epoch -> epoch.coding().hasStatics()) && (isAtStatic() || isDeleted())) {
            row.begin(true, staticRow, 0, 0, 0);
            boolean has = staticLength > 0 && coding.hasStatics();
            row.base(
                    deletedAt,
                    deletionTime,
                    RowFormat.NO_TIMESTAMP,
                    RowFormat.NO_DELETION_TIME,
                    staticRow,
                    staticAt,
                    has ? staticLength : 0);
            follow(true);
        }
    }

    private boolean isAtStatic() {
        return entries.isThere() && entries.isStatic();
    }

    /** Whether there is a deletion that may have taken something away of which is to be told. */
    private boolean isDeleted() {
        return deletions.hasFrom(firstNumber) || active.hasFrom(firstNumber);
    }

    /** A row of the base. */
    void baseRow(byte[] bytes, int clusteringAt, int clusteringLength, int values, byte[] of, int at, int length) {
        goTo(RowFormat.CLUSTERING, bytes, clusteringAt, values);
        boolean said = entries.isThere() && comparedTo(RowFormat.CLUSTERING, bytes, clusteringAt, values) == 0;
        if (!said) {
            active.goTo(RowFormat.CLUSTERING, bytes, clusteringAt, values);
            if (!isDeleted()) {
                return;
            }
        }
        row.begin(false, bytes, clusteringAt, clusteringLength, values);
        row.base(deletedAt, deletionTime, openAt, openTime, of, at, length);
        follow(false);
    }

    /** A bound of a range tombstone of the base; behind it, this one is open. */
    void baseMarker(int kind, byte[] bytes, int clusteringAt, int values, long nowOpenAt, long nowOpenTime) {
        goTo(kind, bytes, clusteringAt, values);
        openAt = nowOpenAt;
        openTime = nowOpenTime;
    }

    private int comparedTo(int kind, byte[] bytes, int at, int values) {
        return entries.isStatic()
                ? -1
                : clusterings.compare(
                        entries.kind(),
                        entries.bytes(),
                        entries.clusteringAt(),
                        entries.values(),
                        kind,
                        bytes,
                        at,
                        values);
    }

    /** Follows all rows before that place, which the base does not have. */
    private void goTo(int kind, byte[] bytes, int at, int values) {
        while (entries.isThere() && comparedTo(kind, bytes, at, values) < 0) {
            newRow();
        }
    }

    private void newRow() {
        if (entries.isRange()) {
            active.open(entries.range(), entries.kind(), entries.bytes(), entries.clusteringAt(), entries.values());
            entries.next();
            return;
        }
        row.begin(false, entries.bytes(), entries.clusteringAt(), entries.clusteringLength(), entries.values());
        row.base(deletedAt, deletionTime, openAt, openTime, row.place, 0, 0);
        follow(false);
    }

    /**
     * Applies to the row that was begun, by number, all that touches it. As long as it is not there a deletion changes nothing
     * by itself: of all up to where the row is said again the strongest are applied, and none when it never is.
     */
    private void follow(boolean isStatic) {
        if (isStatic) {
            active.clear();
        } else {
            active.goTo(RowFormat.CLUSTERING, row.place, 0, row.values);
        }
        int whole = 0;
        PastRange range = active.from(0);
        boolean said = isAtRow(isStatic);
        while (said || whole < deletions.size() || range != null) {
            if (!row.isThere()) {
                if (!said) {
                    return;
                }
                skip(whole, range, entries.number(), entries.epoch());
                whole = Math.max(whole, deletions.from(entries.number()));
                range = active.from(entries.number());
            }
            PastRange deletion = whole < deletions.size() ? deletions.get(whole) : null;
            long number = said ? entries.number() : Long.MAX_VALUE;
            int epoch = said ? entries.epoch() : 0;
            if (deletion != null && deletion.number() < number) {
                number = deletion.number();
                epoch = deletion.epoch();
            }
            if (range != null && range.number() < number) {
                number = range.number();
                epoch = range.epoch();
            }
            row.touch(number, epoch);
            if (deletion != null && deletion.number() == number) {
                row.delete(deletion);
                whole++;
            }
            if (range != null && range.number() == number) {
                row.delete(range);
                range = active.from(number + 1);
            }
            if (said && entries.number() == number) {
                row.say(entries.bytes(), entries.rowAt(), entries.rowLength());
                entries.next();
                said = isAtRow(isStatic);
            }
            row.end(said || whole < deletions.size() || range != null);
        }
    }

    /** Applies what deletions before a record come to, to a row that is not there. */
    private void skip(int whole, @Nullable PastRange range, long number, int epoch) {
        int before = deletions.from(number) - 1;
        PastRange deletion = before >= whole ? deletions.get(before) : null;
        PastRange some = range == null || range.number() >= number
                ? null
                : active.strongest(range.number(), number, emptiedBy(epoch));
        boolean rangeFirst = some != null && deletion != null && some.number() < deletion.number();
        for (PastRange one : rangeFirst ? new PastRange[] {some, deletion} : new PastRange[] {deletion, some}) {
            if (one != null) {
                row.touch(one.number(), one.epoch());
                row.delete(one);
                row.end(true);
            }
        }
    }

    /** The last epoch up to that one that emptied the table; 0 for none. */
    private int emptiedBy(int epoch) {
        int at = Math.min(epoch, emptied);
        while (at > 0 && !epochs.get(at).emptied()) {
            at--;
        }
        return at;
    }

    private boolean isAtRow(boolean isStatic) {
        if (!entries.isThere() || entries.isStatic() != isStatic) {
            return false;
        }
        return isStatic || !entries.isRange() && comparedTo(RowFormat.CLUSTERING, row.place, 0, row.values) == 0;
    }

    /** Ends the partition, and tells of it. */
    void end(byte[] key, int keyLength, long token, BeforeSink sink) {
        while (entries.isThere()) {
            newRow();
        }
        entries.clear();
        parts.tell(key, keyLength, token, sink);
    }

    @Override
    public void close() {
        entries.close();
        parts.close();
    }
}
