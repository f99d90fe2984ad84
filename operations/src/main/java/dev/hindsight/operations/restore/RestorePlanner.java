package dev.hindsight.operations.restore;

import dev.hindsight.agent.api.AgentInfo;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.ring.Node;
import dev.hindsight.model.ring.Ownership;
import dev.hindsight.model.ring.ReplicaMap;
import dev.hindsight.model.ring.Replication;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.model.sizing.WorkerSizing;
import dev.hindsight.model.units.ByteSize;
import dev.hindsight.operations.RunSettings;
import dev.hindsight.operations.Site;
import dev.hindsight.operations.restore.RestoreBlueprint.Refusal;
import dev.hindsight.operations.run.MeasuredRate;
import dev.hindsight.operations.survey.AgentRoster;
import dev.hindsight.operations.survey.Parallel;
import dev.hindsight.operations.survey.Survey;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.RestorePlan;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/** Makes the {@link RestoreBlueprint}. Reads repository, ring and agents; changes nothing. */
final class RestorePlanner {
    /** Staged files and what the node needs while it takes them over. */
    private static final double SPACE_MARGIN = 1.1;

    private final Repository repository;
    private final Site site;
    private final RunSettings settings;
    private final Clock clock;
    private final List<Refusal> refusals = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    RestorePlanner(Repository repository, Site site, RunSettings settings, Clock clock) {
        this.repository = repository;
        this.site = site;
        this.settings = settings;
        this.clock = clock;
    }

    /** Keyspaces that the restore will write to, sorted. */
    static List<String> targetKeyspaces(Repository repository, PublishedBackup backup, RestoreRequest request) {
        BackupManifest manifest = repository.load(backup.manifest(), BackupManifest.class);
        return names(BackupContents.select(manifest, request), request).values().stream()
                .map(TableName::keyspace)
                .distinct()
                .sorted()
                .toList();
    }

    RestoreBlueprint plan(RestoreRequest request) {
        ObjectRef ref = BackupContents.find(repository, request.from()).manifest();
        BackupManifest manifest = repository.load(ref, BackupManifest.class);
        List<TableName> tables = BackupContents.select(manifest, request);
        BackupContents contents = BackupContents.load(repository, ref, tables, request.instant());
        Survey target = Survey.take(site);
        Map<TableName, TableName> targets = names(tables, request);
        RestoreIdentity identity = RestoreIdentity.find(
                repository,
                manifest.id(),
                target.ring().clusterName(),
                targets,
                request,
                site.cluster()::tableId,
                plan -> isBelievable(plan, target) && hasItsRecords(plan));
        RestoreSchemas.Steps steps = schemaSteps(contents, targets, request, target);
        Map<TableName, RestoreSchemas.TargetTable> ddl = new TreeMap<>();
        targets.forEach((source, as) ->
                ddl.put(source, RestoreSchemas.targetTable(contents.schemaOf(source.keyspace()), source, as)));
        checkTables(identity, steps, target);
        Map<String, ReplicaMap> owners = owners(contents, targets, request, target);
        List<RestorePlan.Shard> shards = identity.unfinished()
                .map(RestorePlan::shards)
                .orElseGet(() -> RestoreSharding.forRing(
                        contents,
                        source -> owners.getOrDefault(as(targets, source).keyspace(), new ReplicaMap(List.of())),
                        settings.shardBytes()));
        checkResumable(identity, target);
        checkNodes(target, shards);
        long scratch = RestoreSizing.scratchBytesPerTask(shards);
        RestoreForecast forecast = forecast(contents, targets, target, steps, shards, scratch);
        return new RestoreBlueprint(
                request,
                contents,
                target,
                targets,
                ddl,
                steps,
                shards,
                scratch,
                identity,
                forecast,
                List.copyOf(refusals));
    }

    private boolean isBelievable(RestorePlan plan, Survey target) {
        Optional<String> lost = new ImportsSoFar(repository, clock, site.cluster(), target.agents(), plan).lost();
        lost.ifPresent(why -> notes.add("does not go on with restore " + plan.id() + ", which was cut: " + why));
        return lost.isEmpty();
    }

    /** What was cut names segments that stay as long as it may be gone on with. */
    private boolean hasItsRecords(RestorePlan plan) {
        return plan.tables().stream()
                .flatMap(table -> table.journal().stream())
                .flatMap(journal -> journal.segments().stream())
                .allMatch(segment ->
                        repository.store().size(segment.object().key()).isPresent());
    }

    private static TableName as(Map<TableName, TableName> targets, TableName source) {
        return Optional.ofNullable(targets.get(source)).orElseThrow();
    }

