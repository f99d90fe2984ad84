package dev.hindsight.engine.journal;

import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.journal.Incarnation;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalEntry.Consumed;
import dev.hindsight.repository.document.JournalEntry.Definition;
import dev.hindsight.repository.document.JournalEntry.Gap;
import dev.hindsight.repository.document.JournalEntry.SchemaVersion;
import dev.hindsight.repository.journal.CaptureFloorLog;
import dev.hindsight.repository.journal.CaptureItem;
import dev.hindsight.repository.journal.CaptureReader;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.store.ObjectStore;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Entry 1 of a journal: nothing but where reading begins. Each capture begins behind its newest object of now: a base that is
 * taken after this has all that was written before.
 */
final class JournalBeginning {
    private static final String UNPROTECTED = "what was captured then was collected, as the table was not protected";

    private static final String SEALED_BEYOND =
            "what was captured then was not taken in: the table was not protected, and by its clock the journal was sealed beyond it";

    /** Cassandra's own sync period. */
    private static final long USUAL_READABLE_MICROS = 10_000_000;

    private final ObjectStore store;
    private final JournalLog log;
    private final Instant now;
    private final String writer;

    JournalBeginning(ObjectStore store, JournalLog log, Instant now, String writer) {
        this.store = store;
        this.log = log;
        this.now = now;
        this.writer = writer;
    }

    /** Behind the newest object of a capture, and what that says of itself. */
    private record Newest(StreamCursor.Place place, long seenMicros, long leastMicros) {
        static final Newest NOTHING = new Newest(StreamCursor.Place.START, 0, Long.MAX_VALUE);
    }

    private Newest newest(CaptureStream stream) {
        long objects = stream.objects(store);
        if (objects == 0) {
            return Newest.NOTHING;
        }
        long seen = 0;
        long least = Long.MAX_VALUE;
        try (CaptureReader reader = CaptureReader.find(store, stream.hostId(), stream.incarnation(), objects - 1)
                .orElseThrow(() -> new NotFoundException(
                        "capture " + (objects - 1) + " of host " + stream.hostId() + " " + stream.incarnation()
                                + " is gone",
                        "run it again"))) {
            for (Optional<CaptureItem> item = reader.next(); item.isPresent(); item = reader.next()) {
                if (item.get() instanceof CaptureItem.Seen one) {
                    seen = Math.max(seen, one.micros());
                } else if (item.get() instanceof CaptureItem.Log one) {
                    least = Math.min(least, one.observation().toMicros());
                }
            }
            return new Newest(
                    new StreamCursor.Place(objects, 0, reader.seal()), seen, seen > 0 ? Math.min(least, seen) : least);
        }
    }

    /** @param capturing those that are known to capture the keyspace now */
    private static Consumed consumed(CaptureStream stream, Newest newest, int schema, Set<CaptureStream> capturing) {
        // An incarnation that has not begun, or does not capture the keyspace, will say itself when it does.
        boolean knows = newest.place().object() > 0 && capturing.contains(stream);
        Optional<Long> hole = knows ? Optional.empty() : Optional.of(0L);
        return new Consumed(
                stream.hostId(),
                stream.incarnation().text(),
                newest.place().object(),
                newest.place().items(),
                newest.place().previous(),
                newest.seenMicros(),
                hole,
                schema);
    }

    /**
     * @param capturing those that are known to capture the keyspace now
     * @param ended others, that give nothing more
     */
    JournalEntry entry(Definition schema, List<CaptureStream> capturing, Set<CaptureStream> ended) {
        List<Consumed> consumed = new ArrayList<>();
        long watermark = Long.MAX_VALUE;
        for (CaptureStream stream : capturing) {
            Newest newest = newest(stream);
            watermark = Math.min(watermark, newest.leastMicros());
            consumed.add(consumed(stream, newest, 1, Set.copyOf(capturing)));
        }
        for (CaptureStream stream : ended) {
            if (!capturing.contains(stream)) {
                consumed.add(consumed(stream, newest(stream), 1, Set.of()));
            }
        }
        return new JournalEntry(
                JournalEntry.FORMAT,
                1,
                JournalEntry.NO_PREVIOUS,
                now,
                writer,
                log.table(),
                log.tableId(),
                Math.min(watermark, micros()),
                0,
                List.of(new SchemaVersion(1, 0, 1)),
                List.of(new Definition(1, schema.types(), schema.ddl(), schema.neighbours())),
                List.of(),
                consumed,
                List.of(),
                List.of(),
                List.of(),
                Optional.empty());
    }

