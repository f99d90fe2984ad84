package dev.hindsight.synthesis;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.model.failure.HindsightException;
import org.jspecify.annotations.Nullable;

/** An input SSTable has wrong bytes. Says which, so that a shard task can go on with the other replicas. */
public final class CorruptInputException extends HindsightException {
    private static final long serialVersionUID = 1L;

    private final String origin;
    private final String descriptor;

    /** @param where component, offset and token range, with actual against expected */
    public CorruptInputException(String origin, String descriptor, String where, @Nullable Throwable cause) {
        super(
                "SSTable " + descriptor + " of " + origin + " is corrupt: " + where,
                "run 'nodetool verify' and 'nodetool scrub' on that node, or 'hindsight verify' for a stored one",
                cause);
        this.origin = origin;
        this.descriptor = descriptor;
    }

    /** @param where component, offset and token range, with actual against expected */
    public static CorruptInputException of(InputSSTable input, String where) {
        return new CorruptInputException(input.origin(), input.descriptor(), where, null);
    }

    /** What a decoder found wrong with an input's bytes. */
    public static CorruptInputException of(InputSSTable input, MalformedException found) {
        return new CorruptInputException(input.origin(), input.descriptor(), String.valueOf(found.getMessage()), found);
    }

    public String origin() {
        return origin;
    }

    public String descriptor() {
        return descriptor;
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.VERIFICATION_FAILED;
    }
}
