package dev.hindsight.trials.chain;

import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.ShardManifest;
import dev.hindsight.repository.layout.Keys;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Everything that the backups that can be seen need, found by following references alone, each object checked. */
final class Reachable {
    private final Repository repository;
    private final CatalogueView view;
    private final Set<String> keys = new TreeSet<>();
    private final Set<String> backups = new HashSet<>();

    private Reachable(Repository repository) {
        this.repository = repository;
        this.view = repository.catalogue().inspect();
        keys.add(Keys.REPOSITORY);
        view.entries().forEach(entry -> keys.add(Keys.catalogueEntry(entry.number())));
        view.backups().forEach(this::backup);
    }

    /** @throws dev.hindsight.model.failure.HindsightException something is missing or damaged */
    static Set<String> keys(Repository repository) {
        return new Reachable(repository).keys;
    }

    private void backup(PublishedBackup backup) {
        if (!backups.add(backup.id())) {
            return;
        }
        object(backup.manifest());
        BackupManifest manifest = repository.load(backup.manifest(), BackupManifest.class);
        object(manifest.plan());
        manifest.chain().ifPresent(this::object);
        for (BackupManifest.Table table : manifest.tables()) {
            for (ObjectRef shard : table.shards()) {
                object(shard);
                ShardManifest stored = repository.load(shard, ShardManifest.class);
                stored.sstables().forEach(sstable -> sstable.components().forEach(this::object));
                stored.layer().flatMap(ShardManifest.Layer::fingerprints).ifPresent(this::object);
            }
        }
        Optional<String> parent = backup.parentOr(manifest.parent());
        boolean needed = manifest.tables().stream()
                .anyMatch(table ->
                        table.how().map(BackupManifest.How::incremental).orElse(false));
        if (needed) {
            backup(view.findAlsoExpired(parent.orElseThrow()).orElseThrow());
        }
    }

    private void object(ObjectRef ref) {
        repository.check(ref);
        keys.add(ref.key());
    }
}
