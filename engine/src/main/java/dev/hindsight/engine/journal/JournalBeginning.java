package dev.hindsight.engine.journal;

import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalEntry.Consumed;
import dev.hindsight.repository.document.JournalEntry.Definition;
import dev.hindsight.repository.document.JournalEntry.SchemaVersion;
import dev.hindsight.repository.journal.CaptureItem;
import dev.hindsight.repository.journal.CaptureReader;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.store.ObjectStore;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Entry 1 of a journal: nothing but where reading begins. Each capture begins behind its newest object of now: a base that is
 * taken after this has all that was written before.
 */
final class JournalBeginning {
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

    JournalEntry entry(Definition schema, List<CaptureStream> streams) {
        List<Consumed> consumed = new ArrayList<>();
        long watermark = Long.MAX_VALUE;
        for (CaptureStream stream : streams) {
            long objects = stream.objects(store);
            StreamCursor.Place place = StreamCursor.Place.START;
            long seen = 0;
            if (objects > 0) {
                try (CaptureReader reader = CaptureReader.find(
                                store, stream.hostId(), stream.incarnation(), objects - 1)
                        .orElseThrow()) {
                    for (Optional<CaptureItem> item = reader.next(); item.isPresent(); item = reader.next()) {
                        if (item.get() instanceof CaptureItem.Seen one) {
                            seen = Math.max(seen, one.micros());
                        } else if (item.get() instanceof CaptureItem.Log one) {
                            watermark = Math.min(watermark, one.observation().toMicros());
                        }
                    }
                    place = new StreamCursor.Place(objects, 0, reader.seal());
                }
            }
            if (seen > 0) {
                watermark = Math.min(watermark, seen);
            }
            // An incarnation that has not begun will say itself what it captures.
            Optional<Long> hole = objects == 0 ? Optional.of(0L) : Optional.empty();
            consumed.add(new Consumed(
                    stream.hostId(),
                    stream.incarnation().text(),
                    place.object(),
                    place.items(),
                    place.previous(),
                    seen,
                    hole,
                    1));
        }
        long instant = ChronoUnit.MICROS.between(Instant.EPOCH, now);
        return new JournalEntry(
                JournalEntry.FORMAT,
                1,
                JournalEntry.NO_PREVIOUS,
                now,
                writer,
                log.table(),
                log.tableId(),
                Math.min(watermark, instant),
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
}
