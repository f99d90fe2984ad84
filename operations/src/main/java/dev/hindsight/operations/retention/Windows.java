package dev.hindsight.operations.retention;

import dev.hindsight.repository.document.CatalogueEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** What becomes of the windows of protected tables when backups go: a window begins at the table's oldest base. */
final class Windows {
    private Windows() {}

    /** For people, of each protected table whose oldest base goes. */
    static List<String> shrunk(LiveSet live, Set<String> gone) {
        List<String> out = new ArrayList<>();
        Collection<BackupSummary> backups = live.readable().values();
        for (CatalogueEntry entry : live.view().protections()) {
            CatalogueEntry.Protection table = entry.protection().orElseThrow();
            Optional<Instant> before = oldest(backups, table, id -> true);
            Optional<Instant> after = oldest(backups, table, id -> !gone.contains(id));
            if (before.isPresent() && !before.equals(after)) {
                out.add("the window of " + table.table() + " begins at "
                        + after.map(at -> at + " instead of " + before.get())
                                .orElse("its next backup: no base of it is left"));
            }
        }
        return out;
    }

    private static Optional<Instant> oldest(
            Collection<BackupSummary> backups, CatalogueEntry.Protection table, Predicate<String> stays) {
        return backups.stream()
                .filter(backup -> backup.cluster().equals(table.cluster()) && stays.test(backup.id()))
                .filter(backup ->
                        backup.tables().stream().anyMatch(one -> one.id().equals(table.tableId()) && one.restorable()))
                .map(BackupSummary::restorePoint)
                .min(Instant::compareTo);
    }
}
