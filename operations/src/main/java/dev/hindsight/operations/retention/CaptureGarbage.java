package dev.hindsight.operations.retention;

import dev.hindsight.engine.journal.CaptureStream;
import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.FormatTooNewException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.journal.CaptureRetention;
import dev.hindsight.model.journal.CaptureRetention.Reader;
import dev.hindsight.model.journal.Incarnation;
import dev.hindsight.operations.retention.Garbage.Candidate;
import dev.hindsight.operations.retention.Garbage.Why;
import dev.hindsight.operations.run.Writer;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.document.CaptureFloors;
import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.journal.CaptureFloorLog;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.layout.Keys;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PrimitiveIterator;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.LongStream;

/**
 * Captures that every protected table has sealed ({@link CaptureRetention}); the newest of each incarnation stays, since who
 * begins to protect a table goes on behind it. First a floor is put, then the catalogue is read again, then they go: a table
 * whose protection is published after the floor looks at the floor after that, one before it is known here.
 *
 * <p>A week of a few nodes is millions of captures: they are listed by parts, and of each incarnation only the numbers are
 * kept, in runs. One thread.
 */
final class CaptureGarbage {
    /** With which host ids begin. */
    private static final String DIGITS = "0123456789abcdef";

    private final Repository repository;
    private final Clock clock;
    private final Map<CaptureStream, NumberRuns> listed = new TreeMap<>(
            Comparator.comparing((CaptureStream one) -> one.hostId().toString())
                    .thenComparing(one -> one.incarnation().text()));
    private final CaptureFloorLog floors;
    private final Set<String> problems = new LinkedHashSet<>();

    /** Lists, so that the catalogue is to be read only after this. */
    CaptureGarbage(Repository repository, Clock clock) {
        this.repository = repository;
        this.clock = clock;
        this.floors = new CaptureFloorLog(repository.store());
        for (char digit : DIGITS.toCharArray()) {
            Map<CaptureStream, NumberRuns.Builder> numbers = new HashMap<>();
            for (String key : repository.store().list(Keys.CAPTURES + digit)) {
                Keys.captureOf(key)
                        .ifPresent(one -> numbers.computeIfAbsent(
                                        new CaptureStream(one.hostId(), one.incarnation()),
                                        any -> new NumberRuns.Builder())
                                .add(one.number()));
            }
            numbers.forEach((stream, builder) -> listed.put(stream, builder.runs()));
        }
    }

    /** How many were listed. */
    long listed() {
        return listed.values().stream().mapToLong(NumberRuns::count).sum();
    }

    /** Why captures stay that might go. */
    Set<String> problems() {
        return problems;
    }

    /** Of each incarnation, number of the first capture that stays; those of which nothing goes are left out. */
    private Map<CaptureStream, Long> needed(CatalogueView catalogue) {
        List<Reader> readers = new ArrayList<>();
        for (CatalogueEntry entry : catalogue.protections()) {
            CatalogueEntry.Protection one = entry.protection().orElseThrow();
            Optional<JournalEntry> newest;
            try {
                newest = new JournalLog(repository.store(), one.table(), one.tableId()).newest();
            } catch (CorruptException | FormatTooNewException | NotFoundException e) {
                problems.add(e.getMessage() + "; all captures stay");
                return Map.of();
            }
            if (newest.isEmpty()) {
                problems.add("table " + one.table() + " is protected and has no journal; all captures stay");
                return Map.of();
            }
            if (newest.get().ended().isEmpty()) {
                readers.add(new Reader(one.cluster(), consumed(newest.get())));
            }
        }
        Map<CaptureStream, Long> out = new HashMap<>();
        listed.forEach((stream, objects) -> {
            long first = CaptureRetention.firstNeeded(stream.hostId(), stream.incarnation(), readers);
            if (first > objects.first()) {
                out.put(stream, Math.min(first, Math.max(0, stream.objects(repository.store()) - 1)));
            }
        });
        return out;
    }

    private static Map<UUID, Map<Incarnation, Long>> consumed(JournalEntry entry) {
        Map<UUID, Map<Incarnation, Long>> out = new HashMap<>();
        entry.consumed()
                .forEach(one -> Incarnation.parse(one.incarnation())
                        .ifPresent(incarnation -> out.computeIfAbsent(one.hostId(), key -> new HashMap<>())
                                .put(incarnation, one.object())));
        return out;
    }

    /**
     * Puts floors, so that {@link #limits} may say what goes.
     *
     * @param held asked before: throws once this collection was taken for dead
     */
    void settle(Runnable held) {
        List<CaptureFloors.Stream> wanted = new ArrayList<>();
        needed(repository.catalogue().view().requireWhole()).forEach((stream, first) -> {
            if (first > 0) {
                wanted.add(new CaptureFloors.Stream(
                        stream.hostId(), stream.incarnation().text(), first));
            }
        });
        if (!wanted.isEmpty()) {
            held.run();
            Failpoints.hit(Failpoint.COLLECT_FLOOR);
            floors.raise(wanted, clock.instant(), Writer.describe("collect"));
        }
    }

    /**
     * Of each incarnation of which any go, number of the first that stays.
     *
     * @param catalogue read after {@link #settle}
     */
    Map<CaptureStream, Long> limits(CatalogueView catalogue) {
        Map<CaptureStream, Long> out = new HashMap<>();
        needed(catalogue)
                .forEach((stream, first) ->
                        out.put(stream, Math.min(first, floors.first(stream.hostId(), stream.incarnation()))));
        return out;
    }

    /** What {@link #settle} and {@link #limits} would come to. */
    Map<CaptureStream, Long> imagined() {
        return needed(repository.catalogue().view());
    }

    /** How many go. */
    long count(Map<CaptureStream, Long> limits) {
        return listed.entrySet().stream()
                .mapToLong(one -> one.getValue().countBelow(limits.getOrDefault(one.getKey(), 0L)))
                .sum();
    }

    Sweep sweep() {
        return new Sweep();
    }

    /** Goes once over all that were listed. */
    final class Sweep {
        private final Iterator<Map.Entry<CaptureStream, NumberRuns>> streams =
                listed.entrySet().iterator();
        private Optional<CaptureStream> stream = Optional.empty();
        private PrimitiveIterator.OfLong numbers = LongStream.empty().iterator();

        /**
         * The next that go; none at the end.
         *
         * @param limits as of now
         */
        List<Candidate> next(int most, Map<CaptureStream, Long> limits) {
            List<Candidate> out = new ArrayList<>();
            while (out.size() < most && (numbers.hasNext() || streams.hasNext())) {
                if (!numbers.hasNext()) {
                    Map.Entry<CaptureStream, NumberRuns> next = streams.next();
                    stream = Optional.of(next.getKey());
                    numbers = next.getValue().iterator();
                    continue;
                }
                CaptureStream of = stream.orElseThrow();
                long number = numbers.nextLong();
                if (number < limits.getOrDefault(of, 0L)) {
                    out.add(new Candidate(
                            Keys.capture(of.hostId(), of.incarnation(), number),
                            "captures " + of.hostId(),
                            Why.CAPTURE,
                            0));
                } else {
                    // By number: none that follows goes.
                    numbers = LongStream.empty().iterator();
                }
            }
            return out;
        }
    }
}
