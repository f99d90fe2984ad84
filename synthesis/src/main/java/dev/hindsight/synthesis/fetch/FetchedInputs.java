package dev.hindsight.synthesis.fetch;

import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.synthesis.CorruptInputException;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
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
public final class FetchedInputs implements AutoCloseable {
    private static final int ORIGINS_AT_A_TIME = 4;

    /** What the windows of all inputs together may hold: 32 MiB, and half of that again for what is still compressed. */
    private static final int WINDOWS_BYTES = 32 << 20;

    /** More does not read faster (measured), and leaves the processor's caches sooner. */
    private static final int MAX_WINDOW_BYTES = 64 << 10;

    private static final int MIN_WINDOW_BYTES = 64 << 10;

    private final List<FetchedInput> open;
    private final FetchMeter meter;

    private FetchedInputs(List<FetchedInput> open, FetchMeter meter) {
        this.open = open;
        this.meter = meter;
    }

    /** Those inputs that have anything in their ranges, in the order given. */
    public List<FetchedInput> inputs() {
        return open;
    }

    /** What was counted on the way. */
    public FetchMeter meter() {
        return meter;
    }

    /** A size for each input's window, so that memory does not grow with their number. */
    public int windowBytes() {
        return Math.max(MIN_WINDOW_BYTES, Math.min(MAX_WINDOW_BYTES, WINDOWS_BYTES / Math.max(1, open.size())));
    }

    /** What exactly the wanted ranges take of the inputs' Data.db files as they are stored. */
    public long dataBytesOwned() {
        return Math.round(open.stream().mapToDouble(FetchedInput::storedBytes).sum());
    }

    /** As {@link #fetch(List, Scratch, SynthesisProgress, LocalInputs)}; local inputs are read in place. */
    public static FetchedInputs fetch(List<InputSSTable> inputs, Scratch scratch, SynthesisProgress progress) {
        return fetch(inputs, scratch, progress, LocalInputs.READ_IN_PLACE);
    }

    /**
     * Returns when all is here, or nothing is.
     *
     * @throws CorruptInputException an input is damaged; names it
     * @throws dev.hindsight.model.failure.UnsupportedException an input is refused by name
     * @throws dev.hindsight.model.failure.CapacityException scratch is exceeded
     */
    public static FetchedInputs fetch(
            List<InputSSTable> inputs, Scratch scratch, SynthesisProgress progress, LocalInputs local) {
        FetchMeter meter = new FetchMeter(progress);
        return fetch(inputs, new InputFetcher(scratch, meter, local), meter);
    }

    private static FetchedInputs fetch(List<InputSSTable> inputs, InputFetcher fetcher, FetchMeter meter) {
        Map<String, List<Integer>> byOrigin = new LinkedHashMap<>();
        for (int i = 0; i < inputs.size(); i++) {
            if (!inputs.get(i).ranges().isEmpty()) {
                byOrigin.computeIfAbsent(inputs.get(i).origin(), origin -> new ArrayList<>())
                        .add(i);
            }
        }
        @Nullable FetchedInput[] fetched = new FetchedInput[inputs.size()];
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
        List<FetchedInput> open = new ArrayList<>();
        for (FetchedInput one : fetched) {
            if (one != null) {
                open.add(one);
            }
        }
        FetchedInputs result = new FetchedInputs(List.copyOf(open), meter);
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
            @Nullable FetchedInput[] into,
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
                } catch (HindsightException e) {
                    throw e;
                } catch (RuntimeException e) {
                    // No byte should do this; if one does, it is known whose.
                    throw new CorruptInputException(
                            inputs.get(i).origin(), inputs.get(i).descriptor(), "fetching: " + e, e);
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

    /** Gives scratch back. */
    @Override
    public void close() {
        open.forEach(FetchedInput::close);
    }
}
