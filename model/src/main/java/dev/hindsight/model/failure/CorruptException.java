package dev.hindsight.model.failure;

import org.jspecify.annotations.Nullable;

/** Bytes are not what their digest, checksum or format says; names file, offset and what it hurts. */
public final class CorruptException extends HindsightException {
    private static final long serialVersionUID = 1L;

    public CorruptException(String message, String hint) {
        this(message, hint, null);
    }

    public CorruptException(String message, String hint, @Nullable Throwable cause) {
        super(message, hint, cause);
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.VERIFICATION_FAILED;
    }
}
