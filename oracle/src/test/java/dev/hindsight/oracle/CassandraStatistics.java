package dev.hindsight.oracle;

import dev.hindsight.codec.bytes.ByteString;
import dev.hindsight.codec.sstable.EncodingBase;
import dev.hindsight.codec.sstable.read.Cardinality;
import dev.hindsight.codec.sstable.read.DecodedStatistics;
import dev.hindsight.codec.sstable.read.DecodedStatistics.Bound;
import dev.hindsight.codec.sstable.read.DecodedStatistics.Contents;
import dev.hindsight.codec.sstable.read.DecodedStatistics.Histogram;
import dev.hindsight.codec.sstable.read.DecodedStatistics.LogInterval;
import dev.hindsight.codec.sstable.read.DecodedStatistics.LogPosition;
import dev.hindsight.codec.sstable.read.DecodedStatistics.TombstoneBin;
import dev.hindsight.codec.sstable.read.NamedHeader;
import dev.hindsight.codec.sstable.read.NamedHeader.NamedColumn;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.apache.cassandra.db.ClusteringBound;
import org.apache.cassandra.db.SerializationHeader;
import org.apache.cassandra.db.commitlog.CommitLogPosition;
import org.apache.cassandra.db.marshal.AbstractType;
import org.apache.cassandra.db.marshal.UTF8Type;
import org.apache.cassandra.io.sstable.format.StatsComponent;
import org.apache.cassandra.io.sstable.metadata.StatsMetadata;
import org.apache.cassandra.utils.ByteBufferUtil;
import org.apache.cassandra.utils.EstimatedHistogram;
import org.jspecify.annotations.Nullable;

/** What Cassandra has read from a Statistics.db, in our words. */
final class CassandraStatistics {
    private CassandraStatistics() {}

    static DecodedStatistics of(StatsComponent component, String version) {
        StatsMetadata stats = component.statsMetadata();
        SerializationHeader.Component header = component.serializationHeader();
        List<String> clusteringTypes = names(header.getClusteringTypes());
        List<TombstoneBin> tombstones = new ArrayList<>();
        stats.estimatedTombstoneDropTime.forEach((time, count) -> tombstones.add(new TombstoneBin(time, count)));
        List<LogInterval> intervals = new ArrayList<>();
        Iterator<CommitLogPosition> ends = stats.commitLogIntervals.ends().iterator();
        for (CommitLogPosition start : stats.commitLogIntervals.starts()) {
            intervals.add(new LogInterval(position(start), position(ends.next())));
        }
        Contents contents = new Contents(
                histogram(stats.estimatedPartitionSize),
                histogram(stats.estimatedCellPerPartitionCount),
                intervals,
                stats.minTimestamp,
                stats.maxTimestamp,
                stats.minLocalDeletionTime,
                stats.maxLocalDeletionTime,
                stats.minTTL,
                stats.maxTTL,
                stats.compressionRatio,
                tombstones,
                stats.sstableLevel,
                stats.repairedAt,
                bound(stats.coveredClustering.start()),
                bound(stats.coveredClustering.end()),
                stats.hasLegacyCounterShards,
                stats.totalColumnsSet,
                stats.totalRows,
                Optional.ofNullable(stats.pendingRepair).map(id -> id.asUUID()),
                stats.isTransient,
                Optional.ofNullable(stats.originatingHostId),
                stats.hasPartitionLevelDeletions,
                version.equals("nb") ? Optional.empty() : Optional.of(clusteringTypes),
                Optional.ofNullable(stats.firstKey).map(CassandraStatistics::bytes),
                Optional.ofNullable(stats.lastKey).map(CassandraStatistics::bytes),
                stats.tokenSpaceCoverage);
        try {
            return new DecodedStatistics(
                    component.validationMetadata().partitioner,
                    component.validationMetadata().bloomFilterFPChance,
                    Optional.of(new Cardinality(ByteString.copyOf(
                            component.compactionMetadata().cardinalityEstimator.getBytes()))),
                    contents,
                    new NamedHeader(
                            new EncodingBase(
                                    header.getEncodingStats().minTimestamp,
                                    header.getEncodingStats().minLocalDeletionTime,
                                    header.getEncodingStats().minTTL),
                            header.getKeyType().toString(),
                            clusteringTypes,
                            columns(header.getStaticColumns()),
                            columns(header.getRegularColumns())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Histogram histogram(EstimatedHistogram histogram) {
        return new Histogram(
                LongStream.of(histogram.getBucketOffsets()).boxed().toList(),
                LongStream.of(histogram.getBuckets(false)).boxed().toList());
    }

    private static LogPosition position(CommitLogPosition position) {
        return new LogPosition(position.segmentId, position.position);
    }

    private static Bound bound(ClusteringBound<?> bound) {
        @Nullable ByteBuffer[] values = bound.getBufferArray();
        return new Bound(
                bound.kind().ordinal(),
                Arrays.stream(values)
                        .map(value -> Optional.ofNullable(value).map(CassandraStatistics::bytes))
                        .toList());
    }

    private static ByteString bytes(ByteBuffer buffer) {
        return ByteString.copyOf(ByteBufferUtil.getArray(buffer));
    }

    private static List<String> names(List<AbstractType<?>> types) {
        return types.stream().map(AbstractType::toString).toList();
    }

    private static List<NamedColumn> columns(Map<ByteBuffer, AbstractType<?>> columns) {
        return columns.entrySet().stream()
                .map(entry -> new NamedColumn(
                        UTF8Type.instance.compose(entry.getKey()),
                        entry.getValue().toString()))
                .toList();
    }
}
