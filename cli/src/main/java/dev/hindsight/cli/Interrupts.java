package dev.hindsight.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets a verb clean up when the process is told to end (SIGINT, SIGTERM): the shutdown hook interrupts the verb's thread
 * and waits until it is through, up to a bound. The exit status is then the JVM's own, 130 or 143.
 */
final class Interrupts {
    /** Clearing snapshots on every node takes seconds; a supervisor kills after 90 s by default. */
    private static final long PATIENCE_SECONDS = 60;

    private final CountDownLatch finished = new CountDownLatch(1);

    /** From now on until {@link #finished()}, an end of the process interrupts {@code worker} first. */
    static Interrupts watch(Thread worker) {
        Interrupts interrupts = new Interrupts();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> interrupts.end(worker), "interrupt"));
        return interrupts;
    }

    void finished() {
        finished.countDown();
    }

    private void end(Thread worker) {
        if (finished.getCount() == 0) {
            return;
        }
        worker.interrupt();
        try {
            boolean done = finished.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (!done) {
                Runtime.getRuntime().halt(Failures.INTERRUPTED);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
