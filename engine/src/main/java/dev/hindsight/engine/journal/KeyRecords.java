package dev.hindsight.engine.journal;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.commitlog.SegmentVersion;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.journal.Observation;
import dev.hindsight.model.journal.Origin;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.journal.JournalSegmentReader;
import dev.hindsight.repository.journal.RecordCursor;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.journal.KeyHistory;
import dev.hindsight.synthesis.journal.Update;
import dev.hindsight.synthesis.journal.UpdateCoding;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The journal's records of one partition, by number. Of each segment that may have any, only what its index points to is
 * read; only those whose numbers overlap are open at a time. One thread.
 *
 * <p>Failures: {@link CorruptException} naming the segment, {@link dev.hindsight.model.failure.NotFoundException}.
 */
public final class KeyRecords {
    /**
     * One record.
     *
     * @param segment key of the object that holds it
     * @param schema version that decodes it
     * @param update good until the next record is asked for
     */
    public record KeyRecord(
            long number,
            long instantMicros,
            Observation observed,
            long writeMicros,
            boolean late,
            List<Origin> origins,
            String segment,
            int schema,
            Update update) {}

    private final ObjectStore store;
    private final UUID tableId;
    private final byte[] key;
    private final TokenRange range;
    private final long fromMicros;
    private final long toMicros;
    private final IntFunction<TableDefinition> definitions;
    private final Consumer<JournalEntry.Segment> done;
    private final Deque<JournalEntry.Segment> ahead = new ArrayDeque<>();
    private final PriorityQueue<Open> open = new PriorityQueue<>(Comparator.comparingLong(one -> one.cursor.number));
    private final Map<Integer, Map<Integer, UpdateCoding>> codings = new HashMap<>();
    private @Nullable Open given;

    private record Open(JournalEntry.Segment segment, RecordCursor cursor) {}

    /**
     * @param segments in which they are; others do no harm
     * @param fromMicros records of earlier instants are passed over, also those after {@code toMicros}
     * @param definitions by version of the schema
     * @param done told of each segment that was passed
     */
    public KeyRecords(
            ObjectStore store,
            UUID tableId,
            byte[] key,
            List<JournalEntry.Segment> segments,
            long fromMicros,
            long toMicros,
            IntFunction<TableDefinition> definitions,
            Consumer<JournalEntry.Segment> done) {
        this.store = store;
        this.tableId = tableId;
        this.key = key.clone();
        this.range = KeyHistory.rangeOf(key);
        this.fromMicros = fromMicros;
        this.toMicros = toMicros;
        this.definitions = definitions;
        this.done = done;
        segments.stream()
                .filter(this::mayHave)
                .sorted(Comparator.comparingLong(JournalEntry.Segment::firstNumber))
                .forEach(ahead::add);
    }

    private boolean mayHave(JournalEntry.Segment segment) {
        return segment.firstToken() <= range.end()
                && segment.lastToken() >= range.end()
                && segment.firstMicros() <= toMicros
                && segment.lastMicros() >= fromMicros;
    }

    /** How many bytes the segments have that are yet to be passed. */
    public long bytesAhead() {
        return ahead.stream().mapToLong(segment -> segment.object().sizeBytes()).sum();
    }

    /** The record with the next number; empty at the end. */
    public Optional<KeyRecord> next() {
        Open before = given;
        given = null;
        if (before != null) {
            goOn(before);
        }
        while (!ahead.isEmpty()
                && (open.isEmpty() || ahead.peek().firstNumber() <= open.peek().cursor().number)) {
            JournalEntry.Segment segment = ahead.remove();
            JournalSegmentReader reader = JournalSegmentReader.open(store, segment.object());
            if (!reader.tableId().equals(tableId)) {
                throw corrupt(segment, "is of table id " + reader.tableId() + ", not " + tableId);
            }
            goOn(new Open(segment, reader.cursor(range, 0, Long.MAX_VALUE)));
        }
        Open first = open.poll();
        if (first == null) {
            return Optional.empty();
        }
        given = first;
        return Optional.of(record(first));
    }

    private void goOn(Open one) {
        RecordCursor cursor = one.cursor();
        while (cursor.next()) {
            boolean own =
                    Arrays.equals(key, 0, key.length, cursor.bytes, cursor.keyAt, cursor.keyAt + cursor.keyLength);
            if (own && cursor.instantMicros >= fromMicros && cursor.instantMicros <= toMicros) {
                open.add(one);
                return;
            }
        }
        done.accept(one.segment());
    }

    private KeyRecord record(Open from) {
        RecordCursor cursor = from.cursor();
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
        return new KeyRecord(
                cursor.number,
                cursor.instantMicros,
                cursor.observed(),
                cursor.writeMicros,
                cursor.late,
                cursor.origins(),
                from.segment().object().key(),
                from.segment().schema(),
                update);
    }

    private UpdateCoding coding(JournalEntry.Segment segment, int logVersion) {
        String name = segment.object().key();
        return UpdateCoding.of(name, SegmentVersion.of(logVersion, name), tableId, definitions.apply(segment.schema()));
    }

    private static CorruptException corrupt(JournalEntry.Segment segment, String what) {
        return new CorruptException(
                "journal segment " + segment.object().key() + ": " + what,
                "run 'hindsight verify' to see all that is damaged");
    }
}