    private static Map<TableName, TableName> names(List<TableName> tables, RestoreRequest request) {
        Map<TableName, TableName> out = new TreeMap<>();
        for (TableName table : tables) {
            TableName as = request.as()
                    .or(() -> request.asKeyspace().map(keyspace -> new TableName(keyspace, table.table())))
                    .orElse(table);
            out.put(table, as);
        }
        return out;
    }

    private RestoreSchemas.Steps schemaSteps(
            BackupContents contents, Map<TableName, TableName> targets, RestoreRequest request, Survey target) {
        RestoreSchemas.Steps steps = RestoreSchemas.steps(
                contents, targets, request.keyspace().isPresent(), request.replication(), target.schema());
        steps.refused()
                .forEach(text -> refusals.add(new Refusal(
                        Refusal.Kind.TARGET_UNSAFE, text, "restore under another name with --as or --as-keyspace")));
        notes.addAll(steps.notes());
        return steps;
    }

    private Map<String, ReplicaMap> owners(
            BackupContents contents, Map<TableName, TableName> targets, RestoreRequest request, Survey target) {
        Map<String, ReplicaMap> out = new HashMap<>();
        targets.forEach((source, as) -> {
            Map<String, String> map = target.keyspace(as.keyspace())
                    .map(KeyspaceSchema::replication)
                    .or(request::replication)
                    .orElseGet(() -> contents.schemaOf(source.keyspace()).replication());
            if (!out.containsKey(as.keyspace())) {
                out.put(as.keyspace(), ownersOf(as.keyspace(), map, target));
            }
        });
        return out;
    }

    private ReplicaMap ownersOf(String keyspace, Map<String, String> map, Survey target) {
        try {
            Replication replication = Ownership.expand(target.ring(), Replication.parse(map));
            ReplicaMap owners = target.owners(replication);
            if (owners.entries().stream().anyMatch(entry -> entry.replicas().isEmpty())) {
                refusals.add(new Refusal(
                        Refusal.Kind.INCOMPATIBLE,
                        "keyspace " + keyspace + " with replication " + replication.asCql()
                                + " has no replica in the datacenters of cluster '"
                                + target.ring().clusterName() + "': "
                                + target.ring().nodes().stream()
                                        .map(Node::datacenter)
                                        .distinct()
                                        .sorted()
                                        .toList(),
                        "give --replication \"{'class': 'NetworkTopologyStrategy', '<datacenter>': '<factor>'}\""));
            }
            return owners;
        } catch (IllegalArgumentException e) {
            refusals.add(new Refusal(Refusal.Kind.USAGE, String.valueOf(e.getMessage()), "correct --replication"));
            return new ReplicaMap(List.of());
        }
    }

    private void checkTables(RestoreIdentity identity, RestoreSchemas.Steps steps, Survey target) {
        if (identity.unfinished().isPresent()) {
            notes.add("goes on with restore " + identity.id() + ", which was cut");
            if (new RestoreSteps(repository, identity.id(), clock).done(RestoreSteps.IMPORTING)) {
                return;
            }
            // It made its tables and no more: what is in them now came from somebody else.
        }
        for (TableName table : steps.existing()) {
            String where =
                    "table " + table + " exists in cluster '" + target.ring().clusterName() + "' and ";
            if (!site.cluster().isEmpty(table)) {
                refuseTable(where + "holds data" + finishedBefore(identity));
            } else if (liveBytes(target, table) > 0) {
                refuseTable(where + "reads as empty but holds deletes, which would hide restored rows"
                        + finishedBefore(identity));
            }
        }
    }

    private void refuseTable(String text) {
        refusals.add(new Refusal(
                Refusal.Kind.TARGET_UNSAFE, text, "restore under another name with --as, or drop the table first"));
    }

    private static long liveBytes(Survey target, TableName table) {
        return Parallel.forAll(
                        List.copyOf(target.agents().members().values()),
                        member -> member.client().tableBytes(table))
                .stream()
                .mapToLong(Parallel.Outcome::get)
                .sum();
    }

    /** The answer of a restore may be lost after its last step; who repeats it must learn that it worked. */
    private static String finishedBefore(RestoreIdentity identity) {
        return identity.finished()
                .map(id -> "; restore " + id + " by this same command has finished")
                .orElse("");
    }

    private void checkResumable(RestoreIdentity identity, Survey target) {
        identity.unfinished().ifPresent(plan -> {
            if (!plan.target().sameOwnershipAs(target.ring())) {
                refusals.add(new Refusal(
                        Refusal.Kind.TARGET_UNSAFE,
                        "the ring of cluster '" + target.ring().clusterName() + "' changed since restore "
                                + identity.id() + " was cut",
                        "drop the tables it made, then run it again to begin afresh"));
            }
        });
    }

