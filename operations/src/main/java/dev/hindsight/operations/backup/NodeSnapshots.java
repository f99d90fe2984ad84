package dev.hindsight.operations.backup;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.api.SnapshotListing;
import dev.hindsight.agent.api.SnapshotRequest;
import dev.hindsight.agent.api.SnapshotResult;
import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.UnauthorisedException;
import dev.hindsight.model.ring.Node;
import dev.hindsight.model.schema.TableFacts;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.RunSettings;
import dev.hindsight.operations.Site;
import dev.hindsight.operations.run.Leftovers;
import dev.hindsight.operations.run.ShardRun;
import dev.hindsight.operations.survey.AgentRoster;
import dev.hindsight.operations.survey.Parallel;
import dev.hindsight.operations.survey.Survey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshots that one run has on the nodes, from before they are asked for until they are cleared. The run's directory
 * says which, for whoever cleans up should its process die.
 *
 * <p>One thread; {@link #end} and {@link #clear} may be called from another (a signal handler).
 */
final class NodeSnapshots {
    private static final Logger LOG = LoggerFactory.getLogger(NodeSnapshots.class);

    private final Site site;
    private final RunSettings settings;
    private final ShardRun run;
    private final Consumer<String> note;
    /** Tags that may stand on nodes. */
    private final List<String> tags = new CopyOnWriteArrayList<>();
    /** Every tag this run ever asked for, also those that were cleared. */
    private final List<String> everAsked = new CopyOnWriteArrayList<>();

    private volatile List<AgentClient> agents = List.of();
    private volatile boolean ending;

    NodeSnapshots(Site site, RunSettings settings, ShardRun run, Consumer<String> note) {
        this.site = site;
        this.settings = settings;
        this.run = run;
        this.note = note;
    }

    /**
     * On all nodes together; nodes that cannot be read are among the sources, with the reason.
     *
     * @throws ClusterUnreachableException no node can be read
     */
    List<NodeSource> take(Survey survey, Selection selection, String tag) {
        record(survey, tag);
        Failpoints.hit(Failpoint.SNAPSHOT_BEFORE);
        List<TableName> tables =
                selection.tables().stream().map(TableFacts::name).toList();
        List<Parallel.Outcome<NodeSource>> outcomes =
                Parallel.forAll(survey.ring().nodes(), node -> take(node, survey.agents(), tag, tables));
        Failpoints.hit(Failpoint.SNAPSHOT_AFTER);
        List<NodeSource> sources = new ArrayList<>();
        for (Parallel.Outcome<NodeSource> outcome : outcomes) {
            NodeSource source = outcome.get();
            if (!source.readable()) {
                note.accept("node " + source.address() + " is not read: " + source.problem());
            }
            sources.add(source);
        }
        if (sources.stream().noneMatch(NodeSource::readable)) {
            throw new ClusterUnreachableException(
                    "no node of cluster '" + site.name() + "' can be read: "
                            + sources.get(0).address() + ": " + sources.get(0).problem(),
                    "run 'hindsight doctor'");
        }
        return sources;
    }

    private NodeSource take(Node node, AgentRoster roster, String tag, List<TableName> tables) {
        Optional<String> problem = roster.problemOf(node.hostId());
        if (problem.isPresent()) {
            return NodeSource.missing(node.hostId(), node.address(), problem.get());
        }
        AgentRoster.Member member = roster.find(node.hostId()).orElseThrow();
        if (ending) {
            return NodeSource.missing(node.hostId(), node.address(), "the backup is being ended");
        }
        try {
            Optional<Long> ttl = member.info().snapshotTtlSupported()
                    ? Optional.of(settings.snapshotTtl().toSeconds())
                    : Optional.empty();
            SnapshotResult result = member.client().takeSnapshot(new SnapshotRequest(tag, tables, ttl));
            SnapshotListing listing = member.client().listSnapshot(tag);
            return NodeSource.of(node.hostId(), node.address(), member.client(), result.finishedAt(), listing);
        } catch (UnauthorisedException e) {
            throw e;
        } catch (HindsightException e) {
            LOG.warn("no snapshot host={} address={}", node.hostId(), node.address(), e);
            return NodeSource.missing(node.hostId(), node.address(), String.valueOf(e.getMessage()));
        }
    }

    /** Those that a run which was cut has taken are this run's from now on. */
    void adopt(Survey survey, String tag) {
        record(survey, tag);
    }

    private void record(Survey survey, String tag) {
        tags.add(tag);
        everAsked.add(tag);
        agents = survey.agents().members().values().stream()
                .filter(member -> member.info().nodeUp())
                .map(AgentRoster.Member::client)
                .toList();
        run.directory()
                .recordSnapshots(tags, agents.stream().map(AgentClient::address).toList());
    }

    /** No more are asked for. One that is under way may stand after it was cleared: all are cleared again then. */
    void end() {
        ending = true;
    }

    boolean standing() {
        if (ending) {
            everAsked.stream().filter(tag -> !tags.contains(tag)).forEach(tags::add);
        }
        return !tags.isEmpty();
    }

    /** What could not be cleared, one line each. */
    List<String> clear() {
        if (tags.isEmpty()) {
            return List.of();
        }
        Failpoints.hit(Failpoint.SNAPSHOT_CLEAR);
        List<String> failures = Leftovers.clear(agents, tags);
        tags.clear();
        return failures;
    }
}
