package dev.hindsight.model.failure;

import org.jspecify.annotations.Nullable;

/** The ring or schema changed between plan and act. */
public final class PlanStaleException extends HindsightException {
    private static final long serialVersionUID = 1L;

    public PlanStaleException(String message, String hint) {
        this(message, hint, null);
    }

    public PlanStaleException(String message, String hint, @Nullable Throwable cause) {
        super(message, hint, cause);
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.PLAN_STALE;
    }

    @Override
    public boolean retryable() {
        return true;
    }
}
