package dev.hindsight.model.failure;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The instant that was asked for cannot be restored. Nothing was touched; the message says which ones nearby can. */
public final class TimeNotRestorableException extends HindsightException {
    private static final long serialVersionUID = 1L;

    private final @Nullable Instant before;
    private final @Nullable Instant after;

    public TimeNotRestorableException(String message, String hint) {
        this(message, hint, Optional.empty(), Optional.empty());
    }

    /**
     * @param before the nearest instant before the wanted one that can be restored
     * @param after the nearest one after it
     */
    public TimeNotRestorableException(String message, String hint, Optional<Instant> before, Optional<Instant> after) {
        super(message, hint, null);
        this.before = before.orElse(null);
        this.after = after.orElse(null);
    }

    /** The nearest instant before the wanted one that can be restored, where that is known. */
    public Optional<Instant> nearestBefore() {
        return Optional.ofNullable(before);
    }

    /** The nearest one after it. */
    public Optional<Instant> nearestAfter() {
        return Optional.ofNullable(after);
    }

    @Override
    public ExitCode exitCode() {
        return ExitCode.TIME_NOT_RESTORABLE;
    }
}
