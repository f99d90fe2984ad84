package dev.hindsight.operations.journal;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.api.CaptureStatus;
import dev.hindsight.model.journal.Incarnation;
import dev.hindsight.model.protection.ProtectionEstimate;
import dev.hindsight.operations.survey.Parallel;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.layout.Keys;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Estimates what protection costs the object store, from what agents have put so far. Asks for sizes only; one thread. */
public final class ProtectionCost {
    private static final int NEWEST = 20;
    /** Younger than that, an incarnation says little about a month. */
    private static final Duration LEAST = Duration.ofMinutes(1);

    /** Of a node whose log is written all the time at a modest rate. */
    private static final ProtectionEstimate.Agent ASSUMED =
            ProtectionEstimate.Agent.assumed(Duration.ofSeconds(1), 1 << 20);

    private static final int USUAL_REPLICAS = 3;

    private final Repository repository;
    private final List<AgentClient> agents;
    private final Clock clock;

    public ProtectionCost(Repository repository, List<AgentClient> agents, Clock clock) {
        this.repository = repository;
        this.agents = List.copyOf(agents);
        this.clock = clock;
    }

    /**
     * Of the tables that are protected now; of one table, if there is none.
     *
     * @param sealInterval how often a table with changes is sealed
     * @param idleInterval how often an entry is made for one without
     */
    public ProtectionEstimate estimate(Duration sealInterval, Duration idleInterval) {
        List<ProtectedTable> tables =
                ProtectedTable.standing(repository.catalogue().view());
        long busy = Parallel.forAll(tables, this::isBusy).stream()
                .filter(Parallel.Outcome::get)
                .count();
        List<ProtectionEstimate.Agent> seen = new ArrayList<>();
        for (Parallel.Outcome<CaptureStatus> outcome : Parallel.forAll(agents, AgentClient::capture)) {
            seen.add(
                    outcome.failure().isPresent()
                            ? ASSUMED
                            : measured(outcome.get()).orElse(ASSUMED));
        }
        return ProtectionEstimate.of(
                seen,
                Math.max(1, tables.size()),
                tables.isEmpty() ? 1 : (int) busy,
                Math.max(1, Math.min(USUAL_REPLICAS, agents.size())),
                sealInterval,
                idleInterval);
    }

    /** Whether the newest entry of its journal holds changes. */
    private boolean isBusy(ProtectedTable table) {
        return new JournalLog(repository.store(), table.name(), table.tableId())
                .newest()
                .map(entry -> !entry.segments().isEmpty())
                .orElse(true);
    }

    private Optional<ProtectionEstimate.Agent> measured(CaptureStatus status) {
        if (status.state() != CaptureStatus.State.RUNNING
                || status.incarnations().isEmpty()) {
            return Optional.empty();
        }
        CaptureStatus.Incarnation newest =
                status.incarnations().get(status.incarnations().size() - 1);
        return Incarnation.parse(newest.name()).flatMap(incarnation -> {
            Duration lived = Duration.between(Instant.ofEpochMilli(incarnation.startMillis()), clock.instant());
            if (lived.compareTo(LEAST) < 0 || newest.storedThrough() < 0) {
                return Optional.empty();
            }
            long bytes = 0;
            long objects = 0;
            for (long n = newest.storedThrough(); n >= 0 && n > newest.storedThrough() - NEWEST; n--) {
                OptionalLong size = repository.store().size(Keys.capture(status.hostId(), incarnation, n));
                if (size.isPresent()) {
                    bytes += size.getAsLong();
                    objects++;
                }
            }
            double perSecond = (newest.storedThrough() + 1) * 1000.0 / lived.toMillis();
            return objects == 0
                    ? Optional.empty()
                    : Optional.of(new ProtectionEstimate.Agent(perSecond, perSecond * bytes / objects, true));
        });
    }
}
