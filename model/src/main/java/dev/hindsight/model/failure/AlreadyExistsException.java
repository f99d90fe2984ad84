package dev.hindsight.model.failure;

import org.jspecify.annotations.Nullable;

/** A create-only object exists already, with other content. */
public final class AlreadyExistsException extends HindsightException {
    private static final long serialVersionUID = 1L;

    public AlreadyExistsException(String message, String hint) {
        this(message, hint, null);
    }

    public AlreadyExistsException(String message, String hint, @Nullable Throwable cause) {
        super(message, hint, cause);
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.ERROR;
    }
}
