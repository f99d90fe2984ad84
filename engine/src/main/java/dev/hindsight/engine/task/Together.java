package dev.hindsight.engine.task;

import dev.hindsight.model.failure.NotAppliedException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** A few things at once, all of which must succeed. */
final class Together {
    private Together() {}

    /** Waits for all, then throws the first failure with the others attached. */
    static void run(String name, List<Callable<Void>> jobs) {
        ExecutorService threads = Executors.newFixedThreadPool(Math.max(1, jobs.size()), job -> {
            Thread thread = new Thread(job, name);
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<Future<Void>> futures = new ArrayList<>();
            for (Callable<Void> job : jobs) {
                futures.add(threads.submit(job));
            }
            RuntimeException first = null;
            for (Future<Void> future : futures) {
                RuntimeException failure = failureOf(name, future);
                if (first == null) {
                    first = failure;
                } else if (failure != null) {
                    first.addSuppressed(failure);
                }
            }
            if (first != null) {
                throw first;
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static @Nullable RuntimeException failureOf(String name, Future<Void> future) {
        try {
            future.get();
            return null;
        } catch (ExecutionException e) {
            return e.getCause() instanceof RuntimeException known
                    ? known
                    : new IllegalStateException(name + " failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new NotAppliedException(name + " was interrupted", "run the same command again", e);
        }
    }
}
