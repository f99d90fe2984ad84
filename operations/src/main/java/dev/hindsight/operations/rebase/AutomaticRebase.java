package dev.hindsight.operations.rebase;

import dev.hindsight.model.chain.ChainLayers;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.retention.RebasePolicy;
import dev.hindsight.operations.chain.BackupChain;
import dev.hindsight.operations.chain.BackupChain.StoredShard;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.document.BackupManifest;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rebases a chain that has become long, at the end of a backup that was published. The backup is good whatever happens
 * here: a failure is a note.
 */
public final class AutomaticRebase {
    private static final Logger LOG = LoggerFactory.getLogger(AutomaticRebase.class);

    private AutomaticRebase() {}

    /**
     * @param backup that was just published
     * @return notes for its report
     */
    public static List<String> after(
            Repository repository, String backup, RebasePolicy policy, RebaseOperation operation) {
        try {
            Optional<String> why = due(repository, backup, policy);
            if (why.isEmpty()) {
                return List.of();
            }
            RebaseReport report = operation.execute(RebaseRequest.at(backup));
            return report.made().stream()
                    .map(made -> "rebased to " + made.id() + ": " + why.get())
                    .toList();
        } catch (HindsightException e) {
            LOG.warn("not rebased backup={} problem={}", backup, e.getMessage());
            return List.of("the backup is good, but its chain was not rebased: " + e.getMessage());
        }
    }

    /** Why a backup's chain is to be rebased now; empty when it is not. */
    public static Optional<String> due(Repository repository, String backup, RebasePolicy policy) {
        CatalogueView view = repository.catalogue().view();
        if (!policy.automatic() || view.find(backup).isEmpty()) {
            return Optional.empty();
        }
        BackupChain chain =
                BackupChain.of(repository, view, view.find(backup).get().manifest());
        long whole = 0;
        long all = 0;
        int longest = 0;
        for (BackupManifest.Table table : chain.manifest().tables()) {
            ChainLayers<StoredShard> layers = chain.layers(table.name(), table.tableId());
            // Not the links: those below the last whole state of every table are there for tables that this one leaves
            // out.
            longest = Math.max(longest, layers.backups());
            for (ChainLayers.Layer<StoredShard> layer : layers.layers()) {
                long bytes = layer.shard().bytes();
                all += bytes;
                whole += layer.incremental() ? 0 : bytes;
            }
        }
        return policy.due(longest, whole, all);
    }
}
