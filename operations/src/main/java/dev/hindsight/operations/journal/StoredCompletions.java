package dev.hindsight.operations.journal;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.operations.survey.Parallel;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.document.Completion;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.journal.JournalView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/** Finds out what of the before-values that are stored can be read. Holds nothing; one thread. */
final class StoredCompletions {
    private StoredCompletions() {}

    /** What is to be stored again. */
    record Again(Completion damaged, CompletionStretch stretch) {}

    /** What is damaged and can be made again: all of its records are there, and a base from which that is known. */
    static List<Again> again(
            Repository repository, TableEvidence evidence, List<CompletionStretch> stretches, boolean read) {
        List<Again> out = new ArrayList<>();
        CatalogueView catalogue = repository.catalogue().view();
        evidence.journal()
                .ifPresent(view -> damaged(repository, view, read).stream()
                        .filter(one -> one.firstNumber() > view.droppedNumber())
                        .forEach(one -> stretch(repository, catalogue, view, stretches, one)
                                .ifPresent(stretch -> out.add(new Again(one, stretch)))));
        return out;
    }

    /** Of the same base, or what it was rebased to; else the one that has all of the records now. */
    private static Optional<CompletionStretch> stretch(
            Repository repository,
            CatalogueView catalogue,
            JournalView view,
            List<CompletionStretch> stretches,
            Completion of) {
        String root = catalogue.rootOf(of.base());
        return stretches.stream()
                .filter(stretch -> catalogue.rootOf(stretch.base()).equals(root))
                .findFirst()
                .or(() -> stretches.stream()
                        .filter(stretch -> CompletionParts.numbers(repository.store(), view, stretch)
                                .hasAll(of))
                        .findFirst());
    }

    /** Those of which an object is gone, or has another size, or, where it is read as well, another content. */
    static List<Completion> damaged(Repository repository, JournalView view, boolean read) {
        List<Completion> all = view.completions();
        List<Parallel.Outcome<Boolean>> whole = Parallel.forAll(
                all, one -> one.objects().stream().allMatch(part -> isWhole(repository, part.object(), read)));
        return IntStream.range(0, all.size())
                .filter(i -> !whole.get(i).get())
                .mapToObj(all::get)
                .toList();
    }

    private static boolean isWhole(Repository repository, ObjectRef object, boolean read) {
        OptionalLong size = repository.store().size(object.key());
        if (size.isEmpty() || size.getAsLong() != object.sizeBytes()) {
            return false;
        }
        try {
            if (read) {
                repository.check(object);
            }
            return true;
        } catch (CorruptException | NotFoundException e) {
            return false;
        }
    }
}
