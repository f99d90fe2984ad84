package dev.hindsight.operations.restore;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.digest.Digests;
import dev.hindsight.repository.document.RestorePlan;
import dev.hindsight.repository.layout.Keys;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the same command finds what it began: the id of a restore is made from what was asked for, followed by an attempt
 * number. An attempt whose plan object stands and that is not done is gone on with, as long as the tables it made are
 * still there and hold what was imported; otherwise the next number begins afresh.
 *
 * @param id of the attempt to go on with or to begin
 * @param unfinished the plan to go on with
 * @param finished an earlier attempt that is done and whose tables are still there
 * @param abandoned earlier attempts that were cut and whose tables are gone or were emptied, or whose plan is damaged: what they staged is of
 *     no use
 */
record RestoreIdentity(String id, Optional<RestorePlan> unfinished, Optional<String> finished, List<String> abandoned) {
    private static final Logger LOG = LoggerFactory.getLogger(RestoreIdentity.class);
    private static final int ID_DIGITS = 12;

    /**
     * @param tableId the present id of a table in the target
     * @param believable whether what a cut attempt has imported is still there, as far as can be known
     */
    static RestoreIdentity find(
            Repository repository,
            String backup,
            String cluster,
            Map<TableName, TableName> targets,
            RestoreRequest request,
            Function<TableName, Optional<UUID>> tableId,
            Predicate<RestorePlan> believable) {
        StringBuilder text = new StringBuilder("restore\n" + backup + "\n" + cluster + "\n" + request.ttl());
        new TreeMap<>(targets)
                .forEach((source, target) ->
                        text.append('\n').append(source.asCql()).append(" -> ").append(target.asCql()));
        request.instant().ifPresent(part -> text.append("\nat ").append(part.instant()));
        request.replication().ifPresent(map -> text.append('\n').append(new TreeMap<>(map)));
        String prefix = "r-"
                + Digests.of(text.toString().getBytes(StandardCharsets.UTF_8))
                        .substring(Digests.PREFIX.length(), Digests.PREFIX.length() + ID_DIGITS)
                + "-";
        Optional<String> finished = Optional.empty();
        List<String> abandoned = new ArrayList<>();
        for (int attempt = 1; ; attempt++) {
            String id = prefix + attempt;
            if (repository.store().size(Keys.restorePlan(id)).isEmpty()) {
                return new RestoreIdentity(id, Optional.empty(), finished, List.copyOf(abandoned));
            }
            Optional<RestorePlan> plan = readable(repository, id);
            boolean standing = plan.isPresent()
                    && plan.get().tables().stream()
                            .allMatch(table -> tableId.apply(table.target())
                                    .filter(table.targetId()::equals)
                                    .isPresent());
            boolean done = repository
                    .store()
                    .size(Keys.restoreStep(id, RestoreSteps.DONE))
                    .isPresent();
            if (standing && !done && believable.test(plan.orElseThrow())) {
                return new RestoreIdentity(id, plan, finished, List.copyOf(abandoned));
            }
            if (standing && done) {
                finished = Optional.of(id);
            } else if (!done) {
                abandoned.add(id);
            }
        }
    }

    /** A damaged plan cannot be gone on with; what its attempt did is then judged by the tables alone, as for any other. */
    private static Optional<RestorePlan> readable(Repository repository, String id) {
        try {
            return repository.find(Keys.restorePlan(id), RestorePlan.class).map(Repository.Found::document);
        } catch (CorruptException e) {
            LOG.warn("restore plan is damaged, beginning afresh restore={} problem={}", id, e.getMessage());
            return Optional.empty();
        }
    }
}
