package dev.hindsight.operations.backup;

import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.operations.run.RunClaim;
import dev.hindsight.operations.survey.Survey;
import dev.hindsight.repository.Repository;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Chooses what one run builds on, and keeps it from being expired. One thread. */
final class ParentOfRun {
    private final Repository repository;
    private final RunClaim claim;
    private final String verb;
    private final Consumer<String> note;

    ParentOfRun(Repository repository, RunClaim claim, String verb, Consumer<String> note) {
        this.repository = repository;
        this.claim = claim;
        this.verb = verb;
        this.note = note;
    }

    /** What a backup would build on now. */
    ParentChoice now(BackupRequest request, Survey survey, Selection selection) {
        return ParentChoice.of(
                repository, repository.catalogue().view(), request.kind(), survey.ring(), selection.tables());
    }

    /**
     * Chosen again once it is pinned: it may have been expired, or given another parent, until then.
     *
     * @param id of the run
     */
    ParentChoice pinned(BackupRequest request, Survey survey, Selection selection, String id) {
        Set<String> pinned = new HashSet<>();
        while (true) {
            ParentChoice choice = now(request, survey, selection);
            if (choice.parent().isEmpty()
                    || pinned.contains(choice.parent().get().id())) {
                return choice;
            }
            String parent = choice.parent().get().id();
            try {
                claim.read(id, verb, List.of(parent));
                pinned.add(parent);
            } catch (NotFoundException e) {
                note.accept("backup " + parent + " went while it was being chosen as parent; choosing again");
            }
        }
    }
}
