package dev.hindsight.model.failure;

import org.jspecify.annotations.Nullable;

/** Policy forbids a partial backup, and some token range has no readable replica. */
public final class CoverageException extends HindsightException {
    private static final long serialVersionUID = 1L;

    public CoverageException(String message, String hint) {
        this(message, hint, null);
    }

    public CoverageException(String message, String hint, @Nullable Throwable cause) {
        super(message, hint, cause);
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.PARTIAL;
    }
}
