package dev.hindsight.oracle;

import dev.hindsight.codec.schema.ColumnSchema;
import dev.hindsight.codec.sstable.EncodingBase;
import dev.hindsight.codec.sstable.PartitionSink;
import dev.hindsight.codec.sstable.PartitionStatistics;
import dev.hindsight.codec.sstable.RowBatch;
import dev.hindsight.codec.sstable.RowHeader;
import dev.hindsight.codec.type.CassandraType;
import dev.hindsight.codec.type.TypeNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.cassandra.db.Clustering;
import org.apache.cassandra.db.ClusteringBoundOrBoundary;
import org.apache.cassandra.db.Columns;
import org.apache.cassandra.db.DecoratedKey;
import org.apache.cassandra.db.DeletionTime;
import org.apache.cassandra.db.LivenessInfo;
import org.apache.cassandra.db.SerializationHeader;
import org.apache.cassandra.db.marshal.AbstractType;
import org.apache.cassandra.db.partitions.PartitionStatisticsCollector;
import org.apache.cassandra.db.rows.Cell;
import org.apache.cassandra.db.rows.RangeTombstoneBoundMarker;
import org.apache.cassandra.db.rows.RangeTombstoneBoundaryMarker;
import org.apache.cassandra.db.rows.RangeTombstoneMarker;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.db.rows.Rows;
import org.apache.cassandra.db.rows.SerializationHelper;
import org.apache.cassandra.db.rows.Unfiltered;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.db.rows.UnfilteredSerializer;
import org.apache.cassandra.io.sstable.format.Version;
import org.apache.cassandra.io.util.DataOutputBuffer;
import org.apache.cassandra.schema.ColumnMetadata;
import org.apache.cassandra.utils.ByteBufferUtil;

/**
 * Codes partitions with Cassandra's own serialisers into a sink: everything of an own synthesis but the rows. Gives the rows of
 * every other partition one by one, those of the others in batches.
 */
final class Reencoding {
    private final SerializationHeader header;
    private final SerializationHelper helper;
    private final Version version;
    private final PartitionSink sink;
    private final Collector collector = new Collector();
    private final RowBatch batch;
    private boolean batching;

    /** How many tombstones are handed over at once inside a partition. */
    private static final int TOMBSTONES_KEPT = 50;

    Reencoding(SerializationHeader header, Version version, PartitionSink sink) {
        this.header = header;
        this.helper = new SerializationHelper(header);
        this.version = version;
        this.sink = sink;
        this.batch = new RowBatch(header.clusteringTypes().size());
    }

    static RowHeader rowHeader(SerializationHeader header) {
        return new RowHeader(
                new EncodingBase(
                        header.stats().minTimestamp, header.stats().minLocalDeletionTime, header.stats().minTTL),
                type(header.keyType()),
                header.clusteringTypes().stream().map(Reencoding::type).toList(),
                columns(header.columns().statics, ColumnSchema.Kind.STATIC),
                columns(header.columns().regulars, ColumnSchema.Kind.REGULAR));
    }

    private static CassandraType type(AbstractType<?> type) {
        return TypeNames.parse(type.toString());
    }

    private static List<ColumnSchema> columns(Columns columns, ColumnSchema.Kind kind) {
        List<ColumnSchema> out = new ArrayList<>();
        for (ColumnMetadata column : columns) {
            byte[] name = ByteBufferUtil.getArray(column.name.bytes);
            out.add(new ColumnSchema(new String(name, StandardCharsets.UTF_8), kind, type(column.type), -1));
        }
        return out;
    }

