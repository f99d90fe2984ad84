package dev.hindsight.agent.api;

import dev.hindsight.model.failure.AlreadyExistsException;
import dev.hindsight.model.failure.BusyException;
import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.OutcomeUnknownException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.failure.UnauthorisedException;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.failure.UsageException;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * The body of every answer that is not a success. The type travels, because it states the outcome.
 *
 * @param type the exception's simple name without {@code Exception}
 */
public record ErrorDocument(String type, String message, String hint) {
    private static final Map<String, BiFunction<String, String, HindsightException>> TYPES = Map.ofEntries(
            Map.entry("AlreadyExists", AlreadyExistsException::new),
            Map.entry("Busy", BusyException::new),
            Map.entry("Capacity", CapacityException::new),
            Map.entry("ClusterUnreachable", ClusterUnreachableException::new),
            Map.entry("Corrupt", CorruptException::new),
            Map.entry("NotApplied", NotAppliedException::new),
            Map.entry("NotFound", NotFoundException::new),
            Map.entry("OutcomeUnknown", OutcomeUnknownException::new),
            Map.entry("PreconditionFailed", PreconditionFailedException::new),
            Map.entry("Unauthorised", UnauthorisedException::new),
            Map.entry("Unsupported", UnsupportedException::new),
            Map.entry("Usage", UsageException::new));

    public static ErrorDocument of(HindsightException failure) {
        String message = failure.getMessage();
        return new ErrorDocument(typeOf(failure), message == null ? "" : message, failure.hint());
    }

    /** The failure as the agent meant it; a type that this client does not know says so. */
    public HindsightException toException(String agent) {
        BiFunction<String, String, HindsightException> make = TYPES.get(type);
        String text = "agent " + agent + ": " + message;
        if (make == null) {
            return new UnsupportedException(text + " (failure type '" + type + "')", hint);
        }
        return make.apply(text, hint);
    }

    private static String typeOf(HindsightException failure) {
        String name = failure.getClass().getSimpleName();
        return name.endsWith("Exception") ? name.substring(0, name.length() - "Exception".length()) : name;
    }
}
