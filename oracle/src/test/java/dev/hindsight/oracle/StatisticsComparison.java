package dev.hindsight.oracle;

import dev.hindsight.synthesis.OutputSSTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.cassandra.db.SerializationHeader;
import org.apache.cassandra.io.sstable.Descriptor;
import org.apache.cassandra.io.sstable.format.StatsComponent;
import org.apache.cassandra.io.sstable.metadata.StatsMetadata;
import org.apache.cassandra.io.util.File;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.utils.EstimatedHistogram;
import org.jspecify.annotations.Nullable;

/**
 * Compares the deserialised statistics of two synthesisers' outputs. May differ:
 *
 * <ul>
 *   <li>{@code compressionRatio}: rows that pass through as bytes keep no size of the row before them (written as 0, as
 *       Cassandra's readers skip it), so the data before compression is not of exactly the same length;
 *   <li>{@code estimatedPartitionSize}: for the same reason; as many partitions, each in the same or the next bucket;
 *   <li>outputs that were cut at another partition, because the length at which they are cut differs so: then only what
 *       can be joined over all outputs of the group is compared.
 * </ul>
 */
final class StatisticsComparison {
    private StatisticsComparison() {}

    static Optional<String> difference(TableMetadata table, List<OutputSSTable> expected, List<OutputSSTable> actual) {
        if (!tokens(expected).equals(tokens(actual))) {
            return joined(expected, actual);
        }
        for (int i = 0; i < expected.size(); i++) {
            Optional<String> found = difference(table, expected.get(i), actual.get(i));
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static List<List<Long>> tokens(List<OutputSSTable> outputs) {
        return outputs.stream()
                .map(output -> List.of(output.firstToken(), output.lastToken()))
                .toList();
    }

    private static Optional<String> joined(List<OutputSSTable> expected, List<OutputSSTable> actual) {
        if (expected.size() <= 1 && actual.size() <= 1) {
            return Optional.of("outputs' tokens: reference " + expected + ", candidate " + actual);
        }
        return differ(
                        "sum of partitions",
                        sum(expected, OutputSSTable::partitions),
                        sum(actual, OutputSSTable::partitions))
                .or(() -> differ("sum of rows", sum(expected, OutputSSTable::rows), sum(actual, OutputSSTable::rows)));
    }

    private static long sum(List<OutputSSTable> outputs, java.util.function.ToLongFunction<OutputSSTable> of) {
        return outputs.stream().mapToLong(of).sum();
    }

    private static Optional<String> difference(TableMetadata table, OutputSSTable expected, OutputSSTable actual) {
        StatsComponent theirs = load(table, expected);
        StatsComponent ours = load(table, actual);
        StatsMetadata left = theirs.statsMetadata();
        StatsMetadata right = ours.statsMetadata();
        String in = "statistics of " + actual.group() + "/" + actual.descriptor() + ": ";
        return differ(in + "version", version(expected), version(actual))
                .or(() -> differ(in + "partitions", expected.partitions(), actual.partitions()))
                .or(() -> differ(in + "rows", expected.rows(), actual.rows()))
                .or(() -> differ(in + "components", components(expected), components(actual)))
                .or(() -> differ(in + "minTimestamp", left.minTimestamp, right.minTimestamp))
                .or(() -> differ(in + "maxTimestamp", left.maxTimestamp, right.maxTimestamp))
                .or(() -> differ(in + "minLocalDeletionTime", left.minLocalDeletionTime, right.minLocalDeletionTime))
                .or(() -> differ(in + "maxLocalDeletionTime", left.maxLocalDeletionTime, right.maxLocalDeletionTime))
                .or(() -> differ(in + "minTTL", left.minTTL, right.minTTL))
                .or(() -> differ(in + "maxTTL", left.maxTTL, right.maxTTL))
                .or(() -> differ(in + "totalRows", left.totalRows, right.totalRows))
                .or(() -> differ(in + "totalColumnsSet", left.totalColumnsSet, right.totalColumnsSet))
                .or(() -> differ(
                        in + "estimatedCellPerPartitionCount",
                        text(left.estimatedCellPerPartitionCount),
                        text(right.estimatedCellPerPartitionCount)))
                .or(() -> sizes(in, left.estimatedPartitionSize, right.estimatedPartitionSize))
                .or(() -> differ(in + "estimatedTombstoneDropTime", text(left), text(right)))
                .or(() -> differ(in + "coveredClustering", covered(table, left), covered(table, right)))
                .or(() -> differ(
                        in + "hasLegacyCounterShards", left.hasLegacyCounterShards, right.hasLegacyCounterShards))
                .or(() -> differ(
                        in + "hasPartitionLevelDeletions",
                        left.hasPartitionLevelDeletions,
                        right.hasPartitionLevelDeletions))
                .or(() -> differ(in + "firstKey", left.firstKey, right.firstKey))
                .or(() -> differ(in + "lastKey", left.lastKey, right.lastKey))
                .or(() -> differ(in + "tokenSpaceCoverage", left.tokenSpaceCoverage, right.tokenSpaceCoverage))
                .or(() -> differ(in + "sstableLevel", left.sstableLevel, right.sstableLevel))
                .or(() -> differ(in + "repairedAt", left.repairedAt, right.repairedAt))
                .or(() -> differ(in + "pendingRepair", left.pendingRepair, right.pendingRepair))
                .or(() -> differ(in + "isTransient", left.isTransient, right.isTransient))
                .or(() -> differ(in + "originatingHostId", left.originatingHostId, right.originatingHostId))
                .or(() -> differ(in + "commitLogIntervals", left.commitLogIntervals, right.commitLogIntervals))
                .or(() -> ratio(in, left.compressionRatio, right.compressionRatio))
                .or(() -> differ(
                        in + "partitioner",
                        theirs.validationMetadata().partitioner,
                        ours.validationMetadata().partitioner))
                .or(() -> differ(
                        in + "bloomFilterFPChance",
                        theirs.validationMetadata().bloomFilterFPChance,
                        ours.validationMetadata().bloomFilterFPChance))
                .or(() -> differ(
                        in + "cardinality",
                        theirs.compactionMetadata().cardinalityEstimator.cardinality(),
                        ours.compactionMetadata().cardinalityEstimator.cardinality()))
                .or(() -> header(in, theirs.serializationHeader(), ours.serializationHeader()));
    }

    private static Optional<String> header(
            String in, SerializationHeader.Component expected, SerializationHeader.Component actual) {
        return differ(in + "header.encodingStats", expected.getEncodingStats(), actual.getEncodingStats())
                .or(() -> differ(in + "header.keyType", expected.getKeyType(), actual.getKeyType()))
                .or(() -> differ(
                        in + "header.clusteringTypes", expected.getClusteringTypes(), actual.getClusteringTypes()))
                .or(() -> differ(
                        in + "header.static",
                        new TreeMap<>(expected.getStaticColumns()),
                        new TreeMap<>(actual.getStaticColumns())))
                .or(() -> differ(
                        in + "header.regular",
                        new TreeMap<>(expected.getRegularColumns()),
                        new TreeMap<>(actual.getRegularColumns())));
    }

    private static StatsComponent load(TableMetadata table, OutputSSTable output) {
        try {
            return StatsComponent.load(descriptor(table, output));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Descriptor descriptor(TableMetadata table, OutputSSTable output) {
        return Descriptor.fromFileWithComponent(new File(Replicas.data(output)), table.keyspace, table.name).left;
    }

    private static String version(OutputSSTable output) {
        return output.descriptor().substring(0, 2);
    }

    private static Set<String> components(OutputSSTable output) {
        return output.files().stream()
                .map(Path::getFileName)
                .map(Path::toString)
                .map(name -> name.substring(output.descriptor().length() + 1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String text(EstimatedHistogram histogram) {
        long[] offsets = histogram.getBucketOffsets();
        long[] buckets = histogram.getBuckets(false);
        StringBuilder out = new StringBuilder().append(buckets.length);
        for (int i = 0; i < buckets.length; i++) {
            if (buckets[i] != 0) {
                out.append(' ')
                        .append(i < offsets.length ? offsets[i] : -1)
                        .append(':')
                        .append(buckets[i]);
            }
        }
        return out.toString();
    }

    private static String text(StatsMetadata stats) {
        StringBuilder out = new StringBuilder();
        stats.estimatedTombstoneDropTime.forEach(
                (point, value) -> out.append(point).append(':').append(value).append(' '));
        return out.toString();
    }

    /** Cumulatively, no partition moves down by more than one bucket. */
    private static Optional<String> sizes(String in, EstimatedHistogram expected, EstimatedHistogram actual) {
        long[] left = expected.getBuckets(false);
        long[] right = actual.getBuckets(false);
        boolean fine = left.length == right.length
                && Arrays.equals(expected.getBucketOffsets(), actual.getBucketOffsets())
                && Arrays.stream(left).sum() == Arrays.stream(right).sum();
        long before = 0;
        long ours = 0;
        for (int i = 0; fine && i < left.length; i++) {
            long theirs = before + left[i];
            ours += right[i];
            fine = ours >= before && ours <= theirs + (i + 1 < left.length ? left[i + 1] : 0);
            before = theirs;
        }
        return fine
                ? Optional.empty()
                : Optional.of(
                        in + "estimatedPartitionSize: reference " + text(expected) + ", candidate " + text(actual));
    }

    /** Within a quarter: in tiny files the number before each row, of one to three bytes, is not little. */
    private static Optional<String> ratio(String in, double expected, double actual) {
        boolean fine = expected == actual || Math.abs(expected - actual) <= 0.25 * Math.abs(expected) + 0.05;
        return fine
                ? Optional.empty()
                : Optional.of(in + "compressionRatio: reference " + expected + ", candidate " + actual);
    }

    private static String covered(TableMetadata table, StatsMetadata stats) {
        return stats.coveredClustering == null ? "none" : stats.coveredClustering.toString(table.comparator);
    }

    static <T> Optional<String> differ(String what, @Nullable T expected, @Nullable T actual) {
        return Objects.equals(expected, actual)
                ? Optional.empty()
                : Optional.of(what + ": reference " + expected + ", candidate " + actual);
    }
}
