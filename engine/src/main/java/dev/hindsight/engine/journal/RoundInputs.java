package dev.hindsight.engine.journal;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.journal.Incarnation;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalEntry.Consumed;
import dev.hindsight.repository.document.JournalEntry.Definition;
import dev.hindsight.repository.document.JournalEntry.SchemaVersion;
import dev.hindsight.repository.journal.CaptureFloorLog;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.store.ObjectStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All captures in one round of sealing a table. Reads on always where the least has been read, so that what is held belongs to
 * about the same time on all hosts, and decides how far the round goes. One thread; close it.
 */
final class RoundInputs implements AutoCloseable {
    /** A round that cannot end where it should goes on to so many times its size. */
    private static final int STRETCH = 3;

    /** A clock that is ahead by more makes no instant final, and no guarantee. */
    private static final Duration FAST = Duration.ofSeconds(2);

    /** What one thing found costs at least. */
    private static final int OVERHEAD = 100;

    final Map<CaptureStream, StreamRound> streams = new LinkedHashMap<>();
    final Map<CaptureStream, Consumed> before = new LinkedHashMap<>();
    final SchemaVersions versions;
    final JournalLog log;
    final long journalBegan;
    final JournalEntry newest;
    private final SealSettings settings;
    private final Set<UUID> awaited;
    private boolean full;

    RoundInputs(
            ObjectStore store,
            CaptureSource source,
            JournalLog log,
            JournalEntry newest,
            SealSettings settings,
            Collection<CaptureStream> wanted,
            Set<UUID> awaited) {
        this.newest = newest;
        this.settings = settings;
        this.awaited = Set.copyOf(awaited);
        this.log = log;
        this.journalBegan = log.entry(1).watermarkMicros();
        List<Definition> definitions = new ArrayList<>();
        for (SchemaVersion schema : newest.schemas()) {
            definitions.add(log.definition(newest, schema.version()));
        }
        this.versions = new SchemaVersions(log.table().keyspace(), log.tableId(), definitions, newest.schemas());
        SystemMutations system = new SystemMutations(log.table(), log.tableId());
        Set<CaptureStream> all = new HashSet<>(wanted);
        for (Consumed consumed : newest.consumed()) {
            Incarnation incarnation = Incarnation.parse(consumed.incarnation())
                    .orElseThrow(() -> new CorruptException(
                            "entry " + newest.number() + " of the journal of " + log.table() + " names incarnation '"
                                    + consumed.incarnation() + "'",
                            "run 'hindsight verify' to see all that is damaged"));
            CaptureStream stream = new CaptureStream(consumed.hostId(), incarnation);
            before.put(stream, consumed);
        }
        all.addAll(before.keySet());
        for (Map.Entry<CaptureStream, Consumed> one : before.entrySet()) {
            Consumed consumed = one.getValue();
            StreamCursor.Place place = new StreamCursor.Place(consumed.object(), consumed.items(), consumed.previous());
            open(source, one.getKey(), place, system, consumed.schema(), consumed.seenMicros(), all);
        }
        for (CaptureStream stream : wanted) {
            if (!streams.containsKey(stream)) {
                open(source, stream, StreamCursor.Place.first(store, stream), system, versions.newest(), 0, all);
            }
        }
    }

    private void open(
            CaptureSource source,
            CaptureStream stream,
            StreamCursor.Place place,
            SystemMutations system,
            int schema,
            long frontier,
            Collection<CaptureStream> others) {
        // One that ended on the way to what others have is on nobody's way any more.
        boolean past = versions.isStraggler(schema) && others.stream().anyMatch(other -> other.isLaterThan(stream));
        SchemaVersions its = past ? versions.aside() : versions;
        streams.put(stream, new StreamRound(source, stream, place, log.tableId(), its, system, schema, frontier));
    }

    /**
     * Reads on, and says how far the round goes: what was observed before that instant is in it. Never beyond now: what a
     * host says of the time to come is of a clock that is fast. Now is when all was read: hosts go on while that is done.
     */
    long watermark(Instant began, Clock clock) {
        long reached = reached(began);
        return Math.min(reached, micros(clock.instant()) + 1);
    }

    private long reached(Instant now) {
        long held = 0;
        boolean forced = false;
        boolean anyGivesNothing = awaited.stream()
                .anyMatch(host -> streams.keySet().stream()
                        .noneMatch(stream -> stream.hostId().equals(host)));
        while (true) {
            StreamRound least = leastRead();
            if (least == null) {
                break;
            }
            anyGivesNothing |= anyExhausted();
            // While all hosts give more nothing is bound by one, so that most items cost little.
            Optional<Long> bound = anyGivesNothing || held >= settings.roundBytes() ? bound(now) : Optional.empty();
            if (bound.isPresent() && bound.get() <= least.frontier() && isBoundByTheExhausted(bound.get(), now)) {
                // Enough for the round; a little more may show that a host is whole up to its end.
                Optional<StreamRound> untold = streams.values().stream()
                        .filter(stream -> !stream.exhausted() && stream.told() < bound.get())
                        .min(Comparator.comparingLong(StreamRound::frontier));
                if (untold.isEmpty() || held >= settings.roundBytes()) {
                    break;
                }
                least = untold.get();
            }
            boolean ahead = bound.orElse(least.frontier()) > newest.watermarkMicros();
            forced = held >= STRETCH * settings.roundBytes();
            full = forced || held >= settings.roundBytes() && ahead;
            if (full) {
                break;
            }
            held += least.advance() + OVERHEAD;
        }
        if (forced) {
            // More was observed at one instant than a round can hold: the rest of it comes LATE, one microsecond on.
            long least = streams.values().stream()
                    .filter(stream -> !stream.exhausted())
                    .mapToLong(StreamRound::frontier)
                    .min()
                    .orElse(0);
            return Math.max(least, newest.watermarkMicros()) + 1;
        }
        Optional<Long> told = told(now);
        if (told.isPresent() && told.get() > newest.watermarkMicros()) {
            // So far all of them can be shown to be whole.
            return bound(now).filter(bound -> bound < told.get()).orElse(told.get());
        }
        if (told.isPresent() && !full) {
            // What they say next shows how far they are whole; nothing beyond could be claimed later.
            return newest.watermarkMicros();
        }
        return bound(now)
                .orElseGet(() -> streams.values().stream()
                        .mapToLong(StreamRound::frontier)
                        .max()
                        .orElse(newest.watermarkMicros()));
    }