    /**
     * Goes on where captures that the journal has not taken in were collected, and takes note of what began and ended
     * meanwhile: that is taken in from its start where all of it is there. Empty when there is neither.
     *
     * @param capturing those that are known to capture the keyspace now
     * @param ended others, that give nothing more
     */
    Optional<JournalEntry> again(
            JournalEntry before, Definition schema, Set<CaptureStream> capturing, Set<CaptureStream> ended) {
        CaptureFloorLog floors = new CaptureFloorLog(store);
        floors.read();
        List<Consumed> consumed = new ArrayList<>();
        Set<CaptureStream> known = new HashSet<>();
        List<CaptureStream> behind = new ArrayList<>();
        for (Consumed one : before.consumed()) {
            Optional<CaptureStream> stream =
                    Incarnation.parse(one.incarnation()).map(found -> new CaptureStream(one.hostId(), found));
            stream.ifPresent(known::add);
            // What is below the floor may be there still, and gone in a moment.
            if (stream.isPresent() && floors.known(one.hostId(), stream.get().incarnation()) > one.object()) {
                behind.add(stream.get());
            } else {
                consumed.add(one);
            }
        }
        for (CaptureStream stream : capturing) {
            if (!known.contains(stream) && floors.known(stream.hostId(), stream.incarnation()) > 0) {
                behind.add(stream);
            }
        }
        List<CaptureStream> untouched = new ArrayList<>();
        for (CaptureStream stream : ended) {
            if (!known.contains(stream) && !behind.contains(stream)) {
                // Nobody but this entry tells a sealer of it.
                boolean whole = floors.known(stream.hostId(), stream.incarnation()) == 0 && !isBefore(before, stream);
                (whole ? untouched : behind).add(stream);
            }
        }
        if (behind.isEmpty() && untouched.isEmpty()) {
            return Optional.empty();
        }
        SchemaVersion newest = newest(before);
        Definition last = log.definition(before, newest.version());
        boolean changed = !last.types().equals(schema.types())
                || !last.ddl().equals(schema.ddl())
                || !last.neighbours().equals(schema.neighbours());
        List<SchemaVersion> schemas = new ArrayList<>(before.schemas());
        List<Definition> definitions = new ArrayList<>();
        int version = newest.version();
        if (changed) {
            version = schemas.size() + 1;
            schemas.add(new SchemaVersion(version, Math.max(micros(), before.watermarkMicros()), before.number() + 1));
            definitions.add(new Definition(version, schema.types(), schema.ddl(), schema.neighbours()));
        }
        List<Gap> gaps = new ArrayList<>();
        for (CaptureStream stream : behind) {
            Newest of = newest(stream);
            consumed.add(consumed(stream, of, version, capturing));
            boolean gone = known.contains(stream) || floors.known(stream.hostId(), stream.incarnation()) > 0;
            gaps.add(gap(before, stream, of, gone ? UNPROTECTED : SEALED_BEYOND));
        }
        if (!untouched.isEmpty()) {
            // What they tell of the schema is over: what it comes to on top of today's never was, and never is the
            // newest.
            int past = schemas.size() + 1;
            schemas.add(new SchemaVersion(past, SchemaVersion.NEVER, before.number() + 1));
            definitions.add(new Definition(past, schema.types(), schema.ddl(), schema.neighbours()));
            for (CaptureStream stream : untouched) {
                consumed.add(consumed(stream, Newest.NOTHING, past, Set.of()));
            }
        }
        return Optional.of(new JournalEntry(
                JournalEntry.FORMAT,
                before.number() + 1,
                log.digestOf(before.number()),
                now,
                writer,
                log.table(),
                log.tableId(),
                before.watermarkMicros(),
                before.lastNumber(),
                before.truncatedMicros(),
                schemas,
                definitions,
                List.of(),
                consumed,
                List.of(),
                gaps,
                List.of(),
                Optional.empty(),
                before.owners(),
                before.ended()));
    }

    /**
     * Whether an incarnation began, by its own clock, before what is final. What it tells of there cannot be taken in: for a
     * TRUNCATE among it the journal would end, and protecting again would not begin another one.
     */
    private static boolean isBefore(JournalEntry before, CaptureStream stream) {
        return stream.incarnation().startMillis() * 1000 < before.watermarkMicros();
    }

    /**
     * What the host's captures may lack where one of them was passed over. What the journal claims of it up to now rests on
     * captures that it has taken in, so the gap begins where that ends; what was acknowledged just before may have become
     * readable only after. By the clock of that very incarnation: what others have seen may be of a clock that was ahead.
     */
    private Gap gap(JournalEntry before, CaptureStream stream, Newest newest, String cause) {
        long readable = before.owners().map(JournalEntry.Owners::readableMicros).orElse(USUAL_READABLE_MICROS);
        long claimed = seen(before, stream)
                .orElseGet(() -> Math.min(
                        before.consumed().stream()
                                .filter(one -> one.hostId().equals(stream.hostId()) && one.seenMicros() > 0)
                                .mapToLong(Consumed::seenMicros)
                                .max()
                                .orElse(before.watermarkMicros()),
                        stream.incarnation().startMillis() * 1000));
        long to = newest.seenMicros() > 0 ? newest.seenMicros() : micros();
        return new Gap(stream.hostId(), Math.max(0, claimed - readable), Math.max(claimed, to), cause);
    }

    /** What the journal has seen last of an incarnation. */
    private static Optional<Long> seen(JournalEntry entry, CaptureStream stream) {
        return entry.consumed().stream()
                .filter(one -> one.hostId().equals(stream.hostId())
                        && one.incarnation().equals(stream.incarnation().text()))
                .map(Consumed::seenMicros)
                .filter(micros -> micros > 0)
                .findFirst();
    }

    /** Of the versions that somebody has. */
    private static SchemaVersion newest(JournalEntry entry) {
        return entry.schemas().stream()
                .filter(one -> one.sinceMicros() != SchemaVersion.NEVER)
                .max(Comparator.comparingInt(SchemaVersion::version))
                .orElseThrow();
    }

    private long micros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, now);
    }
}
