package dev.hindsight.operations.journal;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.model.failure.BusyException;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.ring.Node;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.TableFacts;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.Site;
import dev.hindsight.operations.backup.BackupReport;
import dev.hindsight.operations.run.Writer;
import dev.hindsight.operations.survey.Parallel;
import dev.hindsight.operations.survey.Survey;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.Author;
import dev.hindsight.repository.catalogue.Catalogue;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.document.CatalogueEntry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Begins the continuous protection of a table: every live replica's agent captures the keyspace and is seen to have that in the
 * repository; then its journal begins and the catalogue says so; then the first base is taken, so that its snapshots come after
 * the captures' beginnings and the window has no hole at its start; last, that instant is sealed. Each step may be repeated. One
 * thread.
 */
public final class ProtectOperation {
    private final Repository repository;
    private final Site site;
    private final SealOperation sealing;
    private final Clock clock;
    private final Duration patience;
    private final ProgressListener progress;

    /** @param patience for an agent's first captures to be in the repository */
    public ProtectOperation(
            Repository repository,
            Site site,
            SealOperation sealing,
            Clock clock,
            Duration patience,
            ProgressListener progress) {
        this.repository = repository;
        this.site = site;
        this.sealing = sealing;
        this.clock = clock;
        this.patience = patience;
        this.progress = progress;
    }

    /**
     * @param base takes a backup of the tables
     * @throws NotFoundException there is no such table
     * @throws UnsupportedException its writes do not go into the commit log
     * @throws ClusterUnreachableException no replica of a table could be made to capture
     * @throws PreconditionFailedException a table of that name is protected for another cluster
     * @throws BusyException the protection of a table was ended by somebody else meanwhile
     */
    public ProtectReport protect(List<TableName> tables, Function<Set<TableName>, BackupReport> base) {
        progress.phase("plan", 0);
        Survey survey = Survey.take(site);
        List<CatalogueEntry.Protection> protections = tables.stream()
                .distinct()
                .map(table -> protection(survey, table))
                .toList();
        Catalogue catalogue = repository.catalogue();
        protections.forEach(catalogue.view()::requireNoOtherCluster);
        progress.phase("capture", 0);
        Map<Node, Optional<String>> nodes = capture(survey, tables);
        requireSomeReplica(survey, tables, nodes);
        List<ProtectReport.Table> begun = new ArrayList<>();
        for (CatalogueEntry.Protection protection : protections) {
            begin(survey, protection);
            boolean again = catalogue.view().protections().stream()
                    .anyMatch(entry -> entry.protection().equals(Optional.of(protection)));
            catalogue.append(
                    new Change.Protect(protection, ""),
                    new Author(catalogue.nextEpoch(), Writer.describe("protect"), clock.instant()));
            // What was collected before the catalogue said that the table is protected is known now.
            begin(survey, protection);
            begun.add(new ProtectReport.Table(protection.table(), protection.tableId(), again));
        }
        // An unprotect of another table may have told the agents meanwhile to capture less.
        List<String> notes = new ArrayList<>(scopes(survey).complete(site.agents()));
        Instant journalsBegan = clock.instant();
        nodes.replaceAll((node, problem) -> problem.or(() -> seenSince(survey, node, journalsBegan)));
        BackupReport backup = base.apply(Set.copyOf(tables));
        notes.addAll(backup.notes());
        progress.phase("seal", 0);
        begun.forEach(table -> open(survey.ring().clusterName(), table, backup)
                .ifPresent(problem -> notes.add(table.name() + " has no window yet: " + problem)));
        requireStanding(survey.ring().clusterName(), protections);
        List<String> capturing = new ArrayList<>();
        List<String> not = new ArrayList<>();
        nodes.forEach((node, problem) -> problem.ifPresentOrElse(
                text -> not.add(node.address() + ": " + text), () -> capturing.add(node.address())));
        return new ProtectReport(
                begun,
                survey.ring().clusterName(),
                capturing,
                not,
                backup.manifest().id(),
                backup.manifest().restorePoint(),
                notes);
    }

    /** It took minutes: nobody must be told that a table is protected when that was ended since. */
    private void requireStanding(String cluster, List<CatalogueEntry.Protection> protections) {
        Set<UUID> standing = ProtectedTable.standing(repository.catalogue().view(), cluster).stream()
                .map(ProtectedTable::tableId)
                .collect(Collectors.toSet());
        List<TableName> ended = protections.stream()
                .filter(protection -> !standing.contains(protection.tableId()))
                .map(CatalogueEntry.Protection::table)
                .toList();
        if (!ended.isEmpty()) {
            throw new BusyException(
                    "the protection of " + ended + " was ended by 'unprotect' while it was begun",
                    "protect them again if they shall be; the backup that was taken stays");
        }
    }

