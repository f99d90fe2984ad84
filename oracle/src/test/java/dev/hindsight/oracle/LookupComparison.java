package dev.hindsight.oracle;

import dev.hindsight.synthesis.OutputSSTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.apache.cassandra.db.Clustering;
import org.apache.cassandra.db.ClusteringBound;
import org.apache.cassandra.db.DecoratedKey;
import org.apache.cassandra.db.Slice;
import org.apache.cassandra.db.Slices;
import org.apache.cassandra.db.filter.ColumnFilter;
import org.apache.cassandra.db.rows.Unfiltered;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.io.sstable.ISSTableScanner;
import org.apache.cassandra.io.sstable.SSTableReadsListener;
import org.apache.cassandra.io.sstable.format.SSTableReader;
import org.apache.cassandra.schema.TableMetadata;

/** Reads single partitions and slices of them, both ways, through filter, summary and index of the outputs. */
final class LookupComparison {
    private static final int PARTITIONS = 12;
    private static final int SLICES = 4;

    private LookupComparison() {}

    static Optional<String> difference(TableMetadata table, List<OutputSSTable> expected, List<OutputSSTable> actual) {
        List<SSTableReader> theirs = new ArrayList<>();
        List<SSTableReader> ours = new ArrayList<>();
        try {
            expected.forEach(output -> theirs.add(SSTables.open(table, Replicas.data(output))));
            actual.forEach(output -> ours.add(SSTables.open(table, Replicas.data(output))));
            return of(table, theirs, ours);
        } catch (RuntimeException | Error e) {
            return Optional.of(
                    "lookup failed: " + e + " " + List.of(e.getStackTrace()).subList(0, 8));
        } finally {
            theirs.forEach(reader -> reader.selfRef().release());
            ours.forEach(reader -> reader.selfRef().release());
        }
    }

    private static Optional<String> of(TableMetadata table, List<SSTableReader> theirs, List<SSTableReader> ours) {
        NavigableMap<DecoratedKey, List<Clustering<?>>> keys = new TreeMap<>();
        for (SSTableReader reader : theirs) {
            collect(reader, keys);
        }
        Random random = new Random(keys.size());
        int step = Math.max(1, keys.size() / PARTITIONS);
        int at = 0;
        for (Map.Entry<DecoratedKey, List<Clustering<?>>> entry : keys.entrySet()) {
            if (at++ % step != 0 && entry.getValue().size() < 100) {
                continue;
            }
            for (int i = 0; i < SLICES; i++) {
                Slices slices = i == 0 ? Slices.ALL : slices(table, entry.getValue(), random);
                boolean reversed = random.nextBoolean();
                Optional<String> found = EngineComparison.lines(
                        "lookup of " + entry.getKey() + " " + slices + (reversed ? " reversed" : ""),
                        read(theirs, entry.getKey(), slices, reversed),
                        read(ours, entry.getKey(), slices, reversed));
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    private static void collect(SSTableReader reader, Map<DecoratedKey, List<Clustering<?>>> keys) {
        try (ISSTableScanner scanner = reader.getScanner()) {
            while (scanner.hasNext()) {
                try (UnfilteredRowIterator partition = scanner.next()) {
                    List<Clustering<?>> rows = keys.computeIfAbsent(partition.partitionKey(), key -> new ArrayList<>());
                    while (partition.hasNext()) {
                        Unfiltered next = partition.next();
                        if (next.isRow()) {
                            rows.add((Clustering<?>) next.clustering());
                        }
                    }
                }
            }
        }
    }

    private static Slices slices(TableMetadata table, List<Clustering<?>> rows, Random random) {
        if (rows.isEmpty() || table.clusteringColumns().isEmpty()) {
            return Slices.ALL;
        }
        Clustering<?> one = rows.get(random.nextInt(rows.size()));
        Clustering<?> other = rows.get(random.nextInt(rows.size()));
        boolean forward = table.comparator.compare(one, other) <= 0;
        Clustering<?> low = forward ? one : other;
        Clustering<?> high = forward ? other : one;
        ClusteringBound<?> start =
                random.nextBoolean() ? ClusteringBound.inclusiveStartOf(low) : ClusteringBound.exclusiveStartOf(low);
        ClusteringBound<?> end =
                random.nextBoolean() ? ClusteringBound.inclusiveEndOf(high) : ClusteringBound.exclusiveEndOf(high);
        return Slice.isEmpty(table.comparator, start, end)
                ? Slices.with(table.comparator, Slice.make(low, high))
                : Slices.with(table.comparator, Slice.make(start, end));
    }

    private static List<String> read(List<SSTableReader> readers, DecoratedKey key, Slices slices, boolean reversed) {
        List<String> out = new ArrayList<>();
        for (SSTableReader reader : readers) {
            if (key.compareTo(reader.getFirst()) < 0 || key.compareTo(reader.getLast()) > 0) {
                continue;
            }
            try (UnfilteredRowIterator partition = reader.rowIterator(
                    key, slices, ColumnFilter.all(reader.metadata()), reversed, SSTableReadsListener.NOOP_LISTENER)) {
                SSTables.dump(partition, out);
            } catch (RuntimeException | Error e) {
                out.add("lookup in " + reader + " failed: " + EngineComparison.trace(e));
            }
        }
        return out;
    }
}
