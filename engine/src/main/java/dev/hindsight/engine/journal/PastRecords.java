package dev.hindsight.engine.journal;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.commitlog.SegmentVersion;
import dev.hindsight.engine.journal.JournalSteps.Adopted;
import dev.hindsight.engine.journal.JournalSteps.Step;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.repository.document.JournalEntry.Segment;
import dev.hindsight.repository.journal.JournalSegmentReader;
import dev.hindsight.repository.journal.RecordCursor;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.journal.PastChange;
import dev.hindsight.synthesis.journal.Turn;
import dev.hindsight.synthesis.journal.Update;
import dev.hindsight.synthesis.journal.UpdateCoding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The records of many segments by token, key and number, of some tokens, with what happens to the table between them. Of each
 * segment one record is at hand, good until the next one is asked for. One thread.
 *
 * <p>Failures: {@link CorruptException} naming the segment, {@link dev.hindsight.model.failure.NotFoundException}.
 */
final class PastRecords implements Iterator<PastChange> {
    private static final Comparator<Open> ORDER = Comparator.<Open>comparingLong(one -> one.cursor.token)
            .thenComparing(PastRecords::compareKeys)
            .thenComparingLong(one -> one.cursor.number);

    private record Open(Segment segment, RecordCursor cursor) {}

    private final UUID tableId;
    private final IntFunction<TableDefinition> definitions;
    private final Supplier<JournalSteps> steps;
    private final long[] tokens;
    private final long fromMicros;
    private final PriorityQueue<Open> open = new PriorityQueue<>(ORDER);
    private final Map<Integer, Map<Integer, UpdateCoding>> codings = new HashMap<>();
    private int place;
    private @Nullable Open given;
    private byte[] key = new byte[0];
    private @Nullable JournalSteps ofKey;

    /**
     * @param tokens sorted: of others nothing is given
     * @param from first of them that is wanted
     * @param to behind the last
     * @param fromMicros records of earlier instants are passed over
     * @param lastNumber and those behind it
     * @param steps made anew for each key
     */
    PastRecords(
            ObjectStore store,
            UUID tableId,
            List<Segment> segments,
            long[] tokens,
            int from,
            int to,
            long fromMicros,
            long lastNumber,
            IntFunction<TableDefinition> definitions,
            Supplier<JournalSteps> steps) {
        this.tableId = tableId;
        this.definitions = definitions;
        this.steps = steps;
        this.tokens = Arrays.copyOfRange(tokens, from, to);
        this.fromMicros = fromMicros;
        long first = this.tokens[0];
        long last = this.tokens[this.tokens.length - 1];
        for (Segment segment : segments) {
            if (segment.firstToken() <= last && segment.lastToken() >= first) {
                JournalSegmentReader reader = open(store, tableId, segment);
                goOn(new Open(
                        segment,
                        reader.cursor(new TokenRange(first - 1, last), 0, lastNumber, ahead(segments.size()))));
            }
        }
    }

    /** How much is read at a time, so that many segments take no more memory than some do. */
    private static int ahead(int segments) {
        return Math.max(16 << 10, (16 << 20) / Math.max(1, segments));
    }

    static JournalSegmentReader open(ObjectStore store, UUID tableId, Segment segment) {
        JournalSegmentReader reader = JournalSegmentReader.open(store, segment.object());
        if (!reader.tableId().equals(tableId)) {
            throw corrupt(segment, "is of table id " + reader.tableId() + ", not " + tableId);
        }
        return reader;
    }

    private static int compareKeys(Open one, Open other) {
        RecordCursor a = one.cursor;
        RecordCursor b = other.cursor;
        return Arrays.compareUnsigned(a.bytes, a.keyAt, a.keyAt + a.keyLength, b.bytes, b.keyAt, b.keyAt + b.keyLength);
    }

    private void goOn(Open one) {
        while (one.cursor.next()) {
            if (one.cursor.instantMicros >= fromMicros && isWanted(one.cursor.token)) {
                open.add(one);
                return;
            }
        }
    }

    /** Whether it is one of the tokens; mostly one near the last that was. */
    private boolean isWanted(long token) {
        if (place < tokens.length && tokens[place] == token) {
            return true;
        }
        int found = Arrays.binarySearch(tokens, token);
        if (found < 0) {
            return false;
        }
        place = found;
        return true;
    }

    @Override
    public boolean hasNext() {
        Open before = given;
        given = null;
        if (before != null) {
            goOn(before);
        }
        return !open.isEmpty();
    }

    @Override
    public PastChange next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        Open first = open.remove();
        given = first;
        RecordCursor cursor = first.cursor;
        JournalSteps current = ofKey;
        if (current == null
                || !Arrays.equals(key, 0, key.length, cursor.bytes, cursor.keyAt, cursor.keyAt + cursor.keyLength)) {
            key = Arrays.copyOfRange(cursor.bytes, cursor.keyAt, cursor.keyAt + cursor.keyLength);
            current = steps.get();
            ofKey = current;
        }
        int version = current.version();
        List<Step> before = current.before(
                cursor.number, cursor.instantMicros, first.segment().schema());
        return new PastChange(update(first), turns(before, version), !current.isGone(cursor.number));
    }

    private static List<Turn> turns(List<Step> steps, int before) {
        if (steps.isEmpty()) {
            return List.of();
        }
        List<Turn> out = new ArrayList<>();
        int version = before;
        for (Step step : steps) {
            if (step instanceof Adopted next) {
                version = next.version();
            }
            out.add(new Turn(version, !(step instanceof Adopted)));
        }
        return out;
    }

    private Update update(Open from) {
        RecordCursor cursor = from.cursor;
        Update update;
        try {
            update = Update.of(
                    cursor.number,
                    codings.computeIfAbsent(from.segment().schema(), version -> new HashMap<>())
                            .computeIfAbsent(cursor.logVersion, version -> coding(from.segment(), version)),
                    cursor.bytes,
                    cursor.updateAt,
                    cursor.updateLength);
        } catch (MalformedException e) {
            throw corrupt(from.segment(), "record " + cursor.number + ": " + e.getMessage());
        }
        if (update.token != cursor.token) {
            throw corrupt(
                    from.segment(),
                    "record " + cursor.number + " says that it has token " + cursor.token + ", but its key has "
                            + update.token);
        }
        return update;
    }

    private UpdateCoding coding(Segment segment, int logVersion) {
        String name = segment.object().key();
        return UpdateCoding.of(name, SegmentVersion.of(logVersion, name), tableId, definitions.apply(segment.schema()));
    }

    private static CorruptException corrupt(Segment segment, String what) {
        return new CorruptException(
                "journal segment " + segment.object().key() + ": " + what,
                "run 'hindsight verify' to see all that is damaged");
    }
}
