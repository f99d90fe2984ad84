package dev.hindsight.synthesis.journal;

import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.model.failure.HindsightException;

/** A journal record cannot be what its segment says: nothing of it was used, and nothing may be restored without it. */
public final class CorruptUpdateException extends HindsightException {
    private static final long serialVersionUID = 1L;

    private final long number;

    CorruptUpdateException(Update update, RuntimeException cause) {
        super(
                "journal " + update + " in " + update.coding.origin() + " cannot be decoded: " + cause.getMessage(),
                "restore to an instant before it, or from another copy of the repository",
                cause);
        this.number = update.number;
    }

    /** Of the record. */
    public long number() {
        return number;
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.VERIFICATION_FAILED;
    }
}
