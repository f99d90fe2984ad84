package dev.hindsight.model.failure;

import org.jspecify.annotations.Nullable;

/**
 * The run stood still for so long that another one took its place, or was declared dead; whatever it would have
 * published from then on does not count, and nothing was published. Says by whom and since when.
 */
public final class ReplacedException extends HindsightException {
    private static final long serialVersionUID = 1L;

    public ReplacedException(String message, String hint) {
        this(message, hint, null);
    }

    public ReplacedException(String message, String hint, @Nullable Throwable cause) {
        super(message, hint, cause);
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.BUSY;
    }
}
