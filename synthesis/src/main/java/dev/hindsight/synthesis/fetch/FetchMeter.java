package dev.hindsight.synthesis.fetch;

import dev.hindsight.codec.sstable.Components;
import dev.hindsight.synthesis.SynthesisProgress;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Counts what one task fetches, over all its threads, and tells them to stop when one of them failed. */
public final class FetchMeter {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final SynthesisProgress progress;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong dataBytes = new AtomicLong();
    private final AtomicLong cpuNanos = new AtomicLong();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    public FetchMeter(SynthesisProgress progress) {
        this.progress = progress;
    }

    public static long threadCpuNanos() {
        return THREADS.isCurrentThreadCpuTimeSupported() ? THREADS.getCurrentThreadCpuTime() : 0;
    }

    public void fetched(String component, long count) {
        bytes.addAndGet(count);
        if (component.equals(Components.DATA)) {
            dataBytes.addAndGet(count);
        }
        progress.fetched(count);
    }

    public void addCpuNanos(long nanos) {
        cpuNanos.addAndGet(nanos);
    }

    /** The first failure counts, and stops the others. */
    public void fail(Throwable cause) {
        failure.compareAndSet(null, cause);
    }

    @Nullable
    Throwable failure() {
        return failure.get();
    }

    public boolean isStopped() {
        return failure.get() != null;
    }

    public long bytes() {
        return bytes.get();
    }

    public long dataBytes() {
        return dataBytes.get();
    }

    public long cpuNanos() {
        return cpuNanos.get();
    }
}
