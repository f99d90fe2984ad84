package dev.hindsight.model.failure;

import org.jspecify.annotations.Nullable;

/** Someone else holds what is needed; says who and since when. */
public final class BusyException extends HindsightException {
    private static final long serialVersionUID = 1L;

    public BusyException(String message, String hint) {
        this(message, hint, null);
    }

    public BusyException(String message, String hint, @Nullable Throwable cause) {
        super(message, hint, cause);
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.BUSY;
    }
}
