package dev.hindsight.engine.journal;

import dev.hindsight.repository.document.JournalEntry.Consumed;
import dev.hindsight.repository.document.JournalEntry.Gap;
import dev.hindsight.repository.document.JournalEntry.Whole;
import dev.hindsight.repository.journal.CaptureItem;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What an incarnation's capture says about itself: when it was whole, and what is missing. An unclean end of a node opens a
 * hole, from the last instant up to which everything was seen to the node's next start: what it had written and not made
 * readable is lost. One thread.
 */
final class HostEvidence {
    private static final String UNCLEAN = "the node stopped without making all of its log readable";

    private final UUID hostId;
    private final String keyspace;
    private final List<Whole> whole;
    private final List<Gap> gaps;
    private long seenMicros;
    private Optional<Long> hole;

    HostEvidence(UUID hostId, String keyspace, Optional<Consumed> before, List<Whole> whole, List<Gap> gaps) {
        this.hostId = hostId;
        this.keyspace = keyspace;
        this.whole = whole;
        this.gaps = gaps;
        this.seenMicros = before.map(Consumed::seenMicros).orElse(0L);
        // A new incarnation begins by saying what it captures.
        this.hole = before.isPresent() ? before.get().holeMicros() : Optional.of(0L);
    }

    long seenMicros() {
        return seenMicros;
    }

    Optional<Long> hole() {
        return hole;
    }

    void add(CaptureItem item) {
        if (item instanceof CaptureItem.Seen seen) {
            seen(seen.micros());
        } else if (item instanceof CaptureItem.Done done && !done.clean()) {
            hole = hole.or(() -> Optional.of(seenMicros));
        } else if (item instanceof CaptureItem.NodeStarted node) {
            started(node.startedMicros());
        } else if (item instanceof CaptureItem.Gap gap) {
            gap(gap);
        } else if (item instanceof CaptureItem.Scope scope) {
            scope(scope.keyspaces().contains(keyspace));
        }
    }

    private void seen(long micros) {
        if (hole.isPresent() || micros < seenMicros) {
            return;
        }
        if (seenMicros > 0) {
            whole.add(new Whole(hostId, seenMicros, micros));
        }
        seenMicros = micros;
    }

    private void started(long micros) {
        long since = hole.orElse(0L);
        if (since > 0) {
            long to = Math.max(since, micros);
            gaps.add(new Gap(hostId, since, to, UNCLEAN));
            hole = Optional.empty();
            seenMicros = to;
        }
    }

    private void gap(CaptureItem.Gap gap) {
        gaps.add(new Gap(hostId, gap.fromMicros(), gap.toMicros(), gap.cause()));
        if (hole.isEmpty() && seenMicros > 0 && gap.fromMicros() > seenMicros) {
            whole.add(new Whole(hostId, seenMicros, gap.fromMicros()));
        }
        seenMicros = Math.max(seenMicros, gap.toMicros());
    }

    private void scope(boolean captured) {
        if (!captured) {
            hole = Optional.of(hole.orElse(seenMicros));
        } else if (hole.isPresent()) {
            // Whole again from what is seen next.
            seenMicros = 0;
            hole = Optional.empty();
        }
    }
}
