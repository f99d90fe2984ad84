package dev.hindsight.engine.journal;

import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.journal.ChangeRecord;
import dev.hindsight.model.journal.ContentDigest;
import dev.hindsight.repository.digest.DigestingOutputStream;
import dev.hindsight.repository.document.JournalEntry.Segment;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalSegmentWriter;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ObjectStore;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** Writes the records of a round as segments, one for each version of the schema, by token, key and number. One thread. */
final class RoundSegments {
    private record Placed(ChangeRecord record, StreamRound.Change change) {}

    private static final Comparator<Placed> ORDER = Comparator.<Placed>comparingLong(
                    one -> one.change().token())
            .thenComparing((a, b) -> compareKeys(a.change(), b.change()))
            .thenComparingLong(one -> one.record().number());

    private final ObjectStore store;
    private final JournalLog log;
    private final Path scratch;
    private final RandomGenerator random;

    RoundSegments(ObjectStore store, JournalLog log, Path scratch, RandomGenerator random) {
        this.store = store;
        this.log = log;
        this.scratch = scratch;
        this.random = random;
    }

    private static int compareKeys(StreamRound.Change a, StreamRound.Change b) {
        return Arrays.compareUnsigned(
                a.update(), a.keyAt(), a.keyAt() + a.keyLength(), b.update(), b.keyAt(), b.keyAt() + b.keyLength());
    }

    /**
     * Puts the segments; nothing names them yet.
     *
     * @param versions number of each version of the round, by the round's own number for it
     */
    List<Segment> put(List<ChangeRecord> records, Map<ContentDigest, StreamRound.Change> changes, int[] versions) {
        Map<Integer, List<Placed>> bySchema = new TreeMap<>();
        for (ChangeRecord record : records) {
            StreamRound.Change change = changes.get(record.digest());
            if (change == null) {
                throw new IllegalStateException("record " + record.number() + " has no bytes");
            }
            bySchema.computeIfAbsent(versions[change.schema()], key -> new ArrayList<>())
                    .add(new Placed(record, change));
        }
        List<Segment> out = new ArrayList<>();
        bySchema.forEach((schema, placed) -> out.add(put(schema, placed)));
        return out;
    }

    private Segment put(int schema, List<Placed> placed) {
        // By number, as they came.
        ChangeRecord first = placed.get(0).record();
        ChangeRecord last = placed.get(placed.size() - 1).record();
        placed.sort(ORDER);
        UUID id = new UUID(random.nextLong(), random.nextLong());
        String key = Keys.journalSegment(log.table(), log.tableId(), id);
        Path file = scratch.resolve("segment-" + id);
        try {
            ObjectRef ref;
            long bytes = 0;
            try (DigestingOutputStream out =
                    new DigestingOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 18))) {
                JournalSegmentWriter writer =
                        new JournalSegmentWriter(out, log.tableId(), id, first.number(), first.instantMicros());
                for (Placed one : placed) {
                    StreamRound.Change change = one.change();
                    writer.add(
                            one.record(),
                            change.token(),
                            change.logVersion(),
                            change.update(),
                            0,
                            change.update().length,
                            change.keyAt(),
                            change.keyLength());
                    bytes += change.update().length;
                }
                writer.finish();
                out.flush();
                ref = new ObjectRef(key, out.sizeBytes(), out.digest());
            }
            Failpoints.hit(Failpoint.SEAL_SEGMENT);
            store.putIfAbsent(key, Body.of(file));
            return new Segment(
                    ref,
                    schema,
                    placed.size(),
                    bytes,
                    first.number(),
                    last.number(),
                    first.instantMicros(),
                    last.instantMicros(),
                    placed.get(0).change().token(),
                    placed.get(placed.size() - 1).change().token());
        } catch (IOException e) {
            throw new CapacityException(
                    "a segment of the journal of " + log.table() + " cannot be written to " + file + ": "
                            + e.getMessage(),
                    "make room in the scratch directory and repeat the command",
                    e);
        } finally {
            delete(file);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // The scratch directory goes as a whole.
        }
    }
}
