package dev.hindsight.server.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hindsight.model.failure.AlreadyExistsException;
import dev.hindsight.model.failure.BusyException;
import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.failure.PlanStaleException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.failure.ReplacedException;
import dev.hindsight.model.failure.RepositoryMissingException;
import dev.hindsight.model.failure.StoreUnreachableException;
import dev.hindsight.model.failure.TargetUnsafeException;
import dev.hindsight.model.failure.TimeNotRestorableException;
import dev.hindsight.model.failure.UnauthorisedException;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.failure.UsageException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A failure as clients get it: a problem document (RFC 9457) whose {@code type} is the failure's name, which states the
 * outcome, with the hint as a field of its own.
 *
 * @param type the exception's simple name without {@code Exception}
 * @param status the HTTP status that suits it
 * @param retryable whether the same call may succeed without anybody changing anything
 * @param before the nearest instant before the wanted one that can be restored, where that is what failed
 * @param after the nearest one after it
 */
public record Problem(
        String type,
        int status,
        String message,
        String hint,
        boolean retryable,
        Optional<Instant> before,
        Optional<Instant> after) {
    private static final Map<Class<? extends HindsightException>, Integer> STATUS = Map.ofEntries(
            Map.entry(UsageException.class, 400),
            Map.entry(AlreadyExistsException.class, 409),
            Map.entry(BusyException.class, 409),
            Map.entry(ReplacedException.class, 409),
            Map.entry(PlanStaleException.class, 409),
            Map.entry(TargetUnsafeException.class, 409),
            Map.entry(PreconditionFailedException.class, 409),
            Map.entry(TimeNotRestorableException.class, 422),
            Map.entry(UnsupportedException.class, 422),
            Map.entry(ClusterUnreachableException.class, 502),
            // By the store, the cluster or an agent: the caller of the API can do nothing about it.
            Map.entry(UnauthorisedException.class, 502),
            Map.entry(NotAppliedException.class, 503),
            Map.entry(StoreUnreachableException.class, 503),
            Map.entry(RepositoryMissingException.class, 503),
            Map.entry(CapacityException.class, 507));

    private static final String CUT = "Cut";

    /** That a client may not, or asks for what is not there, is decided where it asks: here these come from elsewhere. */
    public static Problem of(HindsightException failure) {
        String name = failure.getClass().getSimpleName();
        Optional<TimeNotRestorableException> outside =
                failure instanceof TimeNotRestorableException time ? Optional.of(time) : Optional.empty();
        return new Problem(
                name.endsWith("Exception") ? name.substring(0, name.length() - "Exception".length()) : name,
                STATUS.getOrDefault(failure.getClass(), 500),
                String.valueOf(failure.getMessage()),
                failure.hint(),
                failure.retryable(),
                outside.flatMap(TimeNotRestorableException::nearestBefore),
                outside.flatMap(TimeNotRestorableException::nearestAfter));
    }

    /** Of what nobody foresaw. The message goes to the log, not to a client. */
    public static Problem unexpected(Throwable failure) {
        return new Problem(
                "Unexpected",
                500,
                "the service failed: " + failure.getClass().getSimpleName(),
                "see the service's log",
                false,
                Optional.empty(),
                Optional.empty());
    }

    /** Of a job whose process ended before it did. */
    public static Problem cut(String message, String hint) {
        return new Problem(CUT, 503, message, hint, true, Optional.empty(), Optional.empty());
    }

    /** With what can be restored instead. */
    public Problem nearest(Optional<Instant> nearestBefore, Optional<Instant> nearestAfter) {
        return new Problem(type, status, message, hint, retryable, nearestBefore, nearestAfter);
    }

    public ObjectNode toJson() {
        ObjectNode out = JsonNodeFactory.instance.objectNode();
        out.put("type", type);
        out.put("status", status);
        out.put("message", message);
        out.put("hint", hint);
        out.put("retryable", retryable);
        before.ifPresent(at -> out.put("nearestBefore", at.toString()));
        after.ifPresent(at -> out.put("nearestAfter", at.toString()));
        return out;
    }

    static Problem fromJson(JsonNode node) {
        return new Problem(
                node.path("type").asText(),
                node.path("status").asInt(500),
                node.path("message").asText(),
                node.path("hint").asText(),
                node.path("retryable").asBoolean(),
                instant(node, "nearestBefore"),
                instant(node, "nearestAfter"));
    }

    private static Optional<Instant> instant(JsonNode node, String field) {
        return Optional.ofNullable(node.get(field)).filter(JsonNode::isTextual).map(one -> Instant.parse(one.asText()));
    }
}
