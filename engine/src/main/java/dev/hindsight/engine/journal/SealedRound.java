package dev.hindsight.engine.journal;

import dev.hindsight.model.journal.ChangeRecord;
import dev.hindsight.model.journal.ContentDigest;
import dev.hindsight.model.journal.Observation;
import dev.hindsight.model.journal.Published;
import dev.hindsight.model.journal.SealRound;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalEntry.Consumed;
import dev.hindsight.repository.document.JournalEntry.Definition;
import dev.hindsight.repository.document.JournalEntry.Event;
import dev.hindsight.repository.document.JournalEntry.EventKind;
import dev.hindsight.repository.document.JournalEntry.Gap;
import dev.hindsight.repository.document.JournalEntry.SchemaVersion;
import dev.hindsight.repository.document.JournalEntry.Whole;
import dev.hindsight.repository.journal.JournalView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/** What a round of sealing a table comes to: everything that its log entry says but the segments. One thread. */
final class SealedRound {
    /** A TRUNCATE shows on each node at about the same time: one that is known within that is the same. */
    private static final long SAME_TRUNCATE_MICROS = 10_000_000;

    private final Published before;
    private final Optional<Long> truncatedBefore;
    private final RoundInputs inputs;
    private final SealRound round;
    private final long watermark;
    private final Map<ContentDigest, StreamRound.Change> changes = new HashMap<>();
    private final List<Consumed> consumed = new ArrayList<>();
    private final List<Whole> whole = new ArrayList<>();
    private final List<Gap> gaps = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();
    private final Map<Integer, Long> newSchemas = new TreeMap<>();
    private final List<ChangeRecord> records;
    private Optional<String> ended = Optional.empty();
    private long copies;
    private long bytes;
    private final List<PendingEvent> pending = new ArrayList<>();

    private record PendingEvent(EventKind kind, long atMicros, UUID hostId) {}

    private SealedRound(RoundInputs inputs, JournalEntry newest, KnownChanges known, Instant now) {
        this.inputs = inputs;
        this.before = new Published(newest.watermarkMicros(), newest.lastNumber());
        this.watermark = inputs.watermark(now);
        this.truncatedBefore = truncatedBefore(newest);
        this.round = new SealRound(before, known::contains);
        if (watermark <= before.watermarkMicros()) {
            records = List.of();
            return;
        }
        inputs.streams.forEach(this::apply);
        records = round.records(watermark);
        for (PendingEvent event : pending) {
            events.add(new Event(event.kind(), event.atMicros(), lastNumberAt(event.atMicros()), event.hostId()));
        }
    }

    /**
     * The last TRUNCATE up to this round, also one from before the journal began: a log that is read again from its start
     * tells of it, and of what it took away, which no base has.
     */
    private Optional<Long> truncatedBefore(JournalEntry newest) {
        List<Long> found = new ArrayList<>();
        newest.truncatedMicros().ifPresent(found::add);
        inputs.streams
                .values()
                .forEach(stream -> stream.cut(watermark, one -> {
                    if (one instanceof StreamRound.Truncated truncated && truncated.atMicros() < inputs.journalBegan) {
                        found.add(truncated.atMicros());
                    }
                }));
        return found.stream().max(Comparator.naturalOrder());
    }

    static SealedRound of(RoundInputs inputs, JournalEntry newest, KnownChanges known, Instant now) {
        return new SealedRound(inputs, newest, known, now);
    }

    private void apply(CaptureStream stream, StreamRound found) {
        HostEvidence evidence = new HostEvidence(
                stream.hostId(),
                inputs.log.table().keyspace(),
                Optional.ofNullable(inputs.before.get(stream)),
                whole,
                gaps);
        StreamRound.Cut cut = found.cut(watermark, one -> apply(stream.hostId(), one, evidence));
        // Versions that records and hosts refer to are published with them.
        newSchemas.computeIfAbsent(cut.schema(), version -> sinceOf(version, before.watermarkMicros()));
        consumed.add(new Consumed(
                stream.hostId(),
                stream.incarnation().text(),
                cut.place().object(),
                cut.place().items(),
                cut.place().previous(),
                evidence.seenMicros(),
                evidence.hole(),
                cut.schema()));
    }

    private void apply(UUID host, StreamRound.Found one, HostEvidence evidence) {
        if (one instanceof StreamRound.Change change) {
            if (truncatedBefore.filter(at -> wasTruncated(change, at)).isPresent()) {
                copies++;
                return;
            }
            SealRound.Outcome outcome =
                    round.add(change.digest(), change.writeMicros(), change.observed(), change.origin());
            if (outcome == SealRound.Outcome.NEW) {
                changes.put(change.digest(), change);
                bytes += change.update().length;
                newSchemas.computeIfAbsent(change.schema(), version -> sinceOf(version, before.watermarkMicros()));
            } else {
                copies++;
            }
        } else if (one instanceof StreamRound.Item item) {
            evidence.add(item.item());
        } else if (one instanceof StreamRound.NewSchema schema) {
            long since = instant(schema.writeMicros(), schema.observed());
            newSchemas.merge(schema.version(), sinceOf(schema.version(), since), Math::min);
        } else if (one instanceof StreamRound.Truncated truncated) {
            truncated(host, truncated);
        } else if (one instanceof StreamRound.Dropped dropped && dropped.writeMicros() >= inputs.journalBegan) {
            pending.add(new PendingEvent(EventKind.DROP, instant(dropped.writeMicros(), dropped.observed()), host));
            ended = Optional.of("the table is no more: " + dropped.why());
        }
    }

