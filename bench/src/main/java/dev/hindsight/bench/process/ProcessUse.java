package dev.hindsight.bench.process;

import java.util.Map;

/**
 * What one process used.
 *
 * @param cpuSeconds user and system, of all its threads; up to one sampling interval at its end is missing
 * @param peakRssBytes the most resident memory it ever had (VmHWM), mapped files included
 * @param threadCpuSeconds by the names of the threads, numbers at their ends taken off; as far as it was sampled
 */
public record ProcessUse(long pid, double cpuSeconds, long peakRssBytes, Map<String, Double> threadCpuSeconds) {
    public ProcessUse {
        threadCpuSeconds = Map.copyOf(threadCpuSeconds);
    }

    /** Of the threads whose name begins so. */
    public double threads(String prefix) {
        return threadCpuSeconds.entrySet().stream()
                .filter(one -> one.getKey().startsWith(prefix))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }
}
