package dev.hindsight.model.retention;

import dev.hindsight.model.schema.TableName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * A published backup that has not expired, as far as retention needs to know it.
 *
 * @param cluster that it was taken of; tables of different clusters have nothing to do with each other
 * @param parent the effective one: what it cannot be restored without
 * @param rebaseOf the backup whose records it holds, at the same restore point
 * @param tables what it holds; empty when {@code readable} is false
 * @param readable whether its manifest could be read: of one that could not, nothing is known, so it stays
 * @param held somebody said that it must stay
 * @param pinned a run that may be alive reads it, or builds on it
 * @param storedBytes of its own objects
 * @param rebasedBytes about what a rebase of it would store; empty when that cannot be done or is not known
 */
public record LiveBackup(
        String id,
        String cluster,
        Instant restorePoint,
        Optional<String> parent,
        Optional<String> rebaseOf,
        List<Part> tables,
        boolean readable,
        boolean held,
        boolean pinned,
        long storedBytes,
        OptionalLong rebasedBytes) {
    public LiveBackup {
        tables = List.copyOf(tables);
    }

    /** @param restorable every token range of the table was read from some replica */
    public record Part(TableName name, UUID id, boolean restorable) {}
}
