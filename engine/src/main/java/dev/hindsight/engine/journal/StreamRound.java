package dev.hindsight.engine.journal;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.Tokens;
import dev.hindsight.codec.commitlog.SegmentVersion;
import dev.hindsight.codec.commitlog.UnknownSchemaException;
import dev.hindsight.codec.commitlog.UpdateSplitter;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.journal.ContentDigest;
import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.model.journal.Observation;
import dev.hindsight.model.journal.Origin;
import dev.hindsight.repository.journal.CaptureItem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * One incarnation's captures in one round of sealing a table: reads ahead, and keeps what it found in the order of the log
 * until the round knows how far it goes. What is behind that is read again in a later round. One thread; close it.
 */
final class StreamRound implements AutoCloseable {
    /** What was found. */
    sealed interface Found permits Change, Item, Heard, NewSchema, Truncated, Dropped, Unlogged, Mark {}

    /** One update of the table. */
    record Change(
            ContentDigest digest,
            long writeMicros,
            Observation observed,
            Origin origin,
            int schema,
            int logVersion,
            long token,
            byte[] update,
            int keyAt,
            int keyLength)
            implements Found {}

    record Item(CaptureItem item) implements Found {}

    /** A SEEN item: all that was readable then has been given; the round may go on from before it later. */
    record Heard(long micros, StreamCursor.Place before, int schema) implements Found {}

    record NewSchema(int version, long writeMicros, Observation observed) implements Found {}

    /** @param upTo how far in the host's log it took away what is written there */
    record Truncated(long atMicros, LogPosition upTo, Observation observed) implements Found {}

    record Dropped(String why, long writeMicros, Observation observed) implements Found {}

    /** From there on writes are in no log. */
    record Unlogged(String cause, Observation observed) implements Found {}

    /** A LOG item: what follows was observed then; the round may go on from before it later. */
    record Mark(Observation observed, StreamCursor.Place before, int schema) implements Found {}

    final CaptureStream stream;
    final List<Found> found = new ArrayList<>();
    private final StreamCursor cursor;
    private final UUID tableId;
    private final SchemaVersions versions;
    private final SystemMutations system;
    private int schema;
    private long frontier;
    private long told;
    private boolean exhausted;

    /**
     * @param frontier everything that was observed before that has been given
     * @param schema version that the host has at that place
     */
    StreamRound(
            CaptureSource source,
            CaptureStream stream,
            StreamCursor.Place from,
            UUID tableId,
            SchemaVersions versions,
            SystemMutations system,
            int schema,
            long frontier) {
        this.stream = stream;
        this.cursor = new StreamCursor(source, stream, from);
        this.tableId = tableId;
        this.versions = versions;
        this.system = system;
        this.schema = schema;
        this.frontier = frontier;
        this.told = frontier;
    }

    /** All frames that were observed before have been given. */
    long frontier() {
        return frontier;
    }

    /** All frames that were readable before have been given, and something says so. */
    long told() {
        return told;
    }

    /** Whether there is no more now. */
    boolean exhausted() {
        return exhausted;
    }

    StreamCursor.Place place() {
        return cursor.place();
    }

    int schema() {
        return schema;
    }

    /** Reads one item. Gives the bytes that it holds of it. */
    long advance() {
        StreamCursor.Place before = cursor.place();
        Optional<CaptureItem> next = cursor.next();
        if (next.isEmpty()) {
            exhausted = true;
            return 0;
        }
        CaptureItem item = next.get();
        if (item instanceof CaptureItem.Log log) {
            found.add(new Mark(log.observation(), before, schema));
            frontier = Math.max(frontier, log.observation().toMicros());
            return 0;
        }
        if (item instanceof CaptureItem.Frame frame) {
            return frame(frame);
        }
        if (item instanceof CaptureItem.Seen seen) {
            frontier = Math.max(frontier, seen.micros() + 1);
            told = Math.max(told, seen.micros() + 1);
            found.add(new Heard(seen.micros(), before, schema));
            return 0;
        }
        if (item instanceof CaptureItem.Outside outside && !outside.tableId().equals(tableId)) {
            return 0;
        }
        found.add(new Item(item));
        return 0;
    }

