package dev.hindsight.operations.journal;

import dev.hindsight.engine.journal.CaptureStream;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.FormatTooNewException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.journal.Incarnation;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.document.CatalogueEntry.Protection;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.journal.JournalLog;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Incarnations of a cluster's captures that give nothing more: of hosts that have left the ring, and such as their own agent
 * knows no more, since its state was lost. A journal that begins takes note of them, so that nobody keeps them for it.
 *
 * <p>Which there were, the table that is protected longest knows, which took note itself when it began; where there is none,
 * a listing tells of the hosts of the ring. No state.
 */
final class EndedCaptures {
    private EndedCaptures() {}

    /**
     * @param protection of the table whose journal is to begin, or to go on
     * @param ring hosts that are in it
     * @param told what agents tell; asked last, so that what is not among it has ended and is not just beginning
     */
    static List<CaptureStream> of(
            Repository repository, Protection protection, Set<UUID> ring, Supplier<List<CaptureStream>> told) {
        Set<CaptureStream> known = eldest(repository, protection)
                .map(EndedCaptures::known)
                .orElseGet(() -> ring.stream()
                        .flatMap(host -> CaptureStream.listed(repository.store(), host).stream())
                        .collect(Collectors.toCollection(LinkedHashSet::new)));
        Set<CaptureStream> living = new HashSet<>(told.get());
        Set<UUID> answering = living.stream().map(CaptureStream::hostId).collect(Collectors.toSet());
        return known.stream()
                .filter(one -> !ring.contains(one.hostId()) || answering.contains(one.hostId()))
                .filter(one -> !living.contains(one))
                .toList();
    }

    private static Optional<JournalEntry> eldest(Repository repository, Protection protection) {
        return repository.catalogue().view().protections().stream()
                .map(CatalogueEntry::protection)
                .flatMap(Optional::stream)
                .filter(one -> one.cluster().equals(protection.cluster())
                        && !one.tableId().equals(protection.tableId()))
                .map(one -> newest(repository, one))
                .flatMap(Optional::stream)
                .filter(entry -> entry.ended().isEmpty())
                .findFirst();
    }

    /** A journal that cannot be read tells nothing. */
    private static Optional<JournalEntry> newest(Repository repository, Protection table) {
        try {
            return new JournalLog(repository.store(), table.table(), table.tableId()).newest();
        } catch (CorruptException | FormatTooNewException | NotFoundException e) {
            return Optional.empty();
        }
    }

    private static Set<CaptureStream> known(JournalEntry entry) {
        Set<CaptureStream> out = new LinkedHashSet<>();
        entry.consumed()
                .forEach(one -> Incarnation.parse(one.incarnation())
                        .ifPresent(incarnation -> out.add(new CaptureStream(one.hostId(), incarnation))));
        return out;
    }
}
