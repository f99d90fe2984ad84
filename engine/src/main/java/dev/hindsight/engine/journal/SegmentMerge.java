package dev.hindsight.engine.journal;

import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.journal.ChangeRecord;
import dev.hindsight.model.journal.ContentDigest;
import dev.hindsight.repository.digest.DigestingOutputStream;
import dev.hindsight.repository.document.JournalEntry.Segment;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalSegmentReader;
import dev.hindsight.repository.journal.JournalSegmentWriter;
import dev.hindsight.repository.journal.RecordCursor;
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
import java.util.PriorityQueue;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Writes the records of several segments of one schema as one, record by record as they are: number, instants, flags,
 * origins, bytes. Each content is digested anew, and all together must be what the inputs' tables say.
 *
 * <p>Memory: 256 KiB and one record for each input, and 48 bytes for each record of the output. One thread.
 */
final class SegmentMerge {
    private static final Comparator<RecordCursor> ORDER = Comparator.<RecordCursor>comparingLong(cursor -> cursor.token)
            .thenComparing(SegmentMerge::compareKeys)
            .thenComparingLong(cursor -> cursor.number);

    private final ObjectStore store;
    private final JournalLog log;
    private final Path scratch;
    private final RandomGenerator random;

    SegmentMerge(ObjectStore store, JournalLog log, Path scratch, RandomGenerator random) {
        this.store = store;
        this.log = log;
        this.scratch = scratch;
        this.random = random;
    }

    private static int compareKeys(RecordCursor a, RecordCursor b) {
        return Arrays.compareUnsigned(a.bytes, a.keyAt, a.keyAt + a.keyLength, b.bytes, b.keyAt, b.keyAt + b.keyLength);
    }

    /** Puts the segment; nothing names it yet. */
    Segment put(List<Segment> inputs) {
        UUID id = new UUID(random.nextLong(), random.nextLong());
        String key = Keys.journalSegment(log.table(), log.tableId(), id);
        Path file = scratch.resolve("merged-" + id);
        try (FetchedSegments fetched = new FetchedSegments(store, scratch)) {
            inputs.forEach(input -> fetched.fetch(input.object()));
            long number = inputs.stream().mapToLong(Segment::firstNumber).min().orElseThrow();
            long instant = inputs.stream().mapToLong(Segment::firstMicros).min().orElseThrow();
            ObjectRef ref;
            Sum sum;
            JournalSegmentWriter writer;
            try (DigestingOutputStream out =
                    new DigestingOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 18))) {
                writer = new JournalSegmentWriter(out, log.tableId(), id, number, instant);
                sum = merge(open(fetched, inputs), writer);
                writer.finish();
                out.flush();
                ref = new ObjectRef(key, out.sizeBytes(), out.digest());
            }
            Failpoints.hit(Failpoint.MERGE_SEGMENT);
            store.putIfAbsent(key, Body.of(file));
            return new Segment(
                    ref,
                    inputs.get(0).schema(),
                    writer.records(),
                    sum.bytes,
                    number,
                    inputs.stream().mapToLong(Segment::lastNumber).max().orElseThrow(),
                    instant,
                    inputs.stream().mapToLong(Segment::lastMicros).max().orElseThrow(),
                    writer.firstToken(),
                    writer.lastToken());
        } catch (IOException e) {
            throw new CapacityException(
                    "a merged segment of the journal of " + log.table() + " cannot be written to " + file + ": "
                            + e.getMessage(),
                    "make room in the scratch directory; merging goes on by itself",
                    e);
        } finally {
            delete(file);
        }
    }

    private static List<JournalSegmentReader> open(FetchedSegments fetched, List<Segment> inputs) {
        List<JournalSegmentReader> out = new ArrayList<>();
        inputs.forEach(input -> out.add(JournalSegmentReader.open(fetched, input.object())));
        return out;
    }

    /** What records come to, in any order. */
    private static final class Sum {
        private long records;
        private long bytes;
        private long numbers;
        private long high;
        private long low;

        void add(long number, ContentDigest digest) {
            records++;
            numbers += number;
            high += digest.high();
            low += digest.low();
        }

        boolean isSame(Sum other) {
            return records == other.records && numbers == other.numbers && high == other.high && low == other.low;
        }
    }

    private Sum merge(List<JournalSegmentReader> readers, JournalSegmentWriter writer) throws IOException {
        Sum expected = new Sum();
        readers.forEach(reader -> reader.places(place -> expected.add(place.number(), place.digest())));
        PriorityQueue<RecordCursor> queue = new PriorityQueue<>(ORDER);
        for (JournalSegmentReader reader : readers) {
            RecordCursor cursor = reader.cursor();
            if (cursor.next()) {
                queue.add(cursor);
            }
        }
        Sum found = new Sum();
        for (RecordCursor least = queue.poll(); least != null; least = queue.poll()) {
            ContentDigest digest = ContentDigest.of(least.bytes, least.updateAt, least.updateLength);
            writer.add(
                    new ChangeRecord(
                            least.number,
                            least.instantMicros,
                            least.observed(),
                            least.late,
                            least.writeMicros,
                            digest,
                            least.origins()),
                    least.token,
                    least.logVersion,
                    least.bytes,
                    least.updateAt,
                    least.updateLength,
                    least.keyAt - least.updateAt,
                    least.keyLength);
            found.add(least.number, digest);
            found.bytes += least.updateLength;
            if (least.next()) {
                queue.add(least);
            }
        }
        if (!found.isSame(expected)) {
            throw new CorruptException(
                    "segments of the journal of " + log.table() + " hold " + found.records + " records, of which their "
                            + "tables tell otherwise",
                    "run 'hindsight verify' to see all that is damaged; they are left as they are");
        }
        return found;
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // The scratch directory goes as a whole.
        }
    }
}
