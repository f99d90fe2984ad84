package dev.hindsight.model.failure;

import org.jspecify.annotations.Nullable;

/** Written by a newer Hindsight or Cassandra than this one can read. */
public final class FormatTooNewException extends HindsightException {
    private static final long serialVersionUID = 1L;

    public FormatTooNewException(String message, String hint) {
        this(message, hint, null);
    }

    public FormatTooNewException(String message, String hint, @Nullable Throwable cause) {
        super(message, hint, cause);
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.INCOMPATIBLE;
    }
}
