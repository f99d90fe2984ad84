package dev.hindsight.oracle;

import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.synthesis.InputSSTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Fetches all inputs of a task: several origins at a time, the inputs of one origin one after the other, so that a
 * production node serves one stream per task. The first failure stops the rest.
 */
final class FetchedInputs implements AutoCloseable {
    private static final int ORIGINS_AT_A_TIME = 4;

    private final List<OpenInput> open;

    private FetchedInputs(List<OpenInput> open) {
        this.open = open;
    }

    /** Those inputs that have anything in their ranges, in the order given. */
    List<OpenInput> open() {
        return open;
    }

    static FetchedInputs fetch(List<InputSSTable> inputs, InputFetcher fetcher, FetchMeter meter) {
        Map<String, List<Integer>> byOrigin = new LinkedHashMap<>();
        for (int i = 0; i < inputs.size(); i++) {
            if (!inputs.get(i).ranges().isEmpty()) {
                byOrigin.computeIfAbsent(inputs.get(i).origin(), origin -> new ArrayList<>())
                        .add(i);
            }
        }
        @Nullable OpenInput[] fetched = new OpenInput[inputs.size()];
        List<Future<?>> running = new ArrayList<>();
        ExecutorService pool =
                Executors.newFixedThreadPool(Math.max(1, Math.min(ORIGINS_AT_A_TIME, byOrigin.size())), task -> {
                    Thread thread = new Thread(task, "fetch");
                    thread.setDaemon(true);
                    return thread;
                });
        Throwable failure = null;
        try {
            for (List<Integer> ofOrigin : byOrigin.values()) {
                running.add(pool.submit(() -> fetchAll(ofOrigin, inputs, fetched, fetcher, meter)));
            }
            failure = await(running, meter);
        } finally {
            pool.shutdown();
        }
        List<OpenInput> open = new ArrayList<>();
        for (OpenInput one : fetched) {
            if (one != null) {
                open.add(one);
            }
        }
        FetchedInputs result = new FetchedInputs(open);
        if (failure == null) {
            return result;
        }
        result.close();
        if (failure instanceof Error error) {
            throw error;
        }
        throw failure instanceof RuntimeException told ? told : new IllegalStateException("fetching failed", failure);
    }

    private static void fetchAll(
            List<Integer> which,
            List<InputSSTable> inputs,
            @Nullable OpenInput[] into,
            InputFetcher fetcher,
            FetchMeter meter) {
        long cpu = FetchMeter.threadCpuNanos();
        try {
            for (int i : which) {
                if (meter.isStopped()) {
                    return;
                }
                try {
                    into[i] = fetcher.fetch(inputs.get(i));
                } catch (RuntimeException | Error e) {
                    throw Damage.wrap(inputs.get(i), "fetching", e);
                }
            }
        } catch (RuntimeException | Error e) {
            // Before anybody else can fail because of it: the first failure is the one that is told.
            meter.fail(e);
            throw e;
        } finally {
            meter.addCpuNanos(FetchMeter.threadCpuNanos() - cpu);
        }
    }

    /** Waits for every task, also when one failed or this thread is interrupted: they write to files that get deleted. */
    private static @Nullable Throwable await(List<Future<?>> running, FetchMeter meter) {
        Throwable failure = null;
        boolean interrupted = false;
        for (int i = 0; i < running.size(); ) {
            try {
                running.get(i).get();
                i++;
            } catch (ExecutionException e) {
                failure = meter.failure() == null ? e.getCause() : meter.failure();
                i++;
            } catch (InterruptedException e) {
                interrupted = true;
                meter.fail(e);
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
            return new NotAppliedException("fetching was interrupted", "run the same command again");
        }
        return failure;
    }

    @Override
    public void close() {
        open.forEach(OpenInput::close);
    }
}
