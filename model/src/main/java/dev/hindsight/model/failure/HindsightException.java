package dev.hindsight.model.failure;

import org.jspecify.annotations.Nullable;

/**
 * The root of all errors that a user may see. The concrete type states the outcome, because the next step depends on
 * it. The message says what failed, on which object, actual against expected; {@link #hint()} says what to do.
 */
public abstract class HindsightException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String hint;

    protected HindsightException(String message, String hint, @Nullable Throwable cause) {
        super(message, cause);
        this.hint = hint;
    }

    /** An action, without the word "hint"; never empty. */
    public String hint() {
        return hint;
    }

    public abstract ExitCode exitCode();

    /** Whether doing the same again may succeed without anybody changing anything. Kept when wrapping. */
    public boolean retryable() {
        return false;
    }
}
