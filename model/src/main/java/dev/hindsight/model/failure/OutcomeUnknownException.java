package dev.hindsight.model.failure;

import org.jspecify.annotations.Nullable;

/** Nobody knows whether the change was made: delete nothing, look first. */
public final class OutcomeUnknownException extends HindsightException {
    private static final long serialVersionUID = 1L;

    public OutcomeUnknownException(String message, String hint) {
        this(message, hint, null);
    }

    public OutcomeUnknownException(String message, String hint, @Nullable Throwable cause) {
        super(message, hint, cause);
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.ERROR;
    }
}
