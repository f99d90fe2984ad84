package dev.hindsight.agent.stream;

import dev.hindsight.model.failure.NotAppliedException;
import java.util.concurrent.locks.LockSupport;

/**
 * A token bucket over all streams together: each taker is told how long to wait until its bytes are paid for, in the
 * order of asking. At most a tenth of a second's worth can be saved up. Safe for several threads.
 */
public final class Throttle {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long SAVED_NANOS = NANOS_PER_SECOND / 10;
    private static final int LARGEST_PIECE = 256 * 1024;
    private static final int SMALLEST_PIECE = 16 * 1024;

    /** Time and waiting, replaced in tests. */
    public interface Waiting {
        long nanos();

        void pause(long nanos) throws InterruptedException;

        static Waiting real() {
            return new Waiting() {
                @Override
                public long nanos() {
                    return System.nanoTime();
                }

                @Override
                public void pause(long nanos) throws InterruptedException {
                    long end = System.nanoTime() + nanos;
                    for (long left = nanos; left > 0; left = end - System.nanoTime()) {
                        LockSupport.parkNanos(left);
                        if (Thread.interrupted()) {
                            throw new InterruptedException();
                        }
                    }
                }
            };
        }
    }

    private final long bytesPerSecond;
    private final Waiting waiting;
    /** Until when what was handed out is paid for. */
    private long paidUntil;

    public Throttle(long bytesPerSecond, Waiting waiting) {
        this.bytesPerSecond = bytesPerSecond;
        this.waiting = waiting;
        this.paidUntil = waiting.nanos() - SAVED_NANOS;
    }

    /** How much to move between two calls of {@link #take}, so that slow limits still flow evenly; a multiple of 16 KiB. */
    public int pieceBytes() {
        if (bytesPerSecond == 0) {
            return LARGEST_PIECE;
        }
        long quarterSecond = bytesPerSecond / 4;
        long rounded = quarterSecond / SMALLEST_PIECE * SMALLEST_PIECE;
        return (int) Math.max(SMALLEST_PIECE, Math.min(LARGEST_PIECE, rounded));
    }

    /** Returns when {@code bytes} may be moved. */
    public void take(long bytes) {
        if (bytesPerSecond == 0 || bytes == 0) {
            return;
        }
        long wait = reserve(bytes);
        if (wait > 0) {
            try {
                waiting.pause(wait);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new NotAppliedException("interrupted while waiting for the rate limit", "start again", e);
            }
        }
    }

    private synchronized long reserve(long bytes) {
        long now = waiting.nanos();
        if (paidUntil - now < -SAVED_NANOS) {
            paidUntil = now - SAVED_NANOS;
        }
        paidUntil += (long) ((double) bytes / bytesPerSecond * NANOS_PER_SECOND);
        return paidUntil - now;
    }
}
