package dev.hindsight.server.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hindsight.repository.layout.BackupIds;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One job as it is now. Its JSON is both what clients get and what is remembered.
 *
 * @param key the client's idempotency key; the same key and the same request are the same job
 * @param attempt 1, and one more for each time that it was gone on with
 * @param request what was asked for, with instants resolved
 * @param reason why the service began it by itself; empty for a client's
 * @param result the report, once it is done
 * @param problem why it failed or was cut
 */
public record Job(
        String id,
        Kind kind,
        State state,
        int attempt,
        Optional<String> key,
        JsonNode request,
        Optional<String> reason,
        Instant createdAt,
        Optional<Instant> startedAt,
        Optional<Instant> endedAt,
        Progress progress,
        Optional<JsonNode> result,
        Optional<Problem> problem) {
    /** What it does. */
    public enum Kind {
        PROTECT,
        BACKUP,
        RESTORE
    }

    /** Where it stands. */
    public enum State {
        QUEUED,
        RUNNING,
        DONE,
        FAILED,
        /** The service ended first. What it had done stays done, and the same call goes on from there. */
        CUT;

        public boolean over() {
            return this == DONE || this == FAILED || this == CUT;
        }

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * @param phase step under way; empty before the first
     * @param totalBytes of the phase; 0 when it is not measured in bytes
     * @param notes the newest ones
     */
    public record Progress(String phase, long doneBytes, long totalBytes, List<String> notes) {
        static final Progress NONE = new Progress("", 0, 0, List.of());

        public Progress {
            notes = List.copyOf(notes);
        }
    }

    Job started(Instant now) {
        return new Job(
                id,
                kind,
                State.RUNNING,
                attempt,
                key,
                request,
                reason,
                createdAt,
                Optional.of(now),
                Optional.empty(),
                Progress.NONE,
                Optional.empty(),
                Optional.empty());
    }

    Job again() {
        return new Job(
                id,
                kind,
                State.QUEUED,
                attempt + 1,
                key,
                request,
                reason,
                createdAt,
                Optional.empty(),
                Optional.empty(),
                Progress.NONE,
                Optional.empty(),
                Optional.empty());
    }

    Job with(Progress now) {
        return new Job(
                id, kind, state, attempt, key, request, reason, createdAt, startedAt, endedAt, now, result, problem);
    }

    Job ended(State how, Instant now, Progress last, Optional<JsonNode> made, Optional<Problem> failure) {
        return new Job(
                id,
                kind,
                how,
                attempt,
                key,
                request,
                reason,
                createdAt,
                startedAt,
                Optional.of(now),
                last,
                made,
                failure);
    }

    /** A job that was not over when the process that ran it ended. */
    Job cut(Instant now) {
        return ended(
                State.CUT,
                now,
                progress,
                Optional.empty(),
                Optional.of(Problem.cut(
                        "the service ended before the job did",
                        "make the same call again" + instant() + ": it goes on from what is done")));
    }

    /** Without a key a time before now is another instant each time that it is said; with one the body must stay the same. */
    private String instant() {
        JsonNode instant = request.path("instant");
        return kind == Kind.RESTORE && key.isEmpty() && instant.isTextual() ? " with at=" + instant.asText() : "";
    }

    public ObjectNode toJson() {
        ObjectNode out = JsonNodeFactory.instance.objectNode();
        out.put("id", id);
        out.put("kind", kind.name().toLowerCase(Locale.ROOT));
        out.put("state", state.text());
        out.put("attempt", attempt);
        key.ifPresent(text -> out.put("idempotencyKey", text));
        out.set("request", request);
        reason.ifPresent(text -> out.put("reason", text));
        out.put("createdAt", createdAt.toString());
        startedAt.ifPresent(at -> out.put("startedAt", at.toString()));
        endedAt.ifPresent(at -> out.put("endedAt", at.toString()));
        ObjectNode how = out.putObject("progress");
        how.put("phase", progress.phase());
        how.put("doneBytes", progress.doneBytes());
        how.put("totalBytes", progress.totalBytes());
        progress.notes().forEach(how.putArray("notes")::add);
        result.ifPresent(made -> out.set("result", made));
        problem.ifPresent(failure -> out.set("problem", failure.toJson()));
        return out;
    }

    /** @throws RuntimeException it is not such a document */
    static Job fromJson(JsonNode node) {
        List<String> notes = new ArrayList<>();
        node.path("progress").path("notes").forEach(note -> notes.add(note.asText()));
        return new Job(
                BackupIds.require(node.required("id").asText()),
                Kind.valueOf(node.required("kind").asText().toUpperCase(Locale.ROOT)),
                State.valueOf(node.required("state").asText().toUpperCase(Locale.ROOT)),
                node.required("attempt").asInt(),
                text(node, "idempotencyKey"),
                node.required("request"),
                text(node, "reason"),
                Instant.parse(node.required("createdAt").asText()),
                text(node, "startedAt").map(Instant::parse),
                text(node, "endedAt").map(Instant::parse),
                new Progress(
                        node.path("progress").path("phase").asText(),
                        node.path("progress").path("doneBytes").asLong(),
                        node.path("progress").path("totalBytes").asLong(),
                        notes),
                Optional.ofNullable(node.get("result")),
                Optional.ofNullable(node.get("problem")).map(Problem::fromJson));
    }

    private static Optional<String> text(JsonNode node, String field) {
        return Optional.ofNullable(node.get(field)).map(JsonNode::asText);
    }
}
