package dev.hindsight.model.window;

import java.util.List;
import java.util.UUID;

/**
 * When one node's log was captured without a hole, as far as the journal has it. An unclean stop of the node opens a hole
 * from what was last seen of its log to its next start; a stop of the agent alone opens none, if no segment was lost.
 *
 * @param whole all that reached the node's log in such a stretch is in the journal
 */
public record HostCapture(UUID host, List<Stretch> whole) {
    public HostCapture {
        whole = Stretch.joined(whole);
    }

    boolean covers(long from, long to) {
        return whole.stream().anyMatch(stretch -> stretch.covers(from, to));
    }
}
