package dev.hindsight.engine.journal;

import dev.hindsight.model.journal.Incarnation;
import dev.hindsight.repository.journal.CaptureFloorLog;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.ObjectStore;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The captures of one incarnation of one host, in the order of their numbers. */
public record CaptureStream(UUID hostId, Incarnation incarnation) {
    /**
     * Those of a host that a listing shows: a hint. An agent's own word, and what a journal has consumed before, are better.
     */
    public static List<CaptureStream> listed(ObjectStore store, UUID hostId) {
        return store.list(Keys.captures(hostId)).stream()
                .map(Keys::captureOf)
                .flatMap(Optional::stream)
                .map(key -> new CaptureStream(key.hostId(), key.incarnation()))
                .distinct()
                .toList();
    }

    /** Number of the object that comes next: all that there are now, and those that were there, come before it. */
    public long objects(ObjectStore store) {
        long known = new CaptureFloorLog(store).first(hostId, incarnation);
        long step = 1;
        while (exists(store, known + step - 1)) {
            known += step;
            step *= 2;
        }
        long missing = known + step;
        while (missing - known > 1) {
            long middle = known + (missing - known) / 2;
            if (exists(store, middle - 1)) {
                known = middle;
            } else {
                missing = middle;
            }
        }
        return known;
    }

    /** Whether the host began this incarnation after another one of its own: that one gives nothing more. */
    boolean isLaterThan(CaptureStream other) {
        return hostId.equals(other.hostId) && incarnation.startMillis() > other.incarnation.startMillis();
    }

    private boolean exists(ObjectStore store, long number) {
        return store.size(Keys.capture(hostId, incarnation, number)).isPresent();
    }
}
