package dev.hindsight.engine.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hindsight.engine.ShardTask;
import dev.hindsight.engine.TaskResult;
import dev.hindsight.repository.document.ObjectRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One line between coordinator and worker, as JSON without line breaks.
 *
 * <pre>
 *   to the worker:    {"task": "backup", "plan": {...}, "shard": 7, "openSSTables": false}
 *   from the worker:  {"ready": 4711}                  its process id, once at the start
 *                     {"bytes": 1048576}               read since the last such line
 *                     {"result": {...}, "made": {...}, "problems": [...], "failure": {...}, "bytes": 123}
 * </pre>
 *
 * Coordinator and workers are the same build, so there is no version in it.
 */
sealed interface WireMessage {
    record Ready(long pid) implements WireMessage {}

    record Bytes(long bytes) implements WireMessage {}

    record Run(ShardTask task) implements WireMessage {}

    record Done(TaskResult result) implements WireMessage {}

    ObjectMapper JSON = new ObjectMapper();

    /** Without the line end. */
    default String toLine() {
        ObjectNode node = JSON.createObjectNode();
        if (this instanceof Ready ready) {
            node.put("ready", ready.pid());
        } else if (this instanceof Bytes bytes) {
            node.put("bytes", bytes.bytes());
        } else if (this instanceof Run run) {
            putTask(node, run.task());
        } else if (this instanceof Done done) {
            putResult(node, done.result());
        }
        return node.toString();
    }

    /** Empty when the line is none of these: something else was printed on the worker's standard output. */
    static Optional<WireMessage> parse(String line) {
        if (!line.startsWith("{")) {
            return Optional.empty();
        }
        try {
            JsonNode node = JSON.readTree(line);
            if (node.has("result")) {
                return Optional.of(new Done(result(node)));
            }
            if (node.has("task")) {
                return Optional.of(new Run(task(node)));
            }
            if (node.has("ready")) {
                return Optional.of(new Ready(node.get("ready").asLong()));
            }
            return node.has("bytes") ? Optional.of(new Bytes(node.get("bytes").asLong())) : Optional.empty();
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    private static void putTask(ObjectNode node, ShardTask task) {
        String kind = "backup";
        String depth = "";
        if (task instanceof ShardTask.Restore) {
            kind = "restore";
        } else if (task instanceof ShardTask.Export) {
            kind = "export";
        } else if (task instanceof ShardTask.Rebase) {
            kind = "rebase";
        } else if (task instanceof ShardTask.Verify verify) {
            kind = "verify";
            depth = verify.depth().name();
        }
        node.put("task", kind);
        node.set("plan", ref(task.plan()));
        node.put("shard", task.shard());
        node.put("depth", depth);
    }

    private static ShardTask task(JsonNode node) {
        ObjectRef plan = ref(node.path("plan"));
        int shard = node.path("shard").asInt();
        String kind = node.path("task").asText();
        switch (kind) {
            case "backup":
                return new ShardTask.Backup(plan, shard);
            case "restore":
                return new ShardTask.Restore(plan, shard);
            case "export":
                return new ShardTask.Export(plan, shard);
            case "rebase":
                return new ShardTask.Rebase(plan, shard);
            case "verify":
                return new ShardTask.Verify(
                        plan,
                        shard,
                        ShardTask.Verify.Depth.valueOf(node.path("depth").asText()));
            default:
                throw new IllegalArgumentException("unknown task '" + kind + "'");
        }
    }

    private static void putResult(ObjectNode node, TaskResult result) {
        putTask(node.putObject("result"), result.task());
        result.made().ifPresent(made -> node.set("made", ref(made)));
        ArrayNode problems = node.putArray("problems");
        result.problems().forEach(problems::add);
        result.failure()
                .ifPresent(failure -> node.putObject("failure")
                        .put("type", failure.type())
                        .put("message", failure.message())
                        .put("hint", failure.hint())
                        .put("exitCode", failure.exitCode())
                        .put("damagedLayer", failure.damagedLayer().orElse("")));
        node.put("bytes", result.bytes());
        node.putObject("whole")
                .put("objects", result.whole().objects())
                .put("bytes", result.whole().bytes())
                .put("sstables", result.whole().sstables());
    }

    private static TaskResult result(JsonNode node) {
        List<String> problems = new ArrayList<>();
        node.path("problems").forEach(problem -> problems.add(problem.asText()));
        JsonNode failure = node.path("failure");
        return new TaskResult(
                task(node.path("result")),
                node.has("made") ? Optional.of(ref(node.path("made"))) : Optional.empty(),
                List.copyOf(problems),
                failure.isMissingNode()
                        ? Optional.empty()
                        : Optional.of(new TaskResult.Failure(
                                failure.path("type").asText(),
                                failure.path("message").asText(),
                                failure.path("hint").asText(),
                                failure.path("exitCode").asInt(),
                                Optional.of(failure.path("damagedLayer").asText())
                                        .filter(key -> !key.isEmpty()))),
                node.path("bytes").asLong(),
                new TaskResult.Whole(
                        node.path("whole").path("objects").asLong(),
                        node.path("whole").path("bytes").asLong(),
                        node.path("whole").path("sstables").asInt()));
    }

    private static ObjectNode ref(ObjectRef ref) {
        return JSON.createObjectNode()
                .put("key", ref.key())
                .put("sizeBytes", ref.sizeBytes())
                .put("digest", ref.digest())
                .put("envelope", ref.envelope());
    }

    private static ObjectRef ref(JsonNode node) {
        return new ObjectRef(
                node.path("key").asText(),
                node.path("sizeBytes").asLong(),
                node.path("digest").asText(),
                node.path("envelope").asText());
    }
}