    void append(UnfilteredRowIterator partition) {
        try (DataOutputBuffer out = new DataOutputBuffer()) {
            write(partition, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(UnfilteredRowIterator partition, DataOutputBuffer out) throws IOException {
        DecoratedKey key = partition.partitionKey();
        byte[] bytes = ByteBufferUtil.getArray(key.getKey());
        DeletionTime deletion = partition.partitionLevelDeletion();
        sink.begin(
                bytes,
                bytes.length,
                (Long) key.getToken().getTokenValue(),
                deletion.markedForDeleteAt(),
                deletion.localDeletionTime());
        PartitionStatistics statistics = collector.statistics;
        statistics.clear();
        collector.updatePartitionDeletion(deletion);

        ByteBufferUtil.writeWithShortLength(key.getKey(), out);
        DeletionTime.getSerializer(version).serialize(deletion, out);
        long position = flush(out);
        if (header.hasStatic()) {
            UnfilteredSerializer.serializer.serializeStaticRow(
                    partition.staticRow(), helper, out, version.correspondingMessagingVersion());
            if (!partition.staticRow().isEmpty()) {
                Rows.collectStats(partition.staticRow(), collector);
            }
            position += flush(out);
        }
        sink.endHeader();

        long previous = 0;
        batching = !batching;
        DeletionTime open = DeletionTime.LIVE;
        while (partition.hasNext()) {
            Unfiltered next = partition.next();
            UnfilteredSerializer.serializer.serialize(
                    next, helper, out, position - previous, version.correspondingMessagingVersion());
            previous = position;
            boolean batched = batching && next.isRow() && hasRoom(out.getLength(), open);
            if (batched) {
                position += batch((Row) next, out);
            } else {
                flushBatch(open);
                position += flush(out);
            }
            if (next.isRow()) {
                Rows.collectStats((Row) next, collector);
            } else {
                RangeTombstoneMarker marker = (RangeTombstoneMarker) next;
                open = marker.isOpen(false) ? marker.openDeletionTime(false) : DeletionTime.LIVE;
                collect(marker);
            }
            if (!batched) {
                unfiltered(next, open, out);
            }
            if (statistics.tombstones > TOMBSTONES_KEPT) {
                sink.add(statistics);
                statistics.clear();
            }
        }
        flushBatch(open);
        UnfilteredSerializer.serializer.writeEndOfPartition(out);
        flush(out);
        sink.end(statistics);
    }

    private boolean hasRoom(int length, DeletionTime open) {
        if (!batch.hasRoom(length)) {
            flushBatch(open);
        }
        return batch.hasRoom(length);
    }

    private int batch(Row row, DataOutputBuffer out) throws IOException {
        int length = out.getLength();
        int start = batch.length;
        System.arraycopy(out.getData(), 0, batch.bytes, start, length);
        boolean extended = (batch.bytes[start] & 0x80) != 0;
        out.clear();
        Clustering.serializer.serialize(
                row.clustering(), out, version.correspondingMessagingVersion(), header.clusteringTypes());
        int clustering = start + (extended ? 2 : 1);
        batch.end(clustering, clustering + out.getLength(), start + length);
        out.clear();
        return length;
    }

    private void flushBatch(DeletionTime open) {
        sink.rows(batch, open.markedForDeleteAt(), open.localDeletionTime());
        batch.clear();
    }

    private void collect(RangeTombstoneMarker marker) {
        if (marker.isBoundary()) {
            collector.update(((RangeTombstoneBoundaryMarker) marker).endDeletionTime());
            collector.update(((RangeTombstoneBoundaryMarker) marker).startDeletionTime());
        } else {
            collector.update(((RangeTombstoneBoundMarker) marker).deletionTime());
        }
    }

    private void unfiltered(Unfiltered next, DeletionTime open, DataOutputBuffer out) throws IOException {
        int skipped = 0;
        if (next.isRow()) {
            Clustering.serializer.serialize(
                    (Clustering<?>) next.clustering(),
                    out,
                    version.correspondingMessagingVersion(),
                    header.clusteringTypes());
        } else {
            ClusteringBoundOrBoundary.serializer.serialize(
                    (ClusteringBoundOrBoundary<?>) next.clustering(),
                    out,
                    version.correspondingMessagingVersion(),
                    header.clusteringTypes());
            skipped = 3;
        }
        sink.unfiltered(
                next.clustering().kind().ordinal(),
                out.getData(),
                skipped,
                out.getLength() - skipped,
                next.clustering().size(),
                open.markedForDeleteAt(),
                open.localDeletionTime());
        out.clear();
    }

    private long flush(DataOutputBuffer out) {
        int length = out.getLength();
        sink.append(out.getData(), 0, length);
        out.clear();
        return length;
    }

    /** As {@code MetadataCollector}. */
    private static final class Collector implements PartitionStatisticsCollector {
        private final PartitionStatistics statistics = new PartitionStatistics();

        @Override
        public void update(LivenessInfo info) {
            if (!info.isEmpty()) {
                add(info.timestamp(), info.ttl(), info.localExpirationTime());
            }
        }

        @Override
        public void updatePartitionDeletion(DeletionTime deletion) {
            statistics.hasPartitionLevelDeletions = !deletion.isLive();
            update(deletion);
        }

        @Override
        public void update(DeletionTime deletion) {
            if (!deletion.isLive()) {
                statistics.timestamp(deletion.markedForDeleteAt());
                statistics.localDeletionTime(deletion.localDeletionTime());
            }
        }

        @Override
        public void update(Cell<?> cell) {
            statistics.cells++;
            add(cell.timestamp(), cell.ttl(), cell.localDeletionTime());
        }

        private void add(long timestamp, int ttl, long localDeletionTime) {
            statistics.timestamp(timestamp);
            statistics.ttl(ttl);
            statistics.localDeletionTime(localDeletionTime);
        }

        @Override
        public void updateColumnSetPerRow(long columnSetInRow) {
            statistics.columnsSet += columnSetInRow;
            statistics.rows++;
        }

        @Override
        public void updateHasLegacyCounterShards(boolean hasLegacyCounterShards) {
            statistics.hasLegacyCounterShards |= hasLegacyCounterShards;
        }
    }
}
