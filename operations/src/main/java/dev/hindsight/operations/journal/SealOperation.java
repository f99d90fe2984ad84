package dev.hindsight.operations.journal;

import dev.failsafe.Failsafe;
import dev.failsafe.RetryPolicy;
import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.cluster.LiveCluster;
import dev.hindsight.engine.journal.CaptureStream;
import dev.hindsight.engine.journal.JournalMerger;
import dev.hindsight.engine.journal.SealReport;
import dev.hindsight.engine.journal.SealSettings;
import dev.hindsight.engine.journal.Sealer;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.failure.TimeNotRestorableException;
import dev.hindsight.model.journal.MergePolicy;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.SchemaElement;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.run.Writer;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.document.CatalogueEntry.Protection;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.journal.JournalLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins journals, and numbers what was captured for them. What there is to read is asked of the agents, which also say
 * which nodes are to be waited for; so is every node that the journal has been following, for as long as the sealer's
 * patience lasts, whether its agent answers or not. May run
 * anywhere, any number of times, at the same time. One thread.
 */
public final class SealOperation {
    private static final Logger LOG = LoggerFactory.getLogger(SealOperation.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final int MERGES = 4;

    private final Repository repository;
    private final List<AgentClient> agents;
    private final Optional<LiveCluster> cluster;
    private final Path scratch;
    private final Clock clock;
    private final SealSettings settings;
    /** Of each table: who seals again reads on, and lists nothing anew. */
    private final Map<UUID, Kept> kept = new HashMap<>();

    private record Kept(JournalLog log, Sealer sealer) {}

    /**
     * @param cluster where it can be reached: what tells who replicates a table. Without it a change of the ring is not seen
     * @param scratch for segments while they are written; made if need be
     */
    public SealOperation(
            Repository repository, List<AgentClient> agents, Optional<LiveCluster> cluster, Path scratch, Clock clock) {
        this.repository = repository;
        this.agents = List.copyOf(agents);
        this.cluster = cluster;
        this.scratch = scratch;
        this.clock = clock;
        SealSettings usual = SealSettings.DEFAULT;
        // Whoever calls wants to know how far it goes now.
        this.settings = new SealSettings(
                usual.roundBytes(), usual.patience(), Duration.ZERO, usual.copies(), usual.mostCopies());
    }

    /**
     * Begins a table's journal unless there is one; to be called when its captures are in force and before its first base.
     *
     * @param ring hosts that are in it
     */
    void begin(Protection protection, KeyspaceSchema keyspace, Set<UUID> ring) {
        List<CaptureStream> ended = EndedCaptures.of(
                repository, protection, ring, () -> CaptureSurvey.take(agents).streams());
        // One that does not capture the keyspace yet says by itself from when on it does.
        CaptureSurvey capturing = CaptureSurvey.take(
                agents, status -> status.stored().contains(protection.table().keyspace()));
        kept(protection.table(), protection.tableId())
                .sealer()
                .begin(definition(protection.table(), keyspace), capturing.streams(), ended);
    }

    private static JournalEntry.Definition definition(TableName name, KeyspaceSchema keyspace) {
        List<String> types = new ArrayList<>();
        List<String> neighbours = new ArrayList<>();
        String own = "";
        for (SchemaElement element : keyspace.elements()) {
            if (element.kind() == SchemaElement.Kind.TYPE) {
                types.add(element.ddl());
            } else if (element.kind() == SchemaElement.Kind.TABLE) {
                if (element.name().equals(name.table())) {
                    own = element.ddl();
                } else {
                    neighbours.add(element.ddl());
                }
            }
        }
        return new JournalEntry.Definition(1, types, own, neighbours);
    }

    /** Numbers all that is there. */
    public SealReport seal(ProtectedTable table) {
        CaptureSurvey captures = CaptureSurvey.take(agents);
        Set<UUID> awaited = new HashSet<>(captures.awaited());
        Kept kept = kept(table.name(), table.tableId());
        kept.log()
                .newest()
                .ifPresent(entry -> entry.consumed().stream()
                        .filter(host -> host.holeMicros().isEmpty())
                        .forEach(host -> awaited.add(host.hostId())));
        return kept.sealer()
                .seal(
                        captures.streams(),
                        awaited,
                        () -> cluster.flatMap(
                                seen -> OwnersSurvey.of(seen, table.name().keyspace(), clock)));
    }

    /**
     * Goes on until every instant up to this one is final.
     *
     * @throws TimeNotRestorableException it was not within the patience: the agents are not there yet
     */
    public void sealBeyond(ProtectedTable table, Instant instant, Duration patience) {
        long micros = Micros.of(instant);
        JournalLog log = kept(table.name(), table.tableId()).log();
        if (log.newest().map(entry -> entry.watermarkMicros() > micros).orElse(false)) {
            return;
        }
        SealReport report;
        try {
            report = Failsafe.with(RetryPolicy.<SealReport>builder()
                            .handleResultIf(made -> made != null
                                    && made.watermarkMicros() <= micros
                                    && made.ended().isEmpty())
                            .abortOn(failure -> true)
                            .withMaxRetries(-1)
                            .withDelay(POLL)
                            .withMaxDuration(patience)
                            .build())
                    .get(() -> seal(table));
        } finally {
            // Of many tables, one after the other, what they remember would be too much.
            kept.remove(table.tableId());
        }
        tidy(table);
        if (report.watermarkMicros() <= micros && report.ended().isEmpty()) {
            throw new TimeNotRestorableException(
                    "the journal of " + table.name() + " is sealed up to before "
                            + Micros.instant(report.watermarkMicros()) + " after " + patience.toSeconds()
                            + " s, not beyond " + instant,
                    "look at the agents with 'hindsight doctor', or ask for an earlier instant");
        }
    }

    /**
     * Makes large segments of the small ones that sealing leaves, so that restores read few; to be called now and then.
     *
     * @param most merges; each takes some seconds at most
     */
    public JournalMerger.Report merge(ProtectedTable table, int most) {
        return new JournalMerger(
                        repository.store(),
                        new JournalLog(repository.store(), table.name(), table.tableId()),
                        scratch(),
                        MergePolicy.DEFAULT,
                        clock,
                        Writer.describe("merge"),
                        new SecureRandom())
                .merge(most);
    }

    /** Who seals leaves the journal no worse than it was; that a merge fails is no failure of what was asked for. */
    private void tidy(ProtectedTable table) {
        try {
            merge(table, MERGES);
        } catch (HindsightException e) {
            LOG.warn("segments not merged table={} problem={}", table.name(), e.getMessage());
        }
    }

    private Path scratch() {
        try {
            return Files.createDirectories(scratch);
        } catch (IOException e) {
            throw new NotAppliedException(
                    "scratch directory " + scratch + " cannot be made: " + e,
                    "look at the disk of the scratch directory",
                    e);
        }
    }

    private Kept kept(TableName name, UUID tableId) {
        return kept.computeIfAbsent(tableId, id -> {
            JournalLog log = new JournalLog(repository.store(), name, id);
            return new Kept(
                    log,
                    new Sealer(
                            repository.store(),
                            log,
                            scratch(),
                            settings,
                            clock,
                            Writer.describe("seal"),
                            new SecureRandom()));
        });
    }
}
