package dev.hindsight.model.failure;

import org.jspecify.annotations.Nullable;

/** A token is missing, wrong, or lacks the scope. */
public final class UnauthorisedException extends HindsightException {
    private static final long serialVersionUID = 1L;

    public UnauthorisedException(String message, String hint) {
        this(message, hint, null);
    }

    public UnauthorisedException(String message, String hint, @Nullable Throwable cause) {
        super(message, hint, cause);
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.UNAUTHORISED;
    }
}
