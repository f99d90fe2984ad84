package dev.hindsight.agent.capture;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Runs a {@link Capture}: one thread reads the log, one puts, one asks the node, one looks at its tables. */
public final class CaptureThreads implements AutoCloseable {
    private static final long ASK_MILLIS = 5000;
    private static final long WATCH_MILLIS = 200;
    private static final long MOST_PUT_MILLIS = 500;
    private static final long STOP_SECONDS = 30;

    private final Capture capture;
    private final ScheduledThreadPoolExecutor threads;

    private CaptureThreads(Capture capture) {
        this.capture = capture;
        AtomicInteger number = new AtomicInteger();
        this.threads = new ScheduledThreadPoolExecutor(4, work -> {
            Thread thread = new Thread(work, "capture-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    public static CaptureThreads start(Capture capture) {
        CaptureThreads out = new CaptureThreads(capture);
        long putMillis = Math.max(
                10, Math.min(MOST_PUT_MILLIS, capture.config().putInterval().toMillis() / 2));
        out.every(capture.config().pollInterval().toMillis(), "reading", capture::tick);
        out.every(putMillis, "putting", capture::upload);
        out.every(ASK_MILLIS, "asking", capture::ask);
        out.every(WATCH_MILLIS, "watching", capture::watch);
        return out;
    }

    private void every(long millis, String what, Runnable work) {
        var unused = threads.scheduleWithFixedDelay(
                new GuardedWork(what, work, capture::failing, System::nanoTime), 0, millis, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
        capture.close();
    }
}
