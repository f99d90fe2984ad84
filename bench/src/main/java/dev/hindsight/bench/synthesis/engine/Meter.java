package dev.hindsight.bench.synthesis.engine;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;

/** CPU and allocation of the calling thread, and CPU of the whole process, from its making on. */
final class Meter {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private final long allocated = allocatedByThread();
    private final long process = SYSTEM.getProcessCpuTime();
    private final long wall = System.nanoTime();
    private final long cpu = threadCpuNanos();

    static long threadCpuNanos() {
        return THREADS.getCurrentThreadCpuTime();
    }

    private static long allocatedByThread() {
        return THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
    }

    /** What has been used since. */
    Map<String, Long> figures() {
        Map<String, Long> out = new LinkedHashMap<>();
        out.put(Figures.CPU, threadCpuNanos() - cpu);
        out.put(Figures.WALL, System.nanoTime() - wall);
        out.put(Figures.PROCESS_CPU, SYSTEM.getProcessCpuTime() - process);
        out.put(Figures.ALLOCATED, allocatedByThread() - allocated);
        return out;
    }
}
