package dev.hindsight.bench.synthesis;

import dev.hindsight.bench.synthesis.engine.Figures;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The measured repeats of one engine at one data set. At least one, when asked. One thread. */
final class Passes {
    private static final double NANOS = 1e9;

    private final List<Map<String, Long>> all = new ArrayList<>();

    void add(Map<String, Long> figures) {
        all.add(figures);
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    /** The one with the least CPU. */
    private Map<String, Long> best() {
        return sorted().get(0);
    }

    private List<Map<String, Long>> sorted() {
        return all.stream()
                .sorted((left, right) -> Long.compare(cpu(left), cpu(right)))
                .toList();
    }

    private static long cpu(Map<String, Long> figures) {
        return figures.getOrDefault(Figures.CPU, 0L);
    }

    double cpuSeconds() {
        return cpu(best()) / NANOS;
    }

    double medianCpuSeconds() {
        List<Map<String, Long>> sorted = sorted();
        int middle = sorted.size() / 2;
        return (cpu(sorted.get(middle)) + cpu(sorted.get((sorted.size() - 1) / 2))) / 2 / NANOS;
    }

    /** Of the best repeat; 0 when the engine does not tell. */
    double seconds(String figure) {
        return best().getOrDefault(figure, 0L) / NANOS;
    }

    /** The most of all repeats: what is allocated once must not hide what is allocated always. */
    long allocatedBytes() {
        return all.stream()
                .mapToLong(one -> one.getOrDefault(Figures.ALLOCATED, 0L))
                .max()
                .orElse(0);
    }
}
