package dev.hindsight.testkit.living;

import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.LongPredicate;
import java.util.stream.Stream;
import org.apache.cassandra.config.DatabaseDescriptor;
import org.apache.cassandra.db.SerializationHeader;
import org.apache.cassandra.db.compaction.OperationType;
import org.apache.cassandra.db.lifecycle.LifecycleNewTracker;
import org.apache.cassandra.db.partitions.PartitionIterator;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.db.partitions.PurgeFunction;
import org.apache.cassandra.db.partitions.UnfilteredPartitionIterator;
import org.apache.cassandra.db.partitions.UnfilteredPartitionIterators;
import org.apache.cassandra.db.rows.EncodingStats;
import org.apache.cassandra.db.rows.RowIterator;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.db.transform.FilteredPartitions;
import org.apache.cassandra.db.transform.Transformation;
import org.apache.cassandra.dht.Murmur3Partitioner.LongToken;
import org.apache.cassandra.dht.Range;
import org.apache.cassandra.dht.Token;
import org.apache.cassandra.io.sstable.Descriptor;
import org.apache.cassandra.io.sstable.ISSTableScanner;
import org.apache.cassandra.io.sstable.SSTable;
import org.apache.cassandra.io.sstable.SequenceBasedSSTableId;
import org.apache.cassandra.io.sstable.format.SSTableFormat;
import org.apache.cassandra.io.sstable.format.SSTableReader;
import org.apache.cassandra.io.sstable.format.SSTableWriter;
import org.apache.cassandra.io.sstable.format.Version;
import org.apache.cassandra.io.sstable.format.big.BigFormat;
import org.apache.cassandra.io.sstable.format.big.BigTableWriter;
import org.apache.cassandra.io.sstable.format.bti.BtiFormat;
import org.apache.cassandra.io.sstable.format.bti.BtiTableWriter;
import org.apache.cassandra.io.sstable.metadata.MetadataCollector;
import org.apache.cassandra.io.util.File;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.schema.TableMetadataRef;

/** Flush, compaction and reading of real SSTables by Cassandra's own classes. Stateless; configured by who calls. */
public final class LivingSSTables {
    private static final LifecycleNewTracker UNTRACKED = new LifecycleNewTracker() {
        @Override
        public void trackNew(SSTable table) {}

        @Override
        public void untrackNew(SSTable table) {}

        @Override
        public OperationType opType() {
            return OperationType.COMPACTION;
        }
    };

    private LivingSSTables() {}

    /** Where a new SSTable goes. */
    record Place(LivingTable table, Path directory, String version, int id, UUID host) {
        private SSTableWriter writer(SerializationHeader header, long keys) {
            TableMetadata metadata = table.metadata();
            boolean big = !version.startsWith("d");
            Version format = Objects.requireNonNull(
                            DatabaseDescriptor.getSSTableFormats().get(big ? BigFormat.NAME : BtiFormat.NAME))
                    .getVersion(version);
            Descriptor descriptor = new Descriptor(
                    format, new File(directory), metadata.keyspace, metadata.name, new SequenceBasedSSTableId(id));
            return (big ? new BigTableWriter.Builder(descriptor) : new BtiTableWriter.Builder(descriptor))
                    .setTableMetadataRef(TableMetadataRef.forOfflineTools(metadata))
                    .setKeyCount(keys)
                    .setRepairedAt(0)
                    .setSerializationHeader(header)
                    .setMetadataCollector(new MetadataCollector(metadata.comparator, host))
                    .addDefaultComponents(List.of())
                    .build(UNTRACKED, null);
        }
    }

    /** Some of an SSTable. */
    public record Part(Path data, TokenRanges ranges) {}

    /** How a compaction purges. */
    record Purging(long nowSeconds, long gcBefore, LongPredicate purgeable) {
        static final Purging NOTHING = new Purging(0, 0, timestamp -> false);
    }

    static void flush(Place place, Collection<PartitionUpdate> updates) {
        EncodingStats.Collector minima = new EncodingStats.Collector();
        for (PartitionUpdate update : updates) {
            minima.updateTimestamp(update.stats().minTimestamp);
            minima.updateLocalDeletionTime(update.stats().minLocalDeletionTime);
            minima.updateTTL(update.stats().minTTL);
        }
        TableMetadata metadata = place.table().metadata();
        SSTableWriter writer = place.writer(
                new SerializationHeader(true, metadata, metadata.regularAndStaticColumns(), minima.get()),
                updates.size());
        for (PartitionUpdate update : updates) {
            try (UnfilteredRowIterator partition = update.unfilteredIterator()) {
                writer.append(partition);
            }
        }
        writer.finish(false);
    }

