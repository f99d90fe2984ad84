package dev.hindsight.operations.journal;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.run.Writer;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.Author;
import dev.hindsight.repository.catalogue.Catalogue;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.document.CatalogueEntry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/**
 * Ends the continuous protection of a table. The catalogue says so before any agent is told, and needs no node for it: a
 * table whose cluster is gone must not stay protected for ever. What is in the journal stays restorable until it is expired.
 */
public final class UnprotectOperation {
    private final Repository repository;
    private final String cluster;
    private final List<AgentClient> agents;
    private final Clock clock;

    /**
     * @param cluster as its nodes call it; tables of others are left alone
     * @param agents of that cluster
     */
    public UnprotectOperation(Repository repository, String cluster, List<AgentClient> agents, Clock clock) {
        this.repository = repository;
        this.cluster = cluster;
        this.agents = List.copyOf(agents);
        this.clock = clock;
    }

    /**
     * @throws dev.hindsight.model.failure.NotFoundException it never was protected
     * @throws PreconditionFailedException it is not protected any more, or is another cluster's
     */
    public UnprotectReport unprotect(TableName name) {
        Catalogue catalogue = repository.catalogue();
        ProtectedTable table = standing(catalogue.view(), name);
        catalogue.append(
                new Change.Unprotect(new CatalogueEntry.Protection(cluster, table.name(), table.tableId()), ""),
                new Author(catalogue.nextEpoch(), Writer.describe("unprotect"), clock.instant()));
        return new UnprotectReport(
                new ProtectedTable(cluster, table.name(), table.tableId(), table.since(), false),
                new CaptureScopes(repository, cluster, Duration.ZERO).reduce(agents));
    }

    private ProtectedTable standing(CatalogueView view, TableName name) {
        return ProtectedTable.standing(view, cluster).stream()
                .filter(table -> table.name().equals(name))
                .findFirst()
                .orElseThrow(() -> notHere(ProtectedTable.find(view, name)));
    }

    private PreconditionFailedException notHere(ProtectedTable known) {
        return known.standing()
                ? new PreconditionFailedException(
                        "table " + known.name() + " is protected for cluster '" + known.cluster()
                                + "', and this configuration is of cluster '" + cluster + "'",
                        "run it with the configuration of cluster '" + known.cluster() + "'")
                : new PreconditionFailedException(
                        "table " + known.name() + " is not protected any more", "run 'hindsight status'");
    }
}
