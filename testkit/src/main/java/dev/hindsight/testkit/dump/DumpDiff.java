package dev.hindsight.testkit.dump;

import dev.hindsight.testkit.dump.TableDump.Partition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How two dumps differ, in content and in the order of rows.
 *
 * @param first at most {@value #SHOWN}, one line each
 */
public record DumpDiff(long count, List<String> first) {
    private static final int SHOWN = 12;

    public DumpDiff {
        first = List.copyOf(first);
    }

    /** The tables' names may differ; the seconds of reading too, but then expired cells may show as differences. */
    public static DumpDiff between(TableDump expected, TableDump actual) {
        Collector collector = new Collector();
        TreeSet<String> keys = new TreeSet<>(expected.partitions().keySet());
        keys.addAll(actual.partitions().keySet());
        for (String key : keys) {
            Partition left = expected.partitions().get(key);
            Partition right = actual.partitions().get(key);
            if (left == null || right == null) {
                collector.add(partition(key, left == null ? right : left)
                        + (left == null ? ": unexpected partition" : ": partition is missing")
                        + ", rows " + rows(left == null ? right : left));
            } else {
                comparePartition(collector, partition(key, left), left, right);
            }
        }
        return new DumpDiff(collector.count, collector.first);
    }

    private static void comparePartition(Collector collector, String where, Partition left, Partition right) {
        TreeSet<String> keys = new TreeSet<>(left.rows().keySet());
        keys.addAll(right.rows().keySet());
        for (String key : keys) {
            Map<String, String> expected = left.rows().get(key);
            Map<String, String> actual = right.rows().get(key);
            if (expected == null || actual == null) {
                collector.add(where + " row " + key + (expected == null ? ": unexpected " : ": missing ")
                        + (expected == null ? actual : expected));
            } else if (!expected.equals(actual)) {
                compareCells(collector, where + " row " + key, expected, actual);
            }
        }
        if (left.rows().keySet().equals(right.rows().keySet())
                && !List.copyOf(left.rows().keySet())
                        .equals(List.copyOf(right.rows().keySet()))) {
            collector.add(where + ": rows are in another order");
        }
    }

    private static void compareCells(
            Collector collector, String where, Map<String, String> expected, Map<String, String> actual) {
        TreeSet<String> columns = new TreeSet<>(expected.keySet());
        columns.addAll(actual.keySet());
        for (String column : columns) {
            String left = expected.getOrDefault(column, "nothing");
            String right = actual.getOrDefault(column, "nothing");
            if (!left.equals(right)) {
                collector.add(where + " column " + column + ": expected " + left + ", is " + right);
            }
        }
    }

    private static String partition(String key, @Nullable Partition partition) {
        return "partition " + (partition == null ? key : partition.readableKey() + " token " + partition.token());
    }

    private static int rows(@Nullable Partition partition) {
        return partition == null ? 0 : partition.rows().size();
    }

    public boolean isEqual() {
        return count == 0;
    }

    /** "equal", or the number of differences and the first ones. */
    public String describe() {
        return isEqual()
                ? "equal"
                : count + " differences, the first " + first.size() + ":\n  " + String.join("\n  ", first);
    }

    private static final class Collector {
        private long count;
        private final List<String> first = new ArrayList<>();

        void add(String difference) {
            count++;
            if (first.size() < SHOWN) {
                first.add(difference);
            }
        }
    }
}
