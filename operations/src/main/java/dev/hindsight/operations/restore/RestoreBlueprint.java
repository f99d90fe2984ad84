package dev.hindsight.operations.restore;

import dev.hindsight.model.ring.ReplicaMap;
import dev.hindsight.model.ring.Ring;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.survey.AgentRoster;
import dev.hindsight.operations.survey.Survey;
import dev.hindsight.repository.document.RestorePlan;
import java.util.List;
import java.util.Map;
import java.util.UUID;

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

    /** Why a restore may not run, and with which exit code. */
    record Refusal(Kind kind, String text, String hint) {
        enum Kind {
            TARGET_UNSAFE,
            NO_SPACE,
            UNREACHABLE,
            INCOMPATIBLE,
            USAGE
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
