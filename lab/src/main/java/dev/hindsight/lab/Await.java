package dev.hindsight.lab;

import dev.hindsight.model.failure.NotAppliedException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Waits until something is true, by asking again every 50 ms. */
public final class Await {
    private static final long PAUSE_MILLIS = 50;

    private Await() {}

    /**
     * @param condition false or an exception means "not yet"; the last exception becomes the cause of the failure
     * @param evidence read once when time is up, for the message (the end of a log, say)
     * @throws NotAppliedException when it does not become true in time
     */
    public static void until(String what, Duration timeout, Callable<Boolean> condition, Supplier<String> evidence) {
        long end = System.nanoTime() + timeout.toNanos();
        while (true) {
            Exception last = null;
            try {
                if (condition.call()) {
                    return;
                }
            } catch (GiveUpException e) {
                throw e.toFailure(evidence.get());
            } catch (Exception e) {
                last = e;
            }
            if (System.nanoTime() - end > 0) {
                throw new NotAppliedException(
                        "waited " + timeout.toSeconds() + " s in vain for: " + what + appended(evidence.get()),
                        "look at the log above; on a busy machine allow more time",
                        last);
            }
            pause();
        }
    }

    public static void until(String what, Duration timeout, Callable<Boolean> condition) {
        until(what, timeout, condition, () -> "");
    }

    private static String appended(String evidence) {
        return evidence.isEmpty() ? "" : "\n" + evidence;
    }

    private static void pause() {
        try {
            if (new CountDownLatch(1).await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("nobody counts this latch down");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NotAppliedException("interrupted while waiting", "run it again", e);
        }
    }

    /** Thrown by a condition that can never become true any more. */
    static final class GiveUpException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        GiveUpException(String message) {
            super(message);
        }

        NotAppliedException toFailure(@Nullable String evidence) {
            return new NotAppliedException(
                    getMessage() + appended(evidence == null ? "" : evidence), "look at the log above", this);
        }
    }
}