    /** Whether anything was left to be written. */
    static boolean merge(Place place, List<Part> inputs, Purging purging) {
        TableMetadata metadata = place.table().metadata();
        try (Open open = new Open(metadata, inputs)) {
            Optional<UnfilteredPartitionIterator> merged = open.merged();
            if (merged.isEmpty()) {
                return false;
            }
            SSTableWriter writer = place.writer(SerializationHeader.make(metadata, open.readers), 128);
            boolean any = false;
            try (UnfilteredPartitionIterator all = Transformation.apply(merged.get(), new Purge(purging))) {
                while (all.hasNext()) {
                    try (UnfilteredRowIterator partition = all.next()) {
                        any |= writer.append(partition) != null;
                    }
                }
            }
            if (any) {
                writer.finish(false);
            } else {
                writer.abort();
                delete(writer.descriptor.fileFor(SSTableFormat.Components.DATA).toPath());
            }
            return any;
        }
    }

    /** What a client reads of them together: live rows with all times, by token. */
    public static SortedMap<Long, List<String>> live(LivingTable table, List<Part> parts, long nowSeconds) {
        TableMetadata metadata = table.metadata();
        SortedMap<Long, List<String>> out = new TreeMap<>();
        try (Open open = new Open(metadata, parts)) {
            Optional<UnfilteredPartitionIterator> merged = open.merged();
            if (merged.isEmpty()) {
                return out;
            }
            try (PartitionIterator all = FilteredPartitions.filter(merged.get(), nowSeconds)) {
                while (all.hasNext()) {
                    try (RowIterator partition = all.next()) {
                        List<String> rows = new ArrayList<>();
                        rows.add(partition.partitionKey() + " "
                                + partition.staticRow().toString(metadata, true, true));
                        while (partition.hasNext()) {
                            rows.add(partition.next().toString(metadata, true, true));
                        }
                        out.put((Long) partition.partitionKey().getToken().getTokenValue(), rows);
                    }
                }
            }
        }
        return out;
    }

    /** Oldest write in any of them; {@link Long#MAX_VALUE} for none. */
    static long oldestMicros(LivingTable table, List<Path> data) {
        long oldest = Long.MAX_VALUE;
        TableMetadata metadata = table.metadata();
        for (Path file : data) {
            SSTableReader reader = reader(metadata, file);
            oldest = Math.min(oldest, reader.getMinTimestamp());
            reader.selfRef().release();
        }
        return oldest;
    }

    /** Every component of one SSTable. */
    public static List<Path> components(Path data) {
        String prefix = data.getFileName().toString().replace("Data.db", "");
        try (Stream<Path> files = Files.list(data.getParent())) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void delete(Path data) {
        for (Path file : components(data)) {
            try {
                Files.delete(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static SSTableReader reader(TableMetadata metadata, Path file) {
        return SSTableReader.openNoValidation(
                null,
                Descriptor.fromFileWithComponent(new File(file), metadata.keyspace, metadata.name).left,
                TableMetadataRef.forOfflineTools(metadata));
    }

    private static final class Open implements AutoCloseable {
        private final List<SSTableReader> readers = new ArrayList<>();
        private final List<ISSTableScanner> scanners = new ArrayList<>();

        Open(TableMetadata metadata, List<Part> parts) {
            for (Part part : parts) {
                SSTableReader reader = reader(metadata, part.data());
                readers.add(reader);
                List<Range<Token>> ranges = new ArrayList<>();
                for (TokenRange range : part.ranges()) {
                    ranges.add(new Range<>(new LongToken(range.start()), new LongToken(range.end())));
                }
                if (!ranges.isEmpty()) {
                    scanners.add(reader.getScanner(ranges));
                }
            }
        }

        Optional<UnfilteredPartitionIterator> merged() {
            return scanners.isEmpty()
                    ? Optional.empty()
                    : Optional.of(UnfilteredPartitionIterators.merge(
                            scanners, UnfilteredPartitionIterators.MergeListener.NOOP));
        }

        @Override
        public void close() {
            scanners.forEach(ISSTableScanner::close);
            readers.forEach(reader -> reader.selfRef().release());
        }
    }

    private static final class Purge extends PurgeFunction {
        private final LongPredicate purgeable;

        Purge(Purging purging) {
            super(purging.nowSeconds(), purging.gcBefore(), Long.MAX_VALUE, false, false);
            this.purgeable = purging.purgeable();
        }

        @Override
        protected LongPredicate getPurgeEvaluator() {
            return purgeable;
        }
    }
}
