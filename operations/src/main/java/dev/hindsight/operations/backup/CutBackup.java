package dev.hindsight.operations.backup;

import dev.hindsight.agent.api.SnapshotListing;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.FormatTooNewException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.UnauthorisedException;
import dev.hindsight.model.ring.Node;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.operations.RunSettings;
import dev.hindsight.operations.survey.AgentRoster;
import dev.hindsight.operations.survey.Parallel;
import dev.hindsight.operations.survey.Survey;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.catalogue.StandingClaim;
import dev.hindsight.repository.claim.Claims;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.document.BackupPlan.NodeState;
import dev.hindsight.repository.document.ShardManifest;
import dev.hindsight.repository.layout.Keys;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * A backup that died after its plan stood, and whether the next one goes on with it: under the same id, from the snapshots
 * that are still on the nodes, with the shards that are stored. It does only if the plan is, to the last SSTable, the one
 * that those snapshots would give today; whatever differs (tables asked for, ring, schema, settings, what to build on, a
 * snapshot) is a reason to begin afresh.
 *
 * <p>What was stored may be built on only while no {@code collect} can have taken it for garbage: when the dead run's claim
 * is the one that this run replaced, directly. Its age is limited, as what is made of it has the old restore point and as
 * the nodes drop the snapshots by themselves.
 */
final class CutBackup {
    /** Of {@code backup.snapshot-ttl}: the other half is left to finish in. */
    static final int SHARE_OF_TTL = 2;

    private final Repository repository;
    private final RunSettings settings;
    private final Clock clock;
    private final StandingClaim dead;

    private CutBackup(Repository repository, RunSettings settings, Clock clock, StandingClaim dead) {
        this.repository = repository;
        this.settings = settings;
        this.clock = clock;
        this.dead = dead;
    }

    /** Whoever holds the scope; may be alive, which to claim the scope will tell. */
    static Optional<CutBackup> find(Repository repository, RunSettings settings, Clock clock, String scope) {
        return repository
                .catalogue()
                .view()
                .claimOf(scope)
                .map(claim -> new CutBackup(repository, settings, clock, claim));
    }

    String id() {
        return dead.claim().run();
    }

    /** Whether there is anything to go on with: a plan that was not published yet. */
    boolean planned() {
        return repository.catalogue().view().findAlsoExpired(id()).isEmpty()
                && repository.store().size(Keys.backupPlan(id())).isPresent();
    }

    /**
     * What is there to go on with.
     *
     * @param start where its shards are
     */
    record Usable(Snapshots taken, BackupPlanner planner, ShardsOfPlan.Start start) {
        BackupPlan newest() {
            return start.newest().plan();
        }
    }

