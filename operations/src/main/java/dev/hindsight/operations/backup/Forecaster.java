package dev.hindsight.operations.backup;

import dev.hindsight.agent.api.TableSize;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.ring.Node;
import dev.hindsight.model.ring.ReplicaMap;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.TableFacts;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.model.sizing.WorkerSizing;
import dev.hindsight.operations.RunSettings;
import dev.hindsight.operations.survey.AgentRoster;
import dev.hindsight.operations.survey.Parallel;
import dev.hindsight.operations.survey.Survey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;

/** Makes the {@link BackupForecast} from a survey and live sizes. Asks agents for sizes, changes nothing. */
final class Forecaster {
    private final Survey survey;
    private final Selection selection;
    private final RunSettings settings;
    private final double bytesPerSecondPerWorker;
    private final Map<UUID, List<TableSize>> sizes = new HashMap<>();
    private final Map<UUID, String> problems = new HashMap<>();

    Forecaster(Survey survey, Selection selection, RunSettings settings, double bytesPerSecondPerWorker) {
        this.survey = survey;
        this.selection = selection;
        this.settings = settings;
        this.bytesPerSecondPerWorker = bytesPerSecondPerWorker;
    }

    /** Token ranges without any readable replica, one line each. */
    List<String> uncovered() {
        askSizes();
        return dark();
    }

    /**
     * @param parent id of the backup that this one would build on
     * @param nodes with what is listed of them
     */
    BackupForecast forecast(
            Optional<String> parent,
            List<TableChoice> choices,
            List<NodeSource> nodes,
            LiveListings live,
            BackupPlanner.Cutting cut,
            Optional<BackupForecast.Onward> onward) {
        askSizes();
        List<BackupForecast.Table> tables = new ArrayList<>();
        Map<UUID, Long> bytesOfNode = new HashMap<>();
        long bytesToRead = 0;
        long stored = 0;
        for (TableChoice choice : choices) {
            TableFacts table = choice.table();
            long bytes = 0;
            long unlisted = 0;
            int sstables = 0;
            for (Map.Entry<UUID, List<TableSize>> node : sizes.entrySet()) {
                for (TableSize size : node.getValue()) {
                    if (size.tableId().equals(table.id())) {
                        bytes += size.componentBytes();
                        unlisted += live.unlistedBytes(node.getKey(), size);
                        sstables += size.sstables();
                        bytesOfNode.merge(node.getKey(), size.componentBytes(), Long::sum);
                    }
                }
            }
            double replicas = meanReadableReplicas(table.name());
            TableEstimate estimate =
                    TableEstimate.of(choice, nodes, owners(table.name().keyspace()), unlisted, replicas);
            int pieces = (int) cut.shards().stream()
                    .filter(shard -> shard.tableId().equals(table.id()))
                    .count();
            tables.add(new BackupForecast.Table(
                    table.name(),
                    table.id(),
                    (int) Math.round(replicas),
                    sstables,
                    bytes,
                    estimate.readBytes(),
                    estimate.storedBytes(),
                    pieces,
                    choice.decision().incremental(),
                    choice.decision().reason()));
            bytesToRead += estimate.readBytes();
            stored += estimate.storedBytes();
        }
        Optional<BackupForecast.Onward> resumed = onward.filter(BackupForecast.Onward::goesOn);
        bytesToRead = resumed.map(BackupForecast.Onward::bytesLeft).orElse(bytesToRead);
        int shards = resumed.map(run -> run.shards() - run.storedShards())
                .orElse(cut.shards().size());
        WorkerSizing.Decision workers =
                sizing(bytesToRead, shards, cut.scratchBytesPerTask()).decide();
        return new BackupForecast(
                survey.ring().clusterName(),
                parent,
                tables,
                described(bytesOfNode),
                distinctRanges(),
                bytesToRead,
                stored,
                shards,
                workers.workers(),
                workers.reason(),
                cut.scratchBytesPerTask() * workers.workers(),
                workers.estimatedSeconds(),
                onward,
                notes(live),
                dark());
    }

