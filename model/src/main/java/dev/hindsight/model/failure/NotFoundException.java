package dev.hindsight.model.failure;

import org.jspecify.annotations.Nullable;

/** A named thing (backup, table, object, agent) does not exist. */
public final class NotFoundException extends HindsightException {
    private static final long serialVersionUID = 1L;

    public NotFoundException(String message, String hint) {
        this(message, hint, null);
    }

    public NotFoundException(String message, String hint, @Nullable Throwable cause) {
        super(message, hint, cause);
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.ERROR;
    }
}
