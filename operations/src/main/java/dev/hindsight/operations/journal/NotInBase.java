package dev.hindsight.operations.journal;

import dev.hindsight.engine.journal.SealSettings;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.journal.JournalView;
import java.time.Duration;
import java.util.UUID;

/**
 * Which records of a table's journal may be of writes that one of its bases does not have. A record's instant may be off: it
 * is clamped into what all nodes observed, and one that was not looked at for a while makes that wide. A value; any thread.
 *
 * @param writtenFromMicros when the earliest write may have reached a node that is not in the base
 * @param copiesMicros how much earlier a record may be of which such a write is only a copy: what was numbered when only a
 *     replica had it that the base lacks, and came to others later; 0 when the base has all replicas
 */
record NotInBase(long writtenFromMicros, long copiesMicros) {
    static NotInBase of(BackupManifest base, UUID tableId, Duration writeTimeout) {
        boolean lacksReplicas = base.tables().stream()
                .filter(table -> table.tableId().equals(tableId))
                .flatMap(table -> table.coverage().stream())
                .anyMatch(part -> !part.missing().isEmpty());
        return new NotInBase(
                TableEvidence.began(base) - writeTimeout.toMillis() * 1000,
                lacksReplicas ? SealSettings.LONGEST_COPIES.toMillis() * 1000 : 0);
    }

    /**
     * Records of earlier instants are not needed with the base. What of that the journal let go of, by what was known then, is
     * not asked for: what was not sealed at that time has later instants.
     */
    long recordsFromMicros(JournalView journal) {
        long from = neededFromMicros(journal);
        boolean letGo = journal.droppedNumber() > 0 && writtenFromMicros > journal.droppedMicros();
        return letGo ? Math.max(from, journal.droppedMicros() + 1) : from;
    }

    /** As {@link #recordsFromMicros}, and whatever the journal has let go of. */
    long neededFromMicros(JournalView journal) {
        long sealed = journal.newest().watermarkMicros();
        long exact = writtenFromMicros < sealed
                ? writtenFromMicros - journal.offMicros(writtenFromMicros, writtenFromMicros)
                : sealed;
        return exact - copiesMicros;
    }
}
