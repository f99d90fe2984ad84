package dev.hindsight.cli;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a verb clean up when the process is told to end (SIGINT, SIGTERM). The shutdown hook closes what the verb has
 * registered (an operation ends its workers and clears its snapshots when it is closed), then interrupts the verb's
 * thread and waits a little for it to say so. The exit status is then the JVM's own, 130 or 143.
 *
 * <p>Thread-safe: verbs register on their thread, the hook closes on its own.
 */
public final class Interrupts {
    private static final Logger LOG = LoggerFactory.getLogger(Interrupts.class);
    private static final long LAST_WORDS_SECONDS = 5;

    private final CountDownLatch finished = new CountDownLatch(1);
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private volatile boolean ending;

    private Interrupts() {}

    /** Nothing ever interrupts; for tests and for verbs within verbs. */
    public static Interrupts none() {
        return new Interrupts();
    }

    /** From now on until {@link #finished()}, an end of the process is heeded. */
    static Interrupts watch(Thread worker) {
        Interrupts interrupts = new Interrupts();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> interrupts.end(worker), "interrupt"));
        return interrupts;
    }

    /**
     * To be closed should the process be told to end before {@link #release}; at once when it was told so before. Returns it.
     */
    public <T extends AutoCloseable> T guard(T resource) {
        synchronized (open) {
            if (!ending) {
                open.push(resource);
                return resource;
            }
        }
        close(resource);
        return resource;
    }

    public void release(AutoCloseable resource) {
        synchronized (open) {
            open.remove(resource);
        }
    }

    /** Whether the process is ending, so that whatever fails now fails because of that. */
    public boolean ending() {
        return ending;
    }

    void finished() {
        finished.countDown();
    }

    /** What the shutdown hook does. */
    void end(Thread worker) {
        if (finished.getCount() == 0) {
            return;
        }
        ending = true;
        closeAll();
        worker.interrupt();
        try {
            if (!finished.await(LAST_WORDS_SECONDS, TimeUnit.SECONDS)) {
                LOG.debug("the verb did not end in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Closes all that is registered, as the end of the process does: for a service, which ends its own work first. */
    public void endWork() {
        ending = true;
        closeAll();
    }

    private void closeAll() {
        for (Optional<AutoCloseable> at = pop(); at.isPresent(); at = pop()) {
            close(at.get());
        }
    }

    private static void close(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            LOG.warn("clean-up failed what={}", resource.getClass().getSimpleName(), e);
        }
    }

    private Optional<AutoCloseable> pop() {
        synchronized (open) {
            return Optional.ofNullable(open.poll());
        }
    }
}
