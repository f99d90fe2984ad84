package dev.hindsight.model.failure;

import org.jspecify.annotations.Nullable;

/** The restore target exists with data, or is not what the plan says. */
public final class TargetUnsafeException extends HindsightException {
    private static final long serialVersionUID = 1L;

    public TargetUnsafeException(String message, String hint) {
        this(message, hint, null);
    }

    public TargetUnsafeException(String message, String hint, @Nullable Throwable cause) {
        super(message, hint, cause);
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.TARGET_UNSAFE;
    }
}
