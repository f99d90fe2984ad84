package dev.hindsight.operations.chain;

import dev.hindsight.model.chain.ChainLayers;
import dev.hindsight.model.chain.HurtPoint;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.ShardManifest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * From broken shards to the restore points that they hurt. Goes on where documents are damaged: a shard whose manifest
 * cannot be read counts as broken for all ranges of its table that no other shard of that backup has; a backup that cannot
 * be read at all breaks the chains that go through it. One thread.
 */
public final class HurtRestorePoints {
    private final Repository repository;
    private final CatalogueView catalogue;
    private final Set<String> broken;
    private final Map<String, Optional<BackupManifest>> manifests = new HashMap<>();
    private final Map<String, List<ChainLayers.Stored<String>>> levels = new HashMap<>();

    /** @param broken keys of the shard manifests that something is wrong with, or with what they name */
    public HurtRestorePoints(Repository repository, CatalogueView catalogue, Set<String> broken) {
        this.repository = repository;
        this.catalogue = catalogue;
        this.broken = new HashSet<>(broken);
    }

    /** Of all backups that can be seen, by table and instant; none where nothing is broken. */
    public List<HurtPoint> find() {
        List<BackupManifest> visible = new ArrayList<>();
        for (PublishedBackup one : catalogue.backups()) {
            manifest(one.id()).ifPresent(visible::add);
        }
        visible.sort(Comparator.comparing(BackupManifest::restorePoint));
        Map<UUID, List<HurtPoint.Point<String>>> points = new HashMap<>();
        Map<UUID, BackupManifest.Table> tables = new HashMap<>();
        for (BackupManifest manifest : visible) {
            for (BackupManifest.Table table : manifest.tables()) {
                tables.put(table.tableId(), table);
                points.computeIfAbsent(table.tableId(), any -> new ArrayList<>())
                        .add(new HurtPoint.Point<>(
                                manifest.id(), manifest.restorePoint(), layers(manifest, table.tableId())));
            }
        }
        List<HurtPoint> out = new ArrayList<>();
        points.forEach((id, ofTable) -> out.addAll(
                HurtPoint.of(Optional.ofNullable(tables.get(id)).orElseThrow().name(), ofTable, broken::contains)));
        out.sort(Comparator.comparing((HurtPoint hurt) -> hurt.table().toString())
                .thenComparing(HurtPoint::at));
        return out;
    }

    private ChainLayers<String> layers(BackupManifest head, UUID table) {
        ChainLayers.Walk<String> walk = new ChainLayers.Walk<>(TokenRanges.FULL);
        Set<String> seen = new HashSet<>();
        Optional<BackupManifest> at = Optional.of(head);
        while (at.isPresent() && !walk.done() && seen.add(at.get().id())) {
            walk.step(level(at.get(), table));
            at = BackupChain.parentOf(catalogue, at.get()).flatMap(this::manifest);
        }
        return walk.end();
    }

    private List<ChainLayers.Stored<String>> level(BackupManifest backup, UUID tableId) {
        return levels.computeIfAbsent(
                backup.id() + " " + tableId,
                any -> backup.tables().stream()
                        .filter(table -> table.tableId().equals(tableId))
                        .findFirst()
                        .map(this::level)
                        .orElse(List.of()));
    }

    private List<ChainLayers.Stored<String>> level(BackupManifest.Table table) {
        List<ChainLayers.Stored<String>> out = new ArrayList<>();
        List<String> unreadable = new ArrayList<>();
        TokenRanges left = TokenRanges.FULL;
        for (ObjectRef ref : table.shards()) {
            try {
                ShardManifest shard = repository.load(ref, ShardManifest.class);
                TokenRanges ranges = TokenRanges.of(shard.ranges());
                out.add(new ChainLayers.Stored<>(ref.key(), ranges, shard.incremental()));
                left = left.subtract(ranges);
            } catch (HindsightException e) {
                unreadable.add(ref.key());
            }
        }
        boolean incremental = table.how().map(BackupManifest.How::incremental).orElse(false);
        for (String key : unreadable) {
            broken.add(key);
            out.add(new ChainLayers.Stored<>(key, left, incremental));
        }
        return out;
    }

    /** Also of one that was expired while another builds on it: restores read it as well. */
    private Optional<BackupManifest> manifest(String backup) {
        return manifests.computeIfAbsent(backup, id -> {
            try {
                return BackupChain.manifestOf(repository, catalogue, id)
                        .map(ref -> repository.load(ref, BackupManifest.class));
            } catch (HindsightException e) {
                return Optional.empty();
            }
        });
    }
}
