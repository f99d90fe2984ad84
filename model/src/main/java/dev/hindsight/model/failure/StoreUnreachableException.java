package dev.hindsight.model.failure;

import org.jspecify.annotations.Nullable;

/** The object store cannot be read or written. */
public final class StoreUnreachableException extends HindsightException {
    private static final long serialVersionUID = 1L;

    public StoreUnreachableException(String message, String hint) {
        this(message, hint, null);
    }

    public StoreUnreachableException(String message, String hint, @Nullable Throwable cause) {
        super(message, hint, cause);
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.STORE_UNREACHABLE;
    }

    @Override
    public boolean retryable() {
        return true;
    }
}
