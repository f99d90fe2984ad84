package dev.hindsight.operations.journal;

import dev.hindsight.operations.survey.Parallel;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.catalogue.StandingClaim;
import dev.hindsight.repository.document.BackupManifest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * How far back the journals of tables are needed: to the earliest write that may be missing in the oldest base that is kept,
 * or that some run reads. A value; any thread.
 */
public final class JournalNeeds {
    private final Map<UUID, Long> fromMicros = new HashMap<>();

    private JournalNeeds() {}

    /** @throws dev.hindsight.model.failure.CorruptException a manifest cannot be read: what it needs is not known */
    public static JournalNeeds of(Repository repository, CatalogueView view) {
        List<PublishedBackup> backups = new ArrayList<>(view.backups());
        for (StandingClaim claim : view.claims()) {
            for (String pin : claim.claim().pins()) {
                view.findAlsoExpired(pin).ifPresent(backups::add);
            }
        }
        JournalNeeds needs = new JournalNeeds();
        for (Parallel.Outcome<BackupManifest> loaded : Parallel.forAll(
                backups.stream().distinct().toList(),
                backup -> repository.load(backup.manifest(), BackupManifest.class))) {
            BackupManifest manifest = loaded.get();
            long from = TableEvidence.recordsFromMicros(manifest, TableEvidence.WRITE_TIMEOUT);
            manifest.tables().forEach(table -> needs.fromMicros.merge(table.tableId(), from, Math::min));
        }
        return needs;
    }

    /** Records from that instant on are needed; empty when no base has the table. */
    public OptionalLong fromMicros(UUID tableId) {
        return Optional.ofNullable(fromMicros.get(tableId))
                .map(OptionalLong::of)
                .orElse(OptionalLong.empty());
    }
}