    private void checkNodes(Survey target, List<RestorePlan.Shard> shards) {
        Map<UUID, Long> bytes = RestoreSharding.bytesByNode(shards);
        for (Node node : target.ring().nodes()) {
            long wanted = bytes.getOrDefault(node.hostId(), 0L);
            if (wanted == 0) {
                continue;
            }
            Optional<String> problem = target.agents().problemOf(node.hostId());
            if (problem.isPresent()) {
                refusals.add(new Refusal(
                        Refusal.Kind.UNREACHABLE,
                        "node " + node.address() + " (" + node.hostId() + ") must get " + ByteSize.format(wanted)
                                + " but " + problem.get(),
                        "bring the node and its agent up; 'hindsight doctor' says which agents answer"));
                continue;
            }
            AgentInfo info = target.agents().find(node.hostId()).orElseThrow().info();
            if (!info.importEnabled()) {
                refusals.add(new Refusal(
                        Refusal.Kind.TARGET_UNSAFE,
                        "the agent of node " + node.address() + " does not take imports",
                        "set import.enabled in its agent.yaml and restart it"));
            }
            long usable = usableBytes(info);
            if (wanted * SPACE_MARGIN > usable) {
                refusals.add(new Refusal(
                        Refusal.Kind.NO_SPACE,
                        "node " + node.address() + " must get " + ByteSize.format(wanted) + " but has "
                                + ByteSize.format(Math.max(0, usable)) + " usable",
                        "free space on that node, or restore fewer tables at once"));
            }
        }
    }

    static long usableBytes(AgentInfo info) {
        return info.dataDirectories().stream()
                        .mapToLong(AgentInfo.DataDirectory::usableBytes)
                        .max()
                        .orElse(0)
                - info.limits().minFreeBytes();
    }

    private RestoreForecast forecast(
            BackupContents contents,
            Map<TableName, TableName> targets,
            Survey target,
            RestoreSchemas.Steps steps,
            List<RestorePlan.Shard> shards,
            long scratch) {
        List<RestoreForecast.Table> tables = new ArrayList<>();
        targets.forEach((source, as) -> {
            long[] expired = contents.expiredSince(source, clock.instant().getEpochSecond());
            boolean partial = contents.partial(source);
            if (partial) {
                notes.add("table " + source + " is partial in this backup: some token ranges had no readable replica");
            }
            tables.add(new RestoreForecast.Table(
                    source,
                    as,
                    contents.rows(source),
                    contents.rowsAreExact(source),
                    contents.bytes(source),
                    expired[0],
                    expired[1],
                    partial,
                    contents.backups(source),
                    contents.instant().flatMap(part -> part.of(source)).map(RestoreForecast.Records::of)));
        });
        Map<UUID, Long> bytes = RestoreSharding.bytesByNode(shards);
        List<RestoreForecast.Node> nodes = target.ring().nodes().stream()
                .map(node -> new RestoreForecast.Node(
                        node.hostId(),
                        node.address(),
                        bytes.getOrDefault(node.hostId(), 0L),
                        target.agents()
                                .find(node.hostId())
                                .map(AgentRoster.Member::info)
                                .map(RestorePlanner::usableBytes)
                                .orElse(0L)))
                .toList();
        long download =
                shards.stream().mapToLong(RestorePlan.Shard::estimatedBytes).sum();
        WorkerSizing.Decision workers = new WorkerSizing(
                        download,
                        shards.size(),
                        scratch,
                        settings.scratchLimitBytes(),
                        Runtime.getRuntime().availableProcessors(),
                        Integer.MAX_VALUE,
                        1,
                        MeasuredRate.of(repository),
                        settings.workers())
                .decide();
        notes.addAll(target.agents().silent());
        contents.instant().ifPresent(part -> notes.addAll(part.notes()));
        return new RestoreForecast(
                contents.manifest().id(),
                contents.manifest().restorePoint(),
                contents.instant().map(InstantPart::instant),
                target.ring().clusterName(),
                tables,
                nodes,
                steps.statements(),
                download,
                shards.size(),
                workers.workers(),
                RestoreSharding.spread(shards, workers.workers()),
                RestoreSharding.sstablesPerNode(shards),
                refusals.stream().map(Refusal::text).toList(),
                Refusal.failure(refusals).map(HindsightException::exitCode),
                List.copyOf(notes));
    }
}
