package dev.hindsight.operations.restore;

import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.TargetUnsafeException;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.ring.ReplicaMap;
import dev.hindsight.model.ring.Ring;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.survey.AgentRoster;
import dev.hindsight.operations.survey.Survey;
import dev.hindsight.repository.document.RestorePlan;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/**
 * Everything a restore has decided before it touches its target: the forecast for people and what the execution needs.
 *
 * @param targets target name by source table
 * @param tableDdl rewritten DDL (types and table) by source table
 * @param expectedTargetIds ids of target tables that exist already and may be used
 */
record RestoreBlueprint(
        RestoreRequest request,
        BackupContents contents,
        Survey target,
        Map<TableName, TableName> targets,
        Map<TableName, RestoreSchemas.TargetTable> tableDdl,
        RestoreSchemas.Steps steps,
        List<RestorePlan.Shard> shards,
        long scratchBytesPerTask,
        RestoreIdentity identity,
        RestoreForecast forecast,
        List<Refusal> refusals) {

    /** Why a restore may not run. */
    record Refusal(Kind kind, String text, String hint) {
        /** With what it fails then. */
        enum Kind {
            TARGET_UNSAFE(TargetUnsafeException::new),
            NO_SPACE(CapacityException::new),
            UNREACHABLE(ClusterUnreachableException::new),
            INCOMPATIBLE(UnsupportedException::new),
            USAGE(UsageException::new);

            private final BiFunction<String, String, HindsightException> failure;

            Kind(BiFunction<String, String, HindsightException> failure) {
                this.failure = failure;
            }
        }

        /** Of all of them; the first says of which kind. */
        static Optional<HindsightException> failure(List<Refusal> refusals) {
            String text = refusals.stream().map(Refusal::text).collect(Collectors.joining("; "));
            return refusals.stream()
                    .findFirst()
                    .map(first -> first.kind().failure.apply(text, first.hint()));
        }
    }

    /** Nodes that get data. */
    List<UUID> nodes() {
        return shards.stream()
                .flatMap(shard -> shard.nodes().stream())
                .distinct()
                .sorted()
                .toList();
    }

    Ring ring() {
        return target.ring();
    }

    AgentRoster agents() {
        return target.agents();
    }

    static ReplicaMap owners(Survey target, Map<String, String> replication) {
        return target.owners(dev.hindsight.model.ring.Replication.parse(replication));
    }
}