    /** Of those that may give more; null when none may. */
    private @Nullable StreamRound leastRead() {
        StreamRound least = null;
        for (StreamRound stream : streams.values()) {
            if (!stream.exhausted() && (least == null || stream.frontier() < least.frontier())) {
                least = stream;
            }
        }
        return least;
    }

    private boolean anyExhausted() {
        for (StreamRound stream : streams.values()) {
            if (stream.exhausted()) {
                return true;
            }
        }
        return false;
    }

    /** Whether the round ended because it holds enough, not because there is no more. */
    boolean isFull() {
        return full;
    }

    /** The least that has been read of a host that is waited for; empty when none is. */
    private Optional<Long> bound(Instant now) {
        return awaited.stream()
                .map(this::frontier)
                .flatMap(Optional::stream)
                .filter(one -> isAwaited(one, now))
                .map(HostFrontier::micros)
                .min(Comparator.naturalOrder());
    }

    /** The hosts that are waited for and give something. */
    Set<UUID> awaited(Instant now) {
        return awaited.stream()
                .filter(host ->
                        frontier(host).filter(one -> isAwaited(one, now)).isPresent())
                .collect(Collectors.toSet());
    }

    /** The instant from which on patience has not ended. */
    long patientUntil(Instant now) {
        return micros(now.minus(settings.patience()));
    }

    /**
     * How far all hosts that are waited for say that they have given everything; empty when none is. Of one that has not said
     * so for longer than patience lasts, what it gives counts.
     */
    private Optional<Long> told(Instant now) {
        return awaited.stream()
                .filter(host ->
                        frontier(host).filter(one -> isAwaited(one, now)).isPresent())
                .map(host -> streams.values().stream()
                        .filter(stream -> stream.stream.hostId().equals(host))
                        .mapToLong(StreamRound::told)
                        .max()
                        .orElse(newest.watermarkMicros()))
                .filter(told -> told >= patientUntil(now))
                .min(Comparator.naturalOrder());
    }

    /** By how much each host's clock is ahead of this one, where it is by more than clocks usually are. */
    Map<UUID, Duration> fastClocks(Instant now) {
        Map<UUID, Duration> out = new TreeMap<>();
        for (StreamRound stream : streams.values()) {
            Duration ahead = Duration.of(stream.frontier() - 1 - micros(now), ChronoUnit.MICROS);
            if (ahead.compareTo(FAST) > 0) {
                out.merge(stream.stream.hostId(), ahead, (a, b) -> a.compareTo(b) > 0 ? a : b);
            }
        }
        return out;
    }

    private static long micros(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }

    private boolean isBoundByTheExhausted(long bound, Instant now) {
        return awaited.stream()
                .map(this::frontier)
                .flatMap(Optional::stream)
                .filter(one -> isAwaited(one, now))
                .anyMatch(one -> one.exhausted() && one.micros() == bound);
    }

    /** @param exhausted whether there is no more of it now */
    private record HostFrontier(long micros, boolean exhausted) {}

    private boolean isAwaited(HostFrontier host, Instant now) {
        long silent = micros(now) - host.micros();
        return !host.exhausted() || silent <= settings.patience().toNanos() / 1000;
    }

    private Optional<HostFrontier> frontier(UUID host) {
        long least = Long.MAX_VALUE;
        long most = Long.MIN_VALUE;
        for (StreamRound stream : streams.values()) {
            if (stream.stream.hostId().equals(host)) {
                most = Math.max(most, stream.frontier());
                if (!stream.exhausted()) {
                    least = Math.min(least, stream.frontier());
                }
            }
        }
        if (most == Long.MIN_VALUE) {
            // Nothing of it at all yet: it holds up what was not published before.
            return Optional.of(new HostFrontier(newest.watermarkMicros(), true));
        }
        boolean exhausted = least == Long.MAX_VALUE;
        return Optional.of(new HostFrontier(exhausted ? most : least, exhausted));
    }

    /**
     * Where a host is silent, looks whether that is because what it gave next is gone.
     *
     * @throws NotFoundException it was collected while the table was not protected, and nobody has said so in the journal:
     *     who protected the table again did not get so far
     */
    void requireNotCollected(CaptureFloorLog floors, Instant now) {
        List<StreamRound> silent = streams.values().stream()
                .filter(stream -> stream.exhausted() && stream.frontier() < patientUntil(now))
                .toList();
        if (silent.isEmpty()) {
            return;
        }
        floors.read();
        for (StreamRound one : silent) {
            long object = one.place().object();
            if (floors.known(one.stream.hostId(), one.stream.incarnation()) > object) {
                throw new NotFoundException(
                        "capture " + object + " of host " + one.stream.hostId() + " " + one.stream.incarnation()
                                + ", which the journal of " + log.table()
                                + " has not taken in, was collected while the table was not protected",
                        "run 'hindsight protect " + log.table() + "' again: its journal then goes on behind that");
            }
        }
    }

    @Override
    public void close() {
        streams.values().forEach(StreamRound::close);
    }
}
