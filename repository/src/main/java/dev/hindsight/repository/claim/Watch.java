package dev.hindsight.repository.claim;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongPredicate;

/**
 * Looks for new heartbeats of claims, a number of times with a pause in between. Patience is counted in looks, not in
 * time: where watcher and holder stood still together, as on a suspended machine, nobody is taken for dead. One thread.
 */
final class Watch {
    static final Duration BEAT = Duration.ofSeconds(5);
    static final Duration PAUSE = Duration.ofSeconds(1);
    static final int LOOKS = 20;
    /**
     * Of who needs nothing that the holder has, and would only destroy its work: longer than a request to an object store
     * may hang, 60 s by default.
     */
    static final int PATIENT_LOOKS = 75;

    private final Beats beats;
    private final Timing timing;
    private final int looks;

    Watch(Beats beats, Timing timing, int looks) {
        this.beats = beats;
        this.timing = timing;
        this.looks = looks;
    }

    /**
     * @param over asked before each look: a claim of which this is true is not watched any longer
     * @return those of {@code claims} that showed no sign of life and are not over
     */
    Set<Long> silent(Collection<Long> claims, LongPredicate over) {
        Map<Long, Long> first = new TreeMap<>();
        claims.forEach(claim -> first.put(claim, beats.newest(claim)));
        for (int look = 0; look < looks && !first.isEmpty(); look++) {
            timing.pause(PAUSE);
            first.keySet().removeIf(over::test);
            first.entrySet().removeIf(one -> beats.seemsToHaveMoved(one.getKey(), one.getValue()) && hasMoved(one));
        }
        first.entrySet().removeIf(this::hasMoved);
        return new LinkedHashSet<>(first.keySet());
    }

    private boolean hasMoved(Map.Entry<Long, Long> one) {
        return beats.newest(one.getKey()) != one.getValue();
    }
}
