package dev.hindsight.operations.survey;

import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.OutcomeUnknownException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The same call to many agents at the same time. */
public final class Parallel {
    private static final int MOST_THREADS = 32;

    private Parallel() {}

    /** A value or the failure that came instead. */
    public static final class Outcome<T> {
        private final @Nullable T value;
        private final @Nullable HindsightException failure;

        private Outcome(@Nullable T value, @Nullable HindsightException failure) {
            this.value = value;
            this.failure = failure;
        }

        public Optional<HindsightException> failure() {
            return Optional.ofNullable(failure);
        }

        /** The value; throws the failure if there is none. */
        public T get() {
            if (failure != null) {
                throw failure;
            }
            if (value == null) {
                throw new IllegalStateException("a call returned null");
            }
            return value;
        }
    }

    /** In this thread. */
    public static <T> Outcome<T> attempt(Supplier<? extends T> call) {
        try {
            return new Outcome<>(call.get(), null);
        } catch (HindsightException e) {
            return new Outcome<>(null, e);
        }
    }

    /** Results in the order of {@code inputs}. Errors that are not {@link HindsightException}s are rethrown. */
    public static <A, T> List<Outcome<T>> forAll(List<A> inputs, Function<? super A, ? extends T> call) {
        if (inputs.isEmpty()) {
            return List.of();
        }
        ExecutorService pool = Executors.newFixedThreadPool(Math.min(MOST_THREADS, inputs.size()), task -> {
            Thread thread = new Thread(task, "hindsight-fan-out");
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<Future<T>> futures = new ArrayList<>();
            for (A input : inputs) {
                futures.add(pool.submit(() -> call.apply(input)));
            }
            List<Outcome<T>> out = new ArrayList<>();
            for (Future<T> future : futures) {
                out.add(await(future));
            }
            return out;
        } finally {
            pool.shutdownNow();
        }
    }

    private static <T> Outcome<T> await(Future<T> future) {
        try {
            return new Outcome<>(future.get(), null);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof HindsightException known) {
                return new Outcome<>(null, known);
            }
            if (e.getCause() instanceof RuntimeException unchecked) {
                throw unchecked;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Outcome<>(
                    null,
                    new OutcomeUnknownException("interrupted while waiting for an agent", "run the command again", e));
        }
    }
}
