package dev.hindsight.model.window;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;

/**
 * When one node's log was captured without a hole, as far as the journal has it. An unclean stop of the node opens a hole
 * from what was last seen of its log to its next start; a stop of the agent alone opens none, if no segment was lost.
 *
 * @param whole all that reached the node's log in such a stretch is in the journal
 * @param holes what may be missing all the same, whatever {@code whole} says
 */
public record HostCapture(UUID host, List<Known> whole, List<Stretch> holes) {
    /**
     * @param sinceMicros the first instant for which it counts: earlier ones were sealed without what was captured then
     */
    public record Known(Stretch stretch, long sinceMicros) {}

    public HostCapture {
        List<Known> kept = new ArrayList<>();
        List<Stretch> always = new ArrayList<>();
        for (Known one : whole) {
            // No instant before a stretch asks for it.
            if (one.sinceMicros() <= one.stretch().fromMicros()) {
                always.add(one.stretch());
            } else {
                kept.add(one);
            }
        }
        Stretch.joined(always).forEach(stretch -> kept.add(new Known(stretch, Long.MIN_VALUE)));
        whole = List.copyOf(kept);
        holes = List.copyOf(holes);
    }

    /** All of it known in time. */
    public HostCapture(UUID host, List<Stretch> whole) {
        this(
                host,
                whole.stream()
                        .map(stretch -> new Known(stretch, Long.MIN_VALUE))
                        .toList(),
                List.of());
    }

    /** What counts for an instant. */
    List<Stretch> asOf(long micros) {
        return Stretch.without(
                whole.stream()
                        .filter(one -> one.sinceMicros() <= micros)
                        .map(Known::stretch)
                        .toList(),
                holes);
    }

    /** The instants from which on more counts than before. */
    LongStream turns() {
        return whole.stream().mapToLong(Known::sinceMicros).filter(since -> since != Long.MIN_VALUE);
    }
}
