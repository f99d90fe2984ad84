package dev.hindsight.server.api;

import dev.hindsight.server.job.Problem;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Lets histories be told one at a time, up to the bytes of their answer, and few of these be under way to their clients: both
 * take memory, whoever asks. Who cannot be told soon is sent away at once, so that waiting takes few threads. Thread-safe.
 */
final class HistoryGate {
    private static final int WAITING = 2;
    private static final int SENDING = 4;

    private final Duration patience;
    private final Semaphore telling = new Semaphore(1);
    private final Semaphore queue = new Semaphore(1 + WAITING);
    private final Semaphore sending = new Semaphore(SENDING);

    /** @param patience how long one waits for the one before it */
    HistoryGate(Duration patience) {
        this.patience = patience;
    }

    /** @param history tells one, in bytes */
    Answer tell(Supplier<Answer> history) {
        if (!sending.tryAcquire()) {
            return busy("the clients of other histories have not read them yet");
        }
        Optional<Answer> answer = Optional.empty();
        try {
            answer = inTurn(history);
        } finally {
            if (answer.isEmpty()) {
                sending.release();
            }
        }
        return answer.map(told -> told.with(sending::release)).orElseGet(() -> busy("another history is being told"));
    }

    /** Empty when others take too long. */
    private Optional<Answer> inTurn(Supplier<Answer> history) {
        if (!queue.tryAcquire()) {
            return Optional.empty();
        }
        try {
            if (!telling.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                return Optional.empty();
            }
            try {
                return Optional.of(history.get());
            } finally {
                telling.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } finally {
            queue.release();
        }
    }

    private static Answer busy(String message) {
        return Answer.problem(new Problem(
                        "Busy", 409, message, "ask again in a few seconds", true, Optional.empty(), Optional.empty()))
                .with("Retry-After", "2");
    }
}
