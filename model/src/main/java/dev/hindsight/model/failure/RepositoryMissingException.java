package dev.hindsight.model.failure;

import org.jspecify.annotations.Nullable;

/** There is no repository at the configured place. */
public final class RepositoryMissingException extends HindsightException {
    private static final long serialVersionUID = 1L;

    public RepositoryMissingException(String message, String hint) {
        this(message, hint, null);
    }

    public RepositoryMissingException(String message, String hint, @Nullable Throwable cause) {
        super(message, hint, cause);
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.REPOSITORY_MISSING;
    }
}
