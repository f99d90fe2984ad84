package dev.hindsight.bench.process;

/**
 * What one process used.
 *
 * @param cpuSeconds user and system, of all its threads; up to one sampling interval at its end is missing
 * @param peakRssBytes the most resident memory it ever had (VmHWM), mapped files included
 */
public record ProcessUse(long pid, double cpuSeconds, long peakRssBytes) {}