    private long frame(CaptureItem.Frame frame) {
        byte[] bytes = frame.mutation();
        CaptureItem.Log log = cursor.log().orElseThrow(() -> wrong(frame, "is of no log", null));
        try {
            if (UpdateSplitter.mayBeOf(tableId, bytes, 0, bytes.length)) {
                if (!SystemMutations.isSystem(bytes)) {
                    return updates(frame, log);
                }
            }
            if (SystemMutations.isSystem(bytes)) {
                system.read(log.segmentVersion(), bytes, log.observation(), versions, schema, each -> {
                    if (each instanceof NewSchema changed) {
                        schema = changed.version();
                    }
                    found.add(each);
                });
            }
            return 0;
        } catch (MalformedException e) {
            throw wrong(frame, "is malformed: " + e.getMessage(), e);
        }
    }

    private long updates(CaptureItem.Frame frame, CaptureItem.Log log) {
        UnknownSchemaException unknown = null;
        // The host's own version first; what was dropped since may need an older one.
        for (int i = 0; i <= versions.count(); i++) {
            int version = i == 0 ? schema : versions.count() + 1 - i;
            if (i > 0 && version == schema) {
                continue;
            }
            try {
                return updates(frame, log, version);
            } catch (UnknownSchemaException e) {
                unknown = unknown == null ? e : unknown;
            }
        }
        throw new UnsupportedException(
                "a mutation that ends at " + log.segmentId() + ":" + frame.position() + " on host " + stream.hostId()
                        + " cannot be decoded with any schema that the journal knows: "
                        + (unknown == null ? "" : unknown.getMessage()),
                "protect the table anew: a new base with today's schema begins a new window",
                unknown);
    }

    private long updates(CaptureItem.Frame frame, CaptureItem.Log log, int version) {
        byte[] bytes = frame.mutation();
        UpdateSplitter splitter = new UpdateSplitter(
                SegmentVersion.of(log.segmentVersion(), "segment " + log.segmentId()),
                id -> versions.table(version, id));
        splitter.start(bytes, 0, bytes.length);
        List<Change> changes = new ArrayList<>(1);
        while (splitter.next()) {
            if (!splitter.tableId.equals(tableId)) {
                continue;
            }
            byte[] update = Arrays.copyOfRange(bytes, splitter.updateAt, splitter.updateEnd);
            changes.add(new Change(
                    ContentDigest.of(update, 0, update.length),
                    splitter.greatestTimestamp,
                    log.observation(),
                    new Origin(stream.hostId(), new LogPosition(log.segmentId(), frame.position())),
                    version,
                    log.segmentVersion(),
                    Tokens.of(bytes, splitter.keyAt, splitter.keyLength),
                    update,
                    splitter.keyAt - splitter.updateAt,
                    splitter.keyLength));
        }
        long held = 0;
        for (Change change : changes) {
            held += change.update().length + 200;
            found.add(change);
        }
        return held;
    }

    /** What was found up to the first that is of the watermark or later; then where to go on, and with which schema. */
    Cut cut(long watermarkMicros, Consumer<Found> each) {
        for (int i = 0; i < found.size(); i++) {
            Found one = found.get(i);
            if (one instanceof Mark mark && mark.observed().toMicros() >= watermarkMicros) {
                return new Cut(mark.before(), mark.schema(), found.subList(i, found.size()));
            }
            if (one instanceof Heard heard && heard.micros() >= watermarkMicros) {
                return new Cut(heard.before(), heard.schema(), found.subList(i, found.size()));
            }
            each.accept(one);
        }
        return new Cut(cursor.place(), schema, List.of());
    }

    /** Whether something that an entry would tell of was found from the watermark on. */
    boolean holdsBack(long watermarkMicros) {
        return cut(watermarkMicros, one -> {}).rest().stream().anyMatch(StreamRound::isWorthTelling);
    }

    /** Whether anything was found that an entry would tell of. */
    boolean holdsAny() {
        return found.stream().anyMatch(StreamRound::isWorthTelling);
    }

    private static boolean isWorthTelling(Found one) {
        return !(one instanceof Mark)
                && !(one instanceof Heard)
                && !(one instanceof Item item && item.item() instanceof CaptureItem.Done done && done.clean());
    }

    /** @param rest what is behind it */
    record Cut(StreamCursor.Place place, int schema, List<Found> rest) {}

    private CorruptException wrong(
            CaptureItem.Frame frame, String what, @org.jspecify.annotations.Nullable Throwable e) {
        return new CorruptException(
                "the frame that ends at " + frame.position() + " in capture "
                        + cursor.place().object() + " of host " + stream.hostId() + " " + stream.incarnation() + " "
                        + what,
                "run 'hindsight verify'; a new base begins a new window",
                e);
    }

    @Override
    public void close() {
        cursor.close();
    }
}
