package dev.hindsight.operations.retention;

import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.layout.Keys;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * What expiry and collection need to know of one backup, small enough to keep thousands of them.
 *
 * @param published its place in the catalogue
 * @param parent what it builds on now
 * @param shards numbers of the shard manifests that it names, by the run that made them: its own, and after a rebase of
 *     some tables only also those of the backup that was rebased
 */
public record BackupSummary(
        PublishedBackup published,
        BackupManifest.Kind kind,
        String cluster,
        Instant restorePoint,
        Optional<String> parent,
        BackupManifest.State state,
        List<Table> tables,
        long storedBytes,
        Map<String, BitSet> shards) {
    /**
     * @param restorable every token range was read from some replica
     * @param incremental it needs the parent
     */
    public record Table(TableName name, UUID id, boolean restorable, boolean incremental) {}

    static BackupSummary of(PublishedBackup published, BackupManifest manifest) {
        List<Table> tables = new ArrayList<>();
        Map<String, BitSet> shards = new HashMap<>();
        for (BackupManifest.Table table : manifest.tables()) {
            tables.add(new Table(
                    table.name(),
                    table.tableId(),
                    table.coverage().stream().noneMatch(part -> part.read().isEmpty()),
                    table.how().map(BackupManifest.How::incremental).orElse(false)));
            for (ObjectRef ref : table.shards()) {
                Keys.shardOfManifest(ref.key())
                        .ifPresent(shard -> shards.computeIfAbsent(shard.backup(), key -> new BitSet())
                                .set(shard.number()));
            }
        }
        return new BackupSummary(
                published,
                manifest.kind(),
                manifest.ring().clusterName(),
                manifest.restorePoint(),
                published.parentOr(manifest.parent()),
                manifest.state(),
                List.copyOf(tables),
                manifest.totals().storedBytes(),
                Map.copyOf(shards));
    }

    public String id() {
        return published.id();
    }
}
