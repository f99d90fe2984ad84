package dev.hindsight.model.failure;

/** The instant that was asked for cannot be restored. Nothing was touched; the message says which ones nearby can. */
public final class TimeNotRestorableException extends HindsightException {
    private static final long serialVersionUID = 1L;

    public TimeNotRestorableException(String message, String hint) {
        super(message, hint, null);
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.TIME_NOT_RESTORABLE;
    }
}