    private void begin(Survey survey, CatalogueEntry.Protection protection) {
        sealing.begin(
                protection,
                survey.keyspace(protection.table().keyspace()).orElseThrow(),
                survey.ring().nodes().stream().map(Node::hostId).collect(Collectors.toSet()));
    }

    /** Waits until the base's own instant can be restored; why it cannot be. */
    private Optional<String> open(String cluster, ProtectReport.Table table, BackupReport base) {
        try {
            sealing.sealBeyond(
                    new ProtectedTable(cluster, table.name(), table.tableId(), clock.instant(), true),
                    base.manifest().restorePoint(),
                    patience);
            return Optional.empty();
        } catch (HindsightException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** Every node that replicates one of the tables, with why it does not capture; empty once it is seen to. */
    private Map<Node, Optional<String>> capture(Survey survey, List<TableName> tables) {
        Set<String> wanted = tables.stream().map(TableName::keyspace).collect(Collectors.toCollection(TreeSet::new));
        Set<String> keyspaces = new TreeSet<>(scopes(survey).keyspaces());
        keyspaces.addAll(wanted);
        List<Node> replicas = wanted.stream()
                .flatMap(keyspace -> replicas(survey, keyspace).stream())
                .distinct()
                .toList();
        List<Parallel.Outcome<Optional<String>>> outcomes =
                Parallel.forAll(replicas, node -> capture(survey, node, keyspaces, wanted));
        Map<Node, Optional<String>> out = new LinkedHashMap<>();
        for (int i = 0; i < replicas.size(); i++) {
            Optional<HindsightException> failure = outcomes.get(i).failure();
            out.put(
                    replicas.get(i),
                    failure.isPresent()
                            ? failure.map(one -> String.valueOf(one.getMessage()))
                            : outcomes.get(i).get());
        }
        return out;
    }

    /**
     * Why what the node's capture says of itself does not reach beyond an instant. Only then does its evidence begin before
     * the base's snapshots.
     */
    private Optional<String> seenSince(Survey survey, Node node, Instant since) {
        AgentClient agent = survey.agents().find(node.hostId()).orElseThrow().client();
        return scopes(survey).reach(agent, since);
    }

    private static void requireSomeReplica(Survey survey, List<TableName> tables, Map<Node, Optional<String>> nodes) {
        for (TableName table : tables) {
            boolean none = replicas(survey, table.keyspace()).stream()
                    .noneMatch(node -> nodes.getOrDefault(node, Optional.of("")).isEmpty());
            if (none) {
                String why = nodes.entrySet().stream()
                        .map(one ->
                                one.getKey().address() + ": " + one.getValue().orElse("captures"))
                        .collect(Collectors.joining("; "));
                throw new ClusterUnreachableException(
                        "no replica of " + table + " captures: " + why,
                        "give the agents a section 'capture' in agent.yaml and start them; 'hindsight doctor' tells more");
            }
        }
    }

    private CatalogueEntry.Protection protection(Survey survey, TableName table) {
        KeyspaceSchema keyspace = survey.keyspace(table.keyspace())
                .orElseThrow(() -> new NotFoundException(
                        "cluster '" + survey.ring().clusterName() + "' has no keyspace " + table.keyspace(),
                        "names are taken as stored: case counts"));
        TableFacts facts = keyspace.find(table.table())
                .orElseThrow(() -> new NotFoundException(
                        "cluster '" + survey.ring().clusterName() + "' has no table " + table,
                        "names are taken as stored: case counts"));
        if (!keyspace.durableWrites()) {
            throw new UnsupportedException(
                    "keyspace " + keyspace.name() + " has durable_writes = false: its writes are in no commit log",
                    "ALTER KEYSPACE " + keyspace.name() + " WITH durable_writes = true");
        }
        return new CatalogueEntry.Protection(survey.ring().clusterName(), table, facts.id());
    }

    private static List<Node> replicas(Survey survey, String keyspace) {
        var nodes = survey.ownersOf(keyspace).nodes();
        return survey.ring().nodes().stream()
                .filter(node -> nodes.contains(node.hostId()))
                .toList();
    }

    private CaptureScopes scopes(Survey survey) {
        return new CaptureScopes(repository, survey.ring().clusterName(), patience);
    }

    /** Why the node does not capture; empty once it is seen to. */
    private Optional<String> capture(Survey survey, Node node, Set<String> keyspaces, Set<String> wanted) {
        Optional<String> problem = survey.agents().problemOf(node.hostId());
        if (problem.isPresent()) {
            return problem;
        }
        AgentClient agent = survey.agents().find(node.hostId()).orElseThrow().client();
        return scopes(survey).begin(agent, keyspaces, wanted);
    }
}