    private List<String> dark() {
        List<String> uncovered = new ArrayList<>();
        for (KeyspaceSchema keyspace : selection.keyspaces()) {
            TokenRanges dark = unreadable(keyspace);
            if (!dark.isEmpty()) {
                uncovered.add("keyspace " + keyspace.name() + ": "
                        + dark.ranges().size() + " token ranges without a readable replica, first "
                        + dark.ranges().get(0));
            }
        }
        return uncovered;
    }

    WorkerSizing sizing(long bytes, int tasks, long scratchBytesPerTask) {
        int streams = survey.agents().members().values().stream()
                .mapToInt(member -> member.info().limits().maxStreams())
                .sum();
        return new WorkerSizing(
                bytes,
                tasks,
                scratchBytesPerTask,
                settings.scratchLimitBytes(),
                Runtime.getRuntime().availableProcessors(),
                streams,
                FETCH_STREAMS,
                bytesPerSecondPerWorker,
                settings.workers());
    }

    static final int FETCH_STREAMS = 3;

    private void askSizes() {
        List<String> keyspaces =
                selection.keyspaces().stream().map(KeyspaceSchema::name).toList();
        List<Map.Entry<UUID, AgentRoster.Member>> asked = survey.agents().members().entrySet().stream()
                .filter(entry -> entry.getValue().info().nodeUp())
                .toList();
        List<Parallel.Outcome<List<TableSize>>> answers =
                Parallel.forAll(asked, entry -> entry.getValue().client().tableSizes(keyspaces));
        for (int i = 0; i < asked.size(); i++) {
            UUID host = asked.get(i).getKey();
            answers.get(i)
                    .failure()
                    .map(HindsightException::getMessage)
                    .ifPresent(message -> problems.put(host, message == null ? "no answer" : message));
            if (answers.get(i).failure().isEmpty()) {
                sizes.put(host, answers.get(i).get());
            }
        }
        for (Node node : survey.ring().nodes()) {
            survey.agents().problemOf(node.hostId()).ifPresent(problem -> problems.put(node.hostId(), problem));
        }
    }

    private double meanReadableReplicas(TableName table) {
        double sum = 0;
        for (ReplicaMap.Entry entry : owners(table.keyspace()).entries()) {
            long readable = entry.replicas().stream()
                    .filter(host -> !problems.containsKey(host))
                    .count();
            sum += entry.range().fraction() * readable;
        }
        return sum;
    }

    private TokenRanges unreadable(KeyspaceSchema keyspace) {
        return TokenRanges.of(owners(keyspace.name()).entries().stream()
                .filter(entry ->
                        !entry.replicas().isEmpty() && entry.replicas().stream().allMatch(problems::containsKey))
                .map(ReplicaMap.Entry::range)
                .toList());
    }

    private ReplicaMap owners(String keyspace) {
        return survey.ownersOf(keyspace);
    }

    private List<BackupForecast.Node> described(Map<UUID, Long> bytesOfNode) {
        return survey.ring().nodes().stream()
                .map(node -> new BackupForecast.Node(
                        node.hostId(),
                        node.address(),
                        node.datacenter(),
                        node.rack(),
                        bytesOfNode.getOrDefault(node.hostId(), 0L),
                        problems.getOrDefault(node.hostId(), "")))
                .toList();
    }

    private int distinctRanges() {
        TreeSet<Long> tokens = new TreeSet<>();
        survey.ring().nodes().forEach(node -> tokens.addAll(node.tokens()));
        return tokens.size();
    }

    private List<String> notes(LiveListings live) {
        List<String> notes = new ArrayList<>(survey.agents().silent());
        notes.addAll(live.notes());
        TreeSet<String> moving = new TreeSet<>();
        survey.agents().members().values().forEach(member -> {
            moving.addAll(member.info().joiningNodes());
            moving.addAll(member.info().leavingNodes());
            moving.addAll(member.info().movingNodes());
        });
        if (!moving.isEmpty()) {
            notes.add("nodes join, leave or move: " + moving + "; the backup reads the replicas that serve reads now");
        }
        return notes;
    }
}