    /**
     * Whether the change was there, as far as one can tell, when the table was truncated, and only comes now: a log that was
     * read again, or late. As a record behind the TRUNCATE it would bring back what is gone.
     */
    private static boolean wasTruncated(StreamRound.Change change, long atMicros) {
        return change.observed().fromMicros() < atMicros && change.writeMicros() <= atMicros;
    }

    /** Of the last TRUNCATE up to the end of this round. */
    Optional<Long> truncated() {
        return events.stream()
                .filter(event -> event.kind() == EventKind.TRUNCATE)
                .map(Event::atMicros)
                .max(Comparator.naturalOrder())
                .or(() -> truncatedBefore);
    }

    private long sinceOf(int version, long micros) {
        return inputs.versions.isStraggler(version) ? SchemaVersion.NEVER : micros;
    }

    /** As a change's commit instant. */
    private long instant(long writeMicros, Observation observed) {
        long clamped = Math.max(observed.fromMicros(), Math.min(observed.toMicros(), writeMicros));
        return Math.min(watermark - 1, Math.max(clamped, before.watermarkMicros()));
    }

    private void truncated(UUID host, StreamRound.Truncated truncated) {
        if (truncated.atMicros() < inputs.journalBegan) {
            // Every base is younger.
            return;
        }
        if (truncated.atMicros() >= before.watermarkMicros()
                || truncated.observed().toMicros() >= before.watermarkMicros()) {
            long at = instant(truncated.atMicros(), truncated.observed());
            if (truncated.atMicros() >= before.watermarkMicros() || !isKnown(truncated.atMicros())) {
                pending.add(new PendingEvent(EventKind.TRUNCATE, at, host));
            }
            return;
        }
        if (!isKnown(truncated.atMicros())) {
            ended = Optional.of("a TRUNCATE of " + Instant.ofEpochMilli(truncated.atMicros() / 1000) + " on host "
                    + host + " was captured only after the journal was sealed beyond it");
        }
    }

    /** Whether an entry tells of a TRUNCATE at about that time: each node logs it, and a log may be read again. */
    private boolean isKnown(long atMicros) {
        if (pending.stream().anyMatch(one -> one.kind() == EventKind.TRUNCATE && isSame(one.atMicros(), atMicros))) {
            return true;
        }
        return JournalView.at(inputs.log, inputs.newest).events().stream()
                .anyMatch(event -> event.kind() == EventKind.TRUNCATE && isSame(event.atMicros(), atMicros));
    }

    private static boolean isSame(long a, long b) {
        return Math.abs(a - b) <= SAME_TRUNCATE_MICROS;
    }

    private long lastNumberAt(long micros) {
        int low = 0;
        int high = records.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (records.get(middle).instantMicros() <= micros) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return before.lastNumber() + low;
    }

    /** Whether there is something to say that cannot wait. */
    boolean isWorthPublishing(JournalEntry newest, SealSettings settings) {
        if (watermark <= newest.watermarkMicros()) {
            return false;
        }
        // Where there is more to read, what was read is not to be read again.
        boolean says = inputs.isFull()
                || !records.isEmpty()
                || !gaps.isEmpty()
                || !events.isEmpty()
                || ended.isPresent()
                || newSchemas.keySet().stream().anyMatch(version -> version > inputs.versions.publishedCount());
        return says || watermark - newest.watermarkMicros() >= settings.idle().toNanos() / 1000;
    }

    long watermarkMicros() {
        return watermark;
    }

    List<ChangeRecord> records() {
        return records;
    }

    Map<ContentDigest, StreamRound.Change> changes() {
        return changes;
    }

    long bytes() {
        return bytes;
    }

    long copies() {
        return copies;
    }

    List<Whole> whole() {
        return whole;
    }

    List<Gap> gaps() {
        return gaps;
    }

    List<Event> events() {
        return events;
    }

    Optional<String> ended() {
        return ended;
    }

    /** The published number of each of the round's versions; 0 for one that is not used. Index 0 is free. */
    int[] versionNumbers() {
        int[] out = new int[inputs.versions.count() + 1];
        int next = inputs.versions.publishedCount();
        Set<Integer> used = new HashSet<>(newSchemas.keySet());
        for (int version = 1; version < out.length; version++) {
            out[version] = version <= inputs.versions.publishedCount() ? version : used.contains(version) ? ++next : 0;
        }
        return out;
    }

    List<SchemaVersion> schemas(JournalEntry newest) {
        List<SchemaVersion> out = new ArrayList<>(newest.schemas());
        int[] numbers = versionNumbers();
        newSchemas.forEach((version, since) -> {
            if (version > inputs.versions.publishedCount()) {
                out.add(new SchemaVersion(numbers[version], since, newest.number() + 1));
            }
        });
        return out;
    }

    List<Definition> definitions() {
        List<Definition> out = new ArrayList<>();
        int[] numbers = versionNumbers();
        for (int version : newSchemas.keySet()) {
            if (version > inputs.versions.publishedCount()) {
                out.add(inputs.versions.definition(version, numbers[version]));
            }
        }
        return out;
    }

    List<Consumed> consumed() {
        int[] numbers = versionNumbers();
        return consumed.stream()
                .map(one -> new Consumed(
                        one.hostId(),
                        one.incarnation(),
                        one.object(),
                        one.items(),
                        one.previous(),
                        one.seenMicros(),
                        one.holeMicros(),
                        numbers[one.schema()]))
                .toList();
    }
}
