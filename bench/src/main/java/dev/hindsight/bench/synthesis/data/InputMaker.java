package dev.hindsight.bench.synthesis.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.cassandra.cql3.statements.schema.CreateTableStatement;
import org.apache.cassandra.db.DecoratedKey;
import org.apache.cassandra.db.SerializationHeader;
import org.apache.cassandra.db.commitlog.CommitLogPosition;
import org.apache.cassandra.db.commitlog.IntervalSet;
import org.apache.cassandra.db.compaction.OperationType;
import org.apache.cassandra.db.lifecycle.LifecycleNewTracker;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.db.rows.EncodingStats;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.io.sstable.Descriptor;
import org.apache.cassandra.io.sstable.SSTable;
import org.apache.cassandra.io.sstable.SequenceBasedSSTableId;
import org.apache.cassandra.io.sstable.format.SSTableWriter;
import org.apache.cassandra.io.sstable.format.big.BigFormat;
import org.apache.cassandra.io.sstable.format.big.BigTableWriter;
import org.apache.cassandra.io.sstable.metadata.MetadataCollector;
import org.apache.cassandra.io.util.File;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.schema.TableMetadataRef;

/**
 * Writes the inputs of a data set as memtables are flushed: rows sorted and merged by partition, and a header with the
 * minima of exactly that flush, so that equal rows of two SSTables rarely have equal bytes. (A {@code CQLSSTableWriter}
 * gives all its SSTables the same base, which is unrealistically kind to a comparison of bytes; its list elements and
 * expiry times differ from replica to replica; and it writes no counters.)
 *
 * <p>Needs Cassandra's configuration in this process. Memory grows with the number of partitions only.
 */
public final class InputMaker {
    private static final LifecycleNewTracker UNTRACKED = new LifecycleNewTracker() {
        @Override
        public void trackNew(SSTable table) {}

        @Override
        public void untrackNew(SSTable table) {}

        @Override
        public OperationType opType() {
            return OperationType.FLUSH;
        }
    };

    private record Key(int partition, DecoratedKey key) {}

    private final Flushes flushes;
    private final TableMetadata table;
    private final List<Key> keys;

    public InputMaker(DataSet data, long bytes, long seed) {
        table = CreateTableStatement.parse(data.ddl(), DataSet.KEYSPACE).build();
        flushes = Flushes.of(data, table, seed);
        keys = IntStream.range(0, data.partitions(bytes))
                .mapToObj(partition -> new Key(partition, table.partitioner.decorateKey(flushes.key(partition))))
                .sorted(Comparator.comparing(Key::key))
                .toList();
    }

    /**
     * @param directory receives one directory a replica: {@code r0} to {@code r2}
     * @return rows written, in all SSTables together
     */
    public long make(Path directory) throws IOException {
        long rows = 0;
        for (int replica = 0; replica < DataSet.REPLICAS; replica++) {
            Path of = Files.createDirectories(directory.resolve("r" + replica));
            for (int flush = 0; flush < DataSet.FLUSHES; flush++) {
                rows += flush(of, replica, flush);
            }
        }
        return rows;
    }

    /** Twice through the same partitions: the header of a file is written before its rows. */
    private long flush(Path directory, int replica, int flush) {
        EncodingStats.Collector minima = new EncodingStats.Collector();
        int partitions = 0;
        for (Key key : keys) {
            PartitionUpdate update = flushes.partition(key.key(), key.partition(), replica, flush);
            if (update != null) {
                EncodingStats stats = update.stats();
                minima.updateTimestamp(stats.minTimestamp);
                minima.updateLocalDeletionTime(stats.minLocalDeletionTime);
                minima.updateTTL(stats.minTTL);
                partitions++;
            }
        }
        if (partitions == 0) {
            return 0;
        }
        long rows = 0;
        try (SSTableWriter writer = writer(directory, replica, flush, minima.get(), partitions)) {
            for (Key key : keys) {
                PartitionUpdate update = flushes.partition(key.key(), key.partition(), replica, flush);
                if (update != null) {
                    rows += update.rowCount();
                    try (UnfilteredRowIterator partition = update.unfilteredIterator()) {
                        writer.append(partition);
                    }
                }
            }
            writer.finish(false);
        }
        return rows;
    }

    private SSTableWriter writer(Path directory, int replica, int flush, EncodingStats minima, int partitions) {
        // Ids differ between replicas, so that all files fit into one directory.
        int id = replica * DataSet.FLUSHES + flush + 1;
        Descriptor descriptor = new Descriptor(
                BigFormat.getInstance().getVersion("oa"),
                new File(directory),
                table.keyspace,
                table.name,
                new SequenceBasedSSTableId(id));
        MetadataCollector statistics = new MetadataCollector(table.comparator, new UUID(replica + 1, 1))
                .commitLogIntervals(
                        new IntervalSet<>(new CommitLogPosition(id, 10), new CommitLogPosition(id + 1, 20)));
        return new BigTableWriter.Builder(descriptor)
                .setTableMetadataRef(TableMetadataRef.forOfflineTools(table))
                .setKeyCount(partitions)
                .setRepairedAt(0)
                .setSerializationHeader(new SerializationHeader(true, table, table.regularAndStaticColumns(), minima))
                .setMetadataCollector(statistics)
                .addDefaultComponents(List.of())
                .build(UNTRACKED, null);
    }
}
