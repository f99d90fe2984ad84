package dev.hindsight.model.failure;

import org.jspecify.annotations.Nullable;

/** What the caller relied on does not hold; nothing was changed. */
public final class PreconditionFailedException extends HindsightException {
    private static final long serialVersionUID = 1L;

    public PreconditionFailedException(String message, String hint) {
        this(message, hint, null);
    }

    public PreconditionFailedException(String message, String hint, @Nullable Throwable cause) {
        super(message, hint, cause);
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.ERROR;
    }
}
