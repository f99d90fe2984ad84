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
import dev.hindsight.repository.journal.CaptureItem;
import java.time.Clock;
import java.time.Duration;
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
import java.util.function.Supplier;

/** What a round of sealing a table comes to: everything that its log entry says but the segments. One thread. */
final class SealedRound {
    /** What was observed in a wider interval across the watermark may well be behind it: nothing is claimed of it. */
    private static final long NARROW_MICROS = 1_000_000;

    private final Published before;
    private final Truncations truncations;
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
    private final Map<UUID, Duration> fast;
    private final long readableMicros;
    private long spread;
    private long copies;
    private long bytes;
    private final List<PendingEvent> pending = new ArrayList<>();

    private record PendingEvent(EventKind kind, long atMicros, UUID hostId) {}

    private SealedRound(RoundInputs inputs, JournalEntry newest, Supplier<KnownChanges> known, Clock clock) {
        this.inputs = inputs;
        this.before = new Published(newest.watermarkMicros(), newest.lastNumber());
        this.truncations = new Truncations(inputs, newest);
        Instant began = clock.instant();
        this.watermark = truncations.watermark(
                inputs.watermark(began, clock), inputs.awaited(began), inputs.patientUntil(began));
        this.fast = inputs.fastClocks(clock.instant());
        this.readableMicros = newest.owners()
                .map(JournalEntry.Owners::readableMicros)
                .orElse(SealSettings.USUAL_SYNC.toNanos() / 1000);
        this.round = new SealRound(before, digest -> known.get().contains(digest));
        if (watermark <= before.watermarkMicros()) {
            records = List.of();
            return;
        }
        inputs.streams.forEach(this::apply);
        records = round.records(watermark, truncations.eras(watermark));
        events.addAll(truncations.events(watermark, round.ends()));
        for (PendingEvent event : pending) {
            events.add(new Event(event.kind(), event.atMicros(), lastNumberAt(event.atMicros()), event.hostId()));
        }
        for (Truncations.TooLate late : truncations.tooLate()) {
            // No instant from there on is right.
            events.add(new Event(EventKind.TRUNCATE, late.atMicros(), before.lastNumber(), late.host()));
            ended = Optional.of("a TRUNCATE of " + Instant.ofEpochMilli(late.atMicros() / 1000) + " on host "
                    + late.host() + " was captured only after the journal was sealed beyond it");
        }
    }

    static SealedRound of(RoundInputs inputs, JournalEntry newest, Supplier<KnownChanges> known, Clock clock) {
        return new SealedRound(inputs, newest, known, clock);
    }

    /** By how much a host's clock is ahead, of those that therefore count for nothing. */
    Map<UUID, Duration> fastClocks() {
        return fast;
    }

