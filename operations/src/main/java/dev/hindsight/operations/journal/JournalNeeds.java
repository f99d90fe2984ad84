package dev.hindsight.operations.journal;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.FormatTooNewException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.survey.Parallel;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.catalogue.StandingClaim;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.journal.JournalView;
import dev.hindsight.repository.layout.Keys;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;

/**
 * How far back the journals of tables are needed: to the earliest write that may be missing in the oldest base that is kept,
 * or that some run reads. What a base needs that is still being made is not known, as clocks tell nothing about each other:
 * of its keyspaces all is needed. A value; any thread.
 */
public final class JournalNeeds {
    private static final String BACKUP = "backup";

    private final Map<UUID, List<NotInBase>> bases = new HashMap<>();
    /** Of which backups are being made. */
    private final Set<String> keyspaces = new HashSet<>();
    /** Whether one is being made whose keyspaces are not known. */
    private boolean all;

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
            manifest.tables()
                    .forEach(table -> needs.bases
                            .computeIfAbsent(table.tableId(), id -> new ArrayList<>())
                            .add(NotInBase.of(manifest, table.tableId(), TableEvidence.WRITE_TIMEOUT)));
        }
        view.claims().stream()
                .map(StandingClaim::claim)
                .filter(claim -> claim.verb().equals(BACKUP))
                .map(CatalogueEntry.Claim::run)
                .distinct()
                .forEach(run -> needs.add(repository, run));
        return needs;
    }

    /** Before it has a plan, and with one that cannot be read, it may be of any table. */
    private void add(Repository repository, String backup) {
        try {
            Optional<Repository.Found<BackupPlan>> plan = repository.find(Keys.backupPlan(backup), BackupPlan.class);
            all |= plan.isEmpty();
            plan.ifPresent(found -> found.document().schema().forEach(one -> keyspaces.add(one.name())));
        } catch (CorruptException | FormatTooNewException e) {
            all = true;
        }
    }

    /** Whether a base of the table may be under way: then nothing of its journal may be let go of. */
    public boolean awaitsBase(TableName table) {
        return all || keyspaces.contains(table.keyspace());
    }

    /** Whether a base has the table. */
    public boolean hasBase(UUID tableId) {
        return bases.containsKey(tableId);
    }

    /** Records from that instant on are needed; empty when no base has the table. */
    public OptionalLong fromMicros(UUID tableId, JournalView journal) {
        return bases.getOrDefault(tableId, List.of()).stream()
                .mapToLong(base -> base.neededFromMicros(journal))
                .min();
    }
}
