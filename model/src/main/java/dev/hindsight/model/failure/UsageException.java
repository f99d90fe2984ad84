package dev.hindsight.model.failure;

import org.jspecify.annotations.Nullable;

/** The command line or the configuration is wrong. */
public final class UsageException extends HindsightException {
    private static final long serialVersionUID = 1L;

    public UsageException(String message, String hint) {
        this(message, hint, null);
    }

    public UsageException(String message, String hint, @Nullable Throwable cause) {
        super(message, hint, cause);
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.USAGE;
    }
}
