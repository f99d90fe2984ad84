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
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Captures that every protected table has sealed ({@link CaptureRetention}); the newest of each incarnation stays, since who
 * begins to protect a table goes on behind it. First a floor is put, then the catalogue is read again, then they go: a table
 * whose protection is published after the floor looks at the floor after that, one before it is known here. One thread.
 */
final class CaptureGarbage {
    private final Repository repository;
    private final Clock clock;
    private final Map<CaptureStream, TreeMap<Long, String>> listed = new HashMap<>();
    private final CaptureFloorLog floors;
    private final Set<String> problems = new LinkedHashSet<>();

    /** @param keys as listed, before the catalogue was read */
    CaptureGarbage(Repository repository, List<String> keys, Clock clock) {
        this.repository = repository;
        this.clock = clock;
        this.floors = new CaptureFloorLog(repository.store());
        for (String key : keys) {
            Keys.captureOf(key)
                    .ifPresent(one -> listed.computeIfAbsent(
                                    new CaptureStream(one.hostId(), one.incarnation()), any -> new TreeMap<>())
                            .put(one.number(), key));
        }
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
            if (first > objects.firstKey()) {
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
     * Puts floors, so that {@link #of} may say what goes.
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

    /** @param catalogue read after {@link #settle} */
    List<Candidate> of(CatalogueView catalogue) {
        return below(needed(catalogue), true);
    }

    /** What {@link #settle} and {@link #of} would come to. */
    List<Candidate> imagined() {
        return below(needed(repository.catalogue().view()), false);
    }

    private List<Candidate> below(Map<CaptureStream, Long> needed, boolean published) {
        List<Candidate> out = new ArrayList<>();
        needed.forEach((stream, first) -> {
            long floor = published ? Math.min(first, floors.first(stream.hostId(), stream.incarnation())) : first;
            Optional.ofNullable(listed.get(stream))
                    .orElseThrow()
                    .headMap(floor)
                    .values()
                    .forEach(key -> out.add(new Candidate(key, "captures " + stream.hostId(), Why.CAPTURE, 0)));
        });
        return out;
    }
}
