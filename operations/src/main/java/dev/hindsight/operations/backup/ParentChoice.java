package dev.hindsight.operations.backup;

import dev.hindsight.model.chain.SeenTable;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.ring.Ring;
import dev.hindsight.model.schema.TableFacts;
import dev.hindsight.operations.chain.BackupChain;
import dev.hindsight.operations.chain.ChainStates;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.ChainState;
import dev.hindsight.repository.document.ObjectRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The backup that a new one builds on: the newest of the same cluster whose chain has seen the tables that are wanted. Of
 * several chains (one for some tables, one for others) it is the one that knows most of them.
 *
 * @param because why there is none; empty when there is one
 * @param damage what was stepped over because it is damaged, one sentence each
 */
record ParentChoice(Optional<Parent> parent, String because, List<String> damage) {
    /** So many backups of other tables are looked at before the best of them is taken. */
    private static final int MOST_CANDIDATES = 32;

    /** @param seen by table id */
    record Parent(BackupChain chain, ChainState state, Map<UUID, SeenTable> seen) {
        String id() {
            return chain.manifest().id();
        }

        private long knows(List<TableFacts> tables) {
            return tables.stream().filter(table -> seen.containsKey(table.id())).count();
        }
    }

    ParentChoice {
        damage = List.copyOf(damage);
    }

    static ParentChoice none(String because) {
        return new ParentChoice(Optional.empty(), because, List.of());
    }

    /**
     * @throws PreconditionFailedException an incremental was asked for and there is nothing to build on
     */
    static ParentChoice of(
            Repository repository,
            CatalogueView catalogue,
            BackupRequest.Kind kind,
            Ring ring,
            List<TableFacts> tables) {
        if (kind == BackupRequest.Kind.FULL) {
            return none("a full backup was asked for");
        }
        String cluster = ring.clusterName();
        List<String> damage = new ArrayList<>();
        Optional<String> elsewhere = Optional.empty();
        Optional<Parent> best = Optional.empty();
        List<PublishedBackup> backups = catalogue.backups();
        int looked = 0;
        boolean older = false;
        for (int i = backups.size() - 1; i >= 0 && looked < MOST_CANDIDATES; i--) {
            try {
                BackupChain chain =
                        BackupChain.of(repository, catalogue, backups.get(i).manifest());
                BackupManifest manifest = chain.manifest();
                if (!manifest.ring().clusterName().equals(cluster)) {
                    continue;
                }
                if (manifest.ring().isElsewhere(ring)) {
                    elsewhere = elsewhere.or(() -> Optional.of(manifest.id()));
                    continue;
                }
                Optional<ObjectRef> state = manifest.chain();
                if (state.isEmpty()) {
                    older = true;
                    continue;
                }
                looked++;
                Parent found = parent(repository, chain, state.get());
                if (found.knows(tables) > best.map(one -> one.knows(tables)).orElse(0L)) {
                    best = Optional.of(found);
                }
                if (found.knows(tables) == tables.size()) {
                    break;
                }
            } catch (CorruptException e) {
                damage.add("backup " + backups.get(i).id() + " is damaged and not built on: " + e.getMessage());
            }
        }
        if (best.isPresent()) {
            return new ParentChoice(best, "", damage);
        }
        String because = "there is no backup of this cluster to build on";
        if (elsewhere.isPresent()) {
            because = "no node of cluster '" + cluster + "' has the host id and the address that it had in backup "
                    + elsewhere.get() + ": it is a copy of that cluster, or all of it has moved";
        } else if (looked > 0) {
            because = "no backup of this cluster has seen these tables";
        } else if (older) {
            because = "the backups of this cluster were made by an older Hindsight, which noted nothing to build on";
        }
        if (kind == BackupRequest.Kind.INCREMENTAL) {
            throw new PreconditionFailedException(
                    "an incremental backup of cluster '" + cluster + "' is not possible: " + because,
                    elsewhere.isPresent()
                            ? "a copy needs a repository of its own; if the cluster has moved, run 'hindsight backup"
                                    + " --kind full' first, or leave --kind out"
                            : "run 'hindsight backup --kind full' first, or leave --kind out");
        }
        return new ParentChoice(Optional.empty(), because, damage);
    }

    private static Parent parent(Repository repository, BackupChain chain, ObjectRef ref) {
        ChainState state = repository.load(ref, ChainState.class);
        Parent out = new Parent(chain, state, ChainStates.of(state));
        chain.links();
        return out;
    }
}
