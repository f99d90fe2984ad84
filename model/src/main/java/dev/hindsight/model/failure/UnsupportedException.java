package dev.hindsight.model.failure;

import org.jspecify.annotations.Nullable;

/** A feature that is refused by name: partitioner, replication class, SSTable version, table option. */
public final class UnsupportedException extends HindsightException {
    private static final long serialVersionUID = 1L;

    public UnsupportedException(String message, String hint) {
        this(message, hint, null);
    }

    public UnsupportedException(String message, String hint, @Nullable Throwable cause) {
        super(message, hint, cause);
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.INCOMPATIBLE;
    }
}
