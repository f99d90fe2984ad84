package dev.hindsight.model.failure;

import org.jspecify.annotations.Nullable;

/** Nothing was changed; the same call may be made again. */
public final class NotAppliedException extends HindsightException {
    private static final long serialVersionUID = 1L;

    public NotAppliedException(String message, String hint) {
        this(message, hint, null);
    }

    public NotAppliedException(String message, String hint, @Nullable Throwable cause) {
        super(message, hint, cause);
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.ERROR;
    }

    @Override
    public boolean retryable() {
        return true;
    }
}
