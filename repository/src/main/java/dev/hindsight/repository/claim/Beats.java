package dev.hindsight.repository.claim;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.repository.document.Documents;
import dev.hindsight.repository.document.Heartbeat;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.repository.store.SmallObjects;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The heartbeats of claims as objects. Numbers go up from 1 without a gap; of those up to the newest, n, only the ones
 * that {@link #newest} looks at need to stay: n, and n with its lowest set bits cleared one after the other. So a run of a
 * week leaves a dozen small objects and not a hundred thousand, and the newest is found without a listing. No state.
 */
final class Beats {
    /** 2^24 beats are more than two years. */
    private static final int HIGHEST_BIT = 24;

    private static final int MAX_BYTES = 1 << 16;

    private final ObjectStore store;

    Beats(ObjectStore store) {
        this.store = store;
    }

    /** The newest number there is; 0 for none. While the holder goes on, any number between then and now. */
    long newest(long claim) {
        long found = 0;
        for (int bit = HIGHEST_BIT; bit >= 0; bit--) {
            if (isThere(claim, found + (1L << bit))) {
                found += 1L << bit;
            }
        }
        return found;
    }

    /** Whether the newest is no longer {@code number}; may say no where the holder is just at it. Cheap. */
    boolean seemsToHaveMoved(long claim, long number) {
        return isThere(claim, number + 1) || (number > 0 && !isThere(claim, number));
    }

    Optional<Heartbeat> read(long claim, long number) {
        if (number == 0) {
            return Optional.empty();
        }
        String key = Keys.heartbeat(claim, number);
        try {
            return SmallObjects.find(store, key, MAX_BYTES)
                    .map(bytes -> Documents.fromBytes(bytes, Heartbeat.class, key));
        } catch (CorruptException e) {
            // It is there, which is all that counts.
            return Optional.empty();
        }
    }

    /** Puts the beat, then deletes those before it that are not needed any more. */
    void put(Heartbeat beat) {
        create(beat);
        prune(beat.claim(), beat.number());
    }

    void create(Heartbeat beat) {
        store.putIfAbsent(Keys.heartbeat(beat.claim(), beat.number()), Body.of(Documents.toBytes(beat)));
    }

    /** Deletes those before {@code newest} that are not needed any more. */
    void prune(long claim, long newest) {
        List<Long> needed = kept(newest);
        for (long number : kept(newest - 1)) {
            if (!needed.contains(number)) {
                store.delete(Keys.heartbeat(claim, number));
            }
        }
    }

    /** Deletes what {@link #put} left of a run whose newest beat is {@code newest}. */
    void clear(long claim, long newest) {
        // From the newest down: what is left of a cut clearing is still found from its lowest number up.
        for (long number : kept(newest)) {
            store.delete(Keys.heartbeat(claim, number));
        }
    }

    /** Deletes one that is nobody's any more. */
    void delete(long claim, long number) {
        store.delete(Keys.heartbeat(claim, number));
    }

    /** What stays when {@code newest} is the newest, highest first. */
    static List<Long> kept(long newest) {
        List<Long> out = new ArrayList<>();
        for (long number = newest; number > 0; number &= number - 1) {
            out.add(number);
        }
        return out;
    }

    private boolean isThere(long claim, long number) {
        return store.size(Keys.heartbeat(claim, number)).isPresent();
    }
}
