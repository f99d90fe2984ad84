package dev.hindsight.model.failure;

import org.jspecify.annotations.Nullable;

/** A node or an agent does not answer. */
public final class ClusterUnreachableException extends HindsightException {
    private static final long serialVersionUID = 1L;

    public ClusterUnreachableException(String message, String hint) {
        this(message, hint, null);
    }

    public ClusterUnreachableException(String message, String hint, @Nullable Throwable cause) {
        super(message, hint, cause);
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.CLUSTER_UNREACHABLE;
    }

    @Override
    public boolean retryable() {
        return true;
    }
}
