package dev.hindsight.operations.retention;

import dev.hindsight.engine.journal.CaptureStream;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.FormatTooNewException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.journal.Incarnation;
import dev.hindsight.operations.journal.ProtectedTable;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.document.Completion;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalEntry.Segment;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What the journals of all tables take that are or were protected. Reads their logs and asks for numbers, no listing. */
final class JournalUsage {
    private final Repository repository;
    private final Map<CaptureStream, Long> next = new HashMap<>();

    JournalUsage(Repository repository) {
        this.repository = repository;
    }

    /** @param problems gets those that cannot be read */
    List<DiskUsage.Journal> journals(CatalogueView view, List<String> problems) {
        List<DiskUsage.Journal> out = new ArrayList<>();
        for (ProtectedTable table : ProtectedTable.all(view)) {
            try {
                JournalView.find(new JournalLog(repository.store(), table.name(), table.tableId()))
                        .map(this::usage)
                        .ifPresent(out::add);
            } catch (CorruptException | FormatTooNewException | NotFoundException e) {
                problems.add("the journal of " + table.name() + ": " + e.getMessage());
            }
        }
        out.sort(Comparator.comparingLong(DiskUsage.Journal::storedBytes).reversed());
        return out;
    }

    private DiskUsage.Journal usage(JournalView journal) {
        return new DiskUsage.Journal(
                journal.newest().table(),
                journal.newest().tableId(),
                journal.segments().stream().mapToLong(Segment::records).sum(),
                journal.segments().size(),
                Stream.concat(
                                journal.segments().stream().map(Segment::object),
                                journal.completions().stream()
                                        .flatMap(one -> one.objects().stream())
                                        .map(Completion.Part::object))
                        .mapToLong(ObjectRef::sizeBytes)
                        .sum(),
                journal.newest().consumed().stream().mapToLong(this::waiting).sum());
    }

    private long waiting(JournalEntry.Consumed consumed) {
        Optional<CaptureStream> stream = Incarnation.parse(consumed.incarnation())
                .map(incarnation -> new CaptureStream(consumed.hostId(), incarnation));
        return stream.map(one -> next.computeIfAbsent(one, any -> any.objects(repository.store())) - consumed.object())
                .filter(count -> count > 0)
                .orElse(0L);
    }
}
