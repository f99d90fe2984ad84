package dev.hindsight.operations.retention;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Adds up what a collection deletes, by run. One thread. */
final class CollectTally {
    private record Of(String run, String why) {}

    private static final class Sum {
        private long objects;
        private long bytes;
    }

    private final Map<Of, Sum> sums =
            new TreeMap<>(Comparator.comparing(Of::run).thenComparing(Of::why));
    private final long listed;
    private long failed;

    CollectTally(long listed) {
        this.listed = listed;
    }

    void add(Garbage.Candidate gone, long bytes) {
        Sum sum = sums.computeIfAbsent(new Of(gone.run(), gone.why().text()), key -> new Sum());
        sum.objects++;
        sum.bytes += bytes;
    }

    void failed(long objects) {
        failed += objects;
    }

    CollectReport report(boolean dryRun, List<String> notes) {
        List<CollectReport.Run> runs = new ArrayList<>();
        long objects = 0;
        long bytes = 0;
        for (Map.Entry<Of, Sum> one : sums.entrySet()) {
            Sum sum = one.getValue();
            runs.add(new CollectReport.Run(one.getKey().run(), one.getKey().why(), sum.objects, sum.bytes));
            objects += sum.objects;
            bytes += sum.bytes;
        }
        return new CollectReport(dryRun, runs, objects, bytes, failed, listed - objects, notes);
    }
}
