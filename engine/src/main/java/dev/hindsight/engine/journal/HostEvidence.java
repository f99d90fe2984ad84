package dev.hindsight.engine.journal;

import dev.hindsight.model.journal.Observation;
import dev.hindsight.repository.document.JournalEntry.Consumed;
import dev.hindsight.repository.document.JournalEntry.Gap;
import dev.hindsight.repository.document.JournalEntry.Whole;
import dev.hindsight.repository.journal.CaptureItem;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What an incarnation's capture says about itself: when it was whole, and what is missing. An unclean end of a node opens a
 * hole, to the node's next start: what it had written and not made readable is lost. What was seen last tells what was
 * readable then, and a write may be acknowledged before it is readable, so the hole begins that much earlier. One thread.
 */
final class HostEvidence {
    private static final String UNCLEAN = "the node stopped without making all of its log readable";

    private final UUID hostId;
    private final String keyspace;
    private final UUID tableId;
    private final List<Whole> whole;
    private final List<Gap> gaps;
    private final long readableMicros;
    private long seenMicros;
    private long spreadMicros;
    private long unprovenMicros;
    private Optional<Long> hole;

    /** @param readableMicros a write is readable so long after it was acknowledged, at most */
    HostEvidence(
            UUID hostId,
            String keyspace,
            UUID tableId,
            Optional<Consumed> before,
            List<Whole> whole,
            List<Gap> gaps,
            long readableMicros) {
        this.hostId = hostId;
        this.keyspace = keyspace;
        this.tableId = tableId;
        this.whole = whole;
        this.gaps = gaps;
        this.readableMicros = readableMicros;
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

    /** The widest interval in which a change was observed that is in a whole stretch. */
    long spreadMicros() {
        return spreadMicros;
    }

    /** A change that counts was observed so. */
    void observed(Observation observation) {
        unprovenMicros = Math.max(unprovenMicros, observation.toMicros() - observation.fromMicros());
    }

    void add(CaptureItem item) {
        if (item instanceof CaptureItem.Done done && !done.clean()) {
            if (seenMicros > 0) {
                hole = hole.or(() -> Optional.of(Math.max(1, seenMicros - readableMicros)));
            }
        } else if (item instanceof CaptureItem.NodeStarted node) {
            started(node.startedMicros());
        } else if (item instanceof CaptureItem.Gap gap) {
            gap(gap);
        } else if (item instanceof CaptureItem.Outside outside) {
            outside(outside);
        } else if (item instanceof CaptureItem.Scope scope) {
            scope(scope.keyspaces().contains(keyspace));
        }
    }

    /** All that was readable then is known. */
    void seen(long micros) {
        if (hole.isPresent() || micros <= seenMicros) {
            return;
        }
        if (seenMicros > 0) {
            whole.add(new Whole(hostId, seenMicros, micros));
            spreadMicros = Math.max(spreadMicros, unprovenMicros);
        }
        unprovenMicros = 0;
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
        if (seenMicros > 0) {
            // The records' instants were clamped into what it observed all the same.
            spreadMicros = Math.max(spreadMicros, unprovenMicros);
        }
        seenMicros = Math.max(seenMicros, gap.toMicros());
        unprovenMicros = 0;
    }

    private void outside(CaptureItem.Outside came) {
        if (came.tableId().equals(tableId)) {
            gaps.add(new Gap(
                    hostId,
                    came.fromMicros(),
                    Math.max(came.fromMicros(), came.toMicros()),
                    came.cause(),
                    Optional.of(true)));
        }
    }

    private void scope(boolean captured) {
        if (!captured) {
            hole.filter(since -> since > 0)
                    .ifPresent(since -> gaps.add(new Gap(hostId, since, Math.max(since, seenMicros), UNCLEAN)));
            // No start of the node ends that: only that it is captured again.
            hole = Optional.of(0L);
        } else if (hole.isPresent()) {
            // Whole again from what is seen next.
            seenMicros = 0;
            hole = Optional.empty();
        }
    }
}