    /** It cannot be gone on with; the message says why, for people. */
    static final class Unusable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unusable(String why) {
            super(why, null, false, false);
        }
    }

    /**
     * @param claim number of the claim that this run took in place of the dead run's
     * @param parent what a backup of these tables builds on today, pinned
     * @param insists an incremental was asked for, so that a damaged chain must fail
     * @throws Unusable it is to be given up
     * @throws HindsightException it could not be found out; somebody may go on with it later
     */
    Usable require(long claim, Survey survey, Selection selection, Supplier<ParentChoice> parent, boolean insists) {
        requireReplaced(claim);
        return require(survey, selection, parent, insists);
    }

    /** What {@link #require} would say, but for who holds the claim. Changes nothing. */
    BackupForecast.Onward foresee(Survey survey, Selection selection, Supplier<ParentChoice> parent, boolean insists) {
        boolean gone = new Claims(repository, clock).isGone(dead);
        String why;
        try {
            Usable usable = require(survey, selection, parent, insists);
            return new BackupForecast.Onward(
                    id(),
                    dead.describe(),
                    gone,
                    true,
                    "",
                    usable.start().stored().size(),
                    usable.newest().shards().size(),
                    ShardsOfPlan.inputBytes(usable.start().left()));
        } catch (Unusable e) {
            why = String.valueOf(e.getMessage());
        } catch (HindsightException e) {
            why = "it cannot be found out now: " + e.getMessage();
        }
        return new BackupForecast.Onward(id(), dead.describe(), gone, false, why, 0, 0, 0);
    }

    private Usable require(Survey survey, Selection selection, Supplier<ParentChoice> parent, boolean insists) {
        Repository.Found<BackupPlan> plan = plan();
        BackupPlan old = plan.document();
        List<NodeState> nodes =
                old.nodes().orElseThrow(() -> new Unusable("its plan does not say enough to go on with it"));
        requireYoung(old);
        requireSame(survey.ring().sameOwnershipAs(old.ring()), "the ring has changed since");
        requireSame(
                selection.keyspaces().equals(old.schema()),
                "other keyspaces are asked for, or the schema has changed since");
        Snapshots taken = new Snapshots(
                id(),
                old.snapshotTag(),
                survey,
                selection,
                parent.get(),
                sources(survey, old.snapshotTag(), nodes),
                truncations(nodes, NodeState::truncatedBefore),
                truncations(nodes, NodeState::truncatedAfter));
        BackupPlanner planner = new BackupPlanner(taken, settings, clock);
        List<TableChoice> tables = planner.choose();
        requireSamePlan(old, planner.plan(tables));
        LaterPlans.Numbered first = LaterPlans.Numbered.first(plan);
        LaterPlans.Numbered newest = newest(first);
        requireSame(
                !insists || newest.plan().damage().isEmpty(),
                "it found the chain below damaged, and an incremental backup was asked for");
        return new Usable(taken, planner, new ShardsOfPlan.Start(first, tables, newest, stored(newest.plan())));
    }

    private LaterPlans.Numbered newest(LaterPlans.Numbered first) {
        try {
            return new LaterPlans(repository).newest(first);
        } catch (CorruptException | FormatTooNewException e) {
            throw new Unusable("its plan cannot be read: " + e.getMessage());
        }
    }

    /** Nothing came between the dead run's claim and this one, so nobody may have collected its objects. */
    private void requireReplaced(long claim) {
        CatalogueView view = repository.catalogue().view();
        requireSame(
                view.endOf(dead.number()).map(end -> end.number() == claim).orElse(false),
                "it was declared over, so what it stored may have been deleted");
    }

    private Repository.Found<BackupPlan> plan() {
        try {
            return repository
                    .find(Keys.backupPlan(id()), BackupPlan.class)
                    .orElseThrow(() -> new Unusable("its plan is gone"));
        } catch (CorruptException | FormatTooNewException e) {
            throw new Unusable("its plan cannot be read: " + e.getMessage());
        }
    }

    private void requireYoung(BackupPlan old) {
        Duration most = settings.snapshotTtl().dividedBy(SHARE_OF_TTL);
        Duration age = Duration.between(old.createdAt(), clock.instant());
        if (age.abs().compareTo(most) > 0) {
            throw new Unusable("it was planned at " + old.createdAt()
                    + (age.isNegative() ? ", ahead of this clock" : "") + "; what is gone on with is at most "
                    + most.toMinutes() + " min old (half of backup.snapshot-ttl)");
        }
    }

    /** The nodes as the dead run found them, with what they have of its snapshots now; in its order. */
    private static List<NodeSource> sources(Survey survey, String tag, List<NodeState> nodes) {
        Map<UUID, Node> ring = survey.ring().nodes().stream().collect(Collectors.toMap(Node::hostId, node -> node));
        List<Parallel.Outcome<NodeSource>> outcomes = Parallel.forAll(nodes, state -> {
            Node node = Optional.ofNullable(ring.get(state.hostId()))
                    .orElseThrow(() -> new Unusable("node " + state.hostId() + " is not in the ring any more"));
            return source(node, survey.agents(), tag, state);
        });
        return outcomes.stream().map(Parallel.Outcome::get).toList();
    }

    private static NodeSource source(Node node, AgentRoster agents, String tag, NodeState state) {
        Optional<String> problem = agents.problemOf(node.hostId());
        if (state.snapshotAt().isEmpty()) {
            if (problem.isEmpty()) {
                throw new Unusable("node " + node.address() + ", which it could not read, can be read now");
            }
            return NodeSource.missing(node.hostId(), node.address(), state.problem());
        }
        if (problem.isPresent()) {
            throw new Unusable(
                    "node " + node.address() + ", of which it has a snapshot, cannot be read now: " + problem.get());
        }
        AgentRoster.Member member = agents.find(node.hostId()).orElseThrow();
        try {
            SnapshotListing listing = member.client().listSnapshot(tag);
            return NodeSource.of(
                    node.hostId(),
                    node.address(),
                    member.client(),
                    state.snapshotAt().get(),
                    listing);
        } catch (UnauthorisedException e) {
            throw e;
        } catch (HindsightException e) {
            throw new Unusable("its snapshot on node " + node.address() + " cannot be read: " + e.getMessage());
        }
    }

    private static Map<UUID, Map<UUID, String>> truncations(
            List<NodeState> nodes, Function<NodeState, Optional<List<BackupPlan.Truncation>>> when) {
        Map<UUID, Map<UUID, String>> out = new HashMap<>();
        for (NodeState node : nodes) {
            when.apply(node).ifPresent(notes -> {
                Map<UUID, String> ofNode = new HashMap<>();
                notes.forEach(note -> ofNode.put(note.tableId(), note.note()));
                out.put(node.hostId(), ofNode);
            });
        }
        return out;
    }

    private static void requireSamePlan(BackupPlan old, BackupPlan today) {
        requireSame(
                old.parent().equals(today.parent()),
                "it builds on " + old.parent().orElse("nothing") + ", a backup now would build on "
                        + today.parent().orElse("nothing"));
        requireSame(tables(old).equals(tables(today)), "other tables are asked for");
        requireSame(old.sources().equals(today.sources()), "its snapshots are not any more what they were");
        requireSame(
                old.shards().equals(today.shards())
                        && old.nowEpochSeconds() == today.nowEpochSeconds()
                        && old.rebaseOf().equals(today.rebaseOf())
                        && old.nodes().equals(today.nodes()),
                "it would be cut or read in another way now, as settings have changed");
    }

    private static Set<UUID> tables(BackupPlan plan) {
        return plan.shards().stream().map(BackupPlan.Shard::tableId).collect(Collectors.toSet());
    }

    private Set<Integer> stored(BackupPlan plan) {
        List<Parallel.Outcome<Optional<ShardManifest>>> outcomes = Parallel.forAll(
                plan.shards(),
                shard -> repository
                        .find(Keys.shardManifest(id(), shard.number()), ShardManifest.class)
                        .map(Repository.Found::document));
        Set<Integer> out = new HashSet<>();
        for (int i = 0; i < outcomes.size(); i++) {
            BackupPlan.Shard shard = plan.shards().get(i);
            Optional<HindsightException> failure = outcomes.get(i).failure();
            if (failure.filter(CorruptException.class::isInstance).isPresent()) {
                throw new Unusable("a shard of it is damaged: " + failure.get().getMessage());
            }
            outcomes.get(i).get().ifPresent(stored -> {
                requireSame(
                        stored.incremental() == shard.onto().isPresent()
                                && TokenRanges.of(stored.ranges()).equals(TokenRanges.of(shard.ranges())),
                        "shard " + shard.number() + " of it is stored in another way than planned");
                out.add(shard.number());
            });
        }
        return out;
    }

    private static void requireSame(boolean same, String why) {
        if (!same) {
            throw new Unusable(why);
        }
    }
}
