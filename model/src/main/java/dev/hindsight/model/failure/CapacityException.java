package dev.hindsight.model.failure;

import org.jspecify.annotations.Nullable;

/** A limit of space would be or was exceeded: scratch, node disk, quota. */
public final class CapacityException extends HindsightException {
    private static final long serialVersionUID = 1L;

    public CapacityException(String message, String hint) {
        this(message, hint, null);
    }

    public CapacityException(String message, String hint, @Nullable Throwable cause) {
        super(message, hint, cause);
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.NO_SPACE;
    }
}
