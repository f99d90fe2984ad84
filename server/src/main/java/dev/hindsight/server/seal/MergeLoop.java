package dev.hindsight.server.seal;

import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.operations.journal.ProtectedTable;
import dev.hindsight.server.Backend;
import dev.hindsight.server.Watched;
import dev.hindsight.server.metrics.ServiceMetrics;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes large segments of the small ones that sealing leaves: of tables that were sealed since they were looked at last, or of
 * which not all was merged. One that fails is no failure of anything: the next round tries again. One thread calls {@link
 * #round}; {@link #end} any.
 */
public final class MergeLoop {
    private static final Logger LOG = LoggerFactory.getLogger(MergeLoop.class);

    private final Backend backend;
    private final Watched watched;
    private final ServiceMetrics metrics;
    private final Map<UUID, Long> merged = new HashMap<>();
    private final Set<UUID> failing = new HashSet<>();
    private volatile boolean ending;

    public MergeLoop(Backend backend, Watched watched, ServiceMetrics metrics) {
        this.backend = backend;
        this.watched = watched;
        this.metrics = metrics;
    }

    /** Looks at each table of which something may be left once. */
    public void round() {
        Set<UUID> there =
                watched.all().stream().map(one -> one.table().tableId()).collect(Collectors.toSet());
        merged.keySet().retainAll(there);
        failing.retainAll(there);
        for (Watched.Table one : watched.all()) {
            ProtectedTable table = one.table();
            long entries = one.entriesSealed();
            if (ending) {
                return;
            }
            if (entries == merged.getOrDefault(table.tableId(), 0L)) {
                continue;
            }
            try {
                if (!backend.merge(table)) {
                    merged.put(table.tableId(), entries);
                }
                failing.remove(table.tableId());
            } catch (HindsightException e) {
                metrics.error("merge", e);
                LOG.warn("journal not tidied table={} problem={}", table.name(), e.getMessage());
            } catch (RuntimeException e) {
                metrics.unexpected("merge");
                if (failing.add(table.tableId()) && !ending) {
                    LOG.error("merging failed unexpectedly table={}", table.name(), e);
                }
            }
        }
    }

    /** Begins no other table. */
    public void end() {
        ending = true;
    }
}
