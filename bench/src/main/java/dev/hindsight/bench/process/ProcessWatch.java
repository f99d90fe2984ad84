package dev.hindsight.bench.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Looks at a process and at the workers that it starts, ten times a second until {@link #close}, and remembers the last
 * it saw of each. Its own thread samples; the others ask after closing.
 */
public final class ProcessWatch implements AutoCloseable {
    private static final long EVERY_MILLIS = 100;
    private static final long STOP_SECONDS = 10;

    private final long pid;
    private final Map<Long, ProcessUse> workers = new LinkedHashMap<>();
    private final Map<Long, ThreadTimes> threads = new HashMap<>();
    private final ScheduledExecutorService sampler;
    private ProcessUse own;

    public ProcessWatch(long pid) {
        this.pid = pid;
        this.own = new ProcessUse(pid, 0, 0, Map.of());
        this.sampler = Executors.newSingleThreadScheduledExecutor(job -> {
            Thread thread = new Thread(job, "process-watch");
            thread.setDaemon(true);
            return thread;
        });
        sample();
        sampler.scheduleWithFixedDelay(this::sample, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    private synchronized void sample() {
        own = look(pid, own);
        ProcessHandle.of(pid).stream()
                .flatMap(ProcessHandle::children)
                .map(ProcessHandle::pid)
                .filter(child -> workers.containsKey(child) || isWorker(child))
                .forEach(child -> workers.put(
                        child, look(child, workers.getOrDefault(child, new ProcessUse(child, 0, 0, Map.of())))));
    }

    /** A process that has just ended still has a name but nothing to tell: the last figures stay. */
    private ProcessUse look(long pid, ProcessUse before) {
        ThreadTimes times = threads.computeIfAbsent(pid, key -> new ThreadTimes());
        times.look(pid);
        double cpu = ProcessHandle.of(pid)
                .flatMap(handle -> handle.info().totalCpuDuration())
                .map(ProcessWatch::seconds)
                .orElse(0.0);
        return new ProcessUse(
                pid,
                Math.max(cpu, before.cpuSeconds()),
                Math.max(peakRss(pid).orElse(0), before.peakRssBytes()),
                times.byName());
    }

    public static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }

    private static OptionalLong peakRss(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("[^0-9]", "")))
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    private static boolean isWorker(long pid) {
        try {
            byte[] line = Files.readAllBytes(Path.of("/proc", Long.toString(pid), "cmdline"));
            return List.of(new String(line, StandardCharsets.UTF_8).split("\0")).contains("worker");
        } catch (IOException e) {
            return false;
        }
    }

    public synchronized ProcessUse process() {
        return own;
    }

    /** In the order of their start. */
    public synchronized List<ProcessUse> workers() {
        return List.copyOf(workers.values());
    }

    @Override
    public void close() {
        sampler.shutdown();
        try {
            if (!sampler.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
                sampler.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