    private void apply(CaptureStream stream, StreamRound found) {
        HostEvidence evidence = new HostEvidence(
                stream.hostId(),
                inputs.log.table().keyspace(),
                inputs.log.tableId(),
                Optional.ofNullable(inputs.before.get(stream)),
                whole,
                gaps,
                readableMicros);
        StreamRound.Cut cut = found.cut(watermark, one -> apply(stream.hostId(), one, evidence));
        if (!fast.containsKey(stream.hostId())) {
            upToTheWatermark(evidence, cut.rest());
        }
        spread = Math.max(spread, evidence.spreadMicros());
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

    /**
     * A host that is seen behind the watermark, with nothing missing in between, is whole up to it: what it shows from there
     * on became readable behind it, or so shortly before that the spread says it.
     */
    private void upToTheWatermark(HostEvidence evidence, List<StreamRound.Found> rest) {
        long upTo = watermark - 1;
        for (StreamRound.Found one : rest) {
            if (one instanceof StreamRound.Mark mark) {
                boolean narrow = mark.observed().toMicros() - mark.observed().fromMicros() <= NARROW_MICROS;
                upTo = narrow ? upTo : Math.min(upTo, mark.observed().fromMicros());
            } else if (one instanceof StreamRound.Change change
                    && change.observed().fromMicros() < upTo) {
                evidence.observed(change.observed());
            } else if (one instanceof StreamRound.Heard heard) {
                evidence.seen(Math.min(upTo, heard.micros()));
                if (heard.micros() >= upTo) {
                    return;
                }
            } else if (one instanceof StreamRound.Item item && !leavesWhole(item.item())) {
                return;
            }
        }
    }

    private static boolean leavesWhole(CaptureItem item) {
        return item instanceof CaptureItem.Done done && done.clean() || item instanceof CaptureItem.Outside;
    }

    private void apply(UUID host, StreamRound.Found one, HostEvidence evidence) {
        if (one instanceof StreamRound.Change change) {
            if (change.observed().toMicros() >= before.watermarkMicros()) {
                evidence.observed(change.observed());
            }
            if (truncations.isGone(change)) {
                copies++;
                return;
            }
            SealRound.Outcome outcome = round.add(
                    truncations.era(change), change.digest(), change.writeMicros(), change.observed(), change.origin());
            if (outcome == SealRound.Outcome.NEW) {
                changes.putIfAbsent(change.digest(), change);
                bytes += change.update().length;
                newSchemas.computeIfAbsent(change.schema(), version -> sinceOf(version, before.watermarkMicros()));
            } else {
                copies++;
            }
        } else if (one instanceof StreamRound.Heard heard) {
            evidence.seen(heard.micros());
        } else if (one instanceof StreamRound.Item item) {
            evidence.add(item.item());
        } else if (one instanceof StreamRound.NewSchema schema) {
            long since = instant(schema.writeMicros(), schema.observed());
            newSchemas.merge(schema.version(), sinceOf(schema.version(), since), Math::min);
        } else if (one instanceof StreamRound.Unlogged unlogged) {
            Observation observed = unlogged.observed();
            gaps.add(new Gap(host, observed.fromMicros(), observed.toMicros(), unlogged.cause(), Optional.of(true)));
        } else if (one instanceof StreamRound.Dropped dropped && dropped.writeMicros() >= inputs.journalBegan) {
            pending.add(new PendingEvent(EventKind.DROP, instant(dropped.writeMicros(), dropped.observed()), host));
            ended = Optional.of("the table is no more: " + dropped.why());
        }
    }

    /** Of the last TRUNCATE up to the end of this round. */
    Optional<Long> truncated() {
        return truncations.last(watermark);
    }

    /** The last record of before the round's last TRUNCATE; -1 when it has none. */
    long truncatedUpTo() {
        return round.ends().stream().max(Comparator.naturalOrder()).orElse(-1L);
    }

    private long sinceOf(int version, long micros) {
        return inputs.versions.isStraggler(version) ? SchemaVersion.NEVER : micros;
    }

    /** As a change's commit instant. */
    private long instant(long writeMicros, Observation observed) {
        long clamped = Math.max(observed.fromMicros(), Math.min(observed.toMicros(), writeMicros));
        return Math.min(watermark - 1, Math.max(clamped, before.watermarkMicros()));
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

    /** Whether something was found that is still to be told: no host that is waited for has come so far. */
    boolean isWaiting() {
        return inputs.streams.values().stream()
                .anyMatch(stream ->
                        watermark <= before.watermarkMicros() ? stream.holdsAny() : stream.holdsBack(watermark));
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

    /** Joined where one goes on where the other ends, but for what came late, which counts otherwise. */
    List<Whole> whole() {
        List<Whole> out = new ArrayList<>();
        for (Whole one : whole) {
            Whole last = out.isEmpty() ? null : out.get(out.size() - 1);
            if (last != null
                    && last.hostId().equals(one.hostId())
                    && last.toMicros() == one.fromMicros()
                    && last.fromMicros() >= before.watermarkMicros() - 1) {
                out.set(out.size() - 1, new Whole(one.hostId(), last.fromMicros(), one.toMicros()));
            } else {
                out.add(one);
            }
        }
        return out;
    }

    List<Gap> gaps() {
        return gaps;
    }

    /** The widest interval in which a host that counts observed one of the changes. */
    Optional<Long> spreadMicros() {
        return Optional.of(spread).filter(micros -> micros > 0);
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
