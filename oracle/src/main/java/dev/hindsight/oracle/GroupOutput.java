package dev.hindsight.oracle;

import dev.hindsight.codec.sstable.Components;
import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.fetch.ScratchDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.apache.cassandra.db.DecoratedKey;
import org.apache.cassandra.db.SerializationHeader;
import org.apache.cassandra.db.compaction.OperationType;
import org.apache.cassandra.db.lifecycle.LifecycleNewTracker;
import org.apache.cassandra.db.rows.RangeTombstoneMarker;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.db.transform.Transformation;
import org.apache.cassandra.io.sstable.Descriptor;
import org.apache.cassandra.io.sstable.SSTable;
import org.apache.cassandra.io.sstable.SequenceBasedSSTableId;
import org.apache.cassandra.io.sstable.format.SSTableWriter;
import org.apache.cassandra.io.sstable.format.Version;
import org.apache.cassandra.io.sstable.format.big.BigFormat;
import org.apache.cassandra.io.sstable.format.big.BigTableWriter;
import org.apache.cassandra.io.util.File;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.schema.TableMetadataRef;
import org.jspecify.annotations.Nullable;

/**
 * Writes one group's SSTables, the next one whenever Data.db has passed the limit at the end of a partition. Their
 * statistics name no host, no commit-log interval and no repair (DESIGN section 7). One thread.
 */
final class GroupOutput implements AutoCloseable {
    /** What every output of a task has in common. */
    record Settings(
            TableMetadata metadata,
            SerializationHeader header,
            String version,
            Path outputDirectory,
            long maxSSTableBytes,
            IntSupplier ids,
            OutputAccount account) {}

    /** Nothing tracks offline files: a failed task deletes its whole output. */
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

    /** How often the growth of a file is looked at inside a wide partition: every so many rows. */
    private static final int ROWS_PER_LOOK = 128;

    private final String group;
    private final Settings settings;
    private final long keysPerSSTable;
    private final List<OutputSSTable> done = new ArrayList<>();
    private final List<Descriptor> started = new ArrayList<>();
    private @Nullable SSTableWriter writer;
    private @Nullable DecoratedKey first;
    private @Nullable DecoratedKey last;
    private long partitions;
    private long rows;
    private long accounted;

    /**
     * @param keysPerSSTable estimate, for the size of Bloom filters
     */
    GroupOutput(String group, Settings settings, long keysPerSSTable) {
        this.group = group;
        this.settings = settings;
        this.keysPerSSTable = Math.max(1, keysPerSSTable);
    }

    /** Appends a partition to the current SSTable. */
    void append(UnfilteredRowIterator partition) {
        SSTableWriter to = writer();
        Counter counter = new Counter();
        if (to.append(Transformation.apply(partition, counter)) == null) {
            return;
        }
        if (first == null) {
            first = partition.partitionKey().retainable();
        }
        last = partition.partitionKey();
        partitions++;
        rows += counter.rows;
        account();
        if (accounted >= settings.maxSSTableBytes()) {
            finish();
        }
    }

    private SSTableWriter writer() {
        if (writer == null) {
            Path directory = settings.outputDirectory().resolve(group);
            try {
                Files.createDirectories(directory);
            } catch (IOException e) {
                throw ScratchDirectory.unusable(directory, e);
            }
            Version version = BigFormat.getInstance().getVersion(settings.version());
            TableMetadata table = settings.metadata();
            Descriptor descriptor = new Descriptor(
                    version,
                    new File(directory),
                    table.keyspace,
                    table.name,
                    new SequenceBasedSSTableId(settings.ids().getAsInt()));
            started.add(descriptor);
            writer = new BigTableWriter.Builder(descriptor)
                    .setTableMetadataRef(TableMetadataRef.forOfflineTools(table))
                    .setKeyCount(keysPerSSTable)
                    .setRepairedAt(0)
                    .setPendingRepair(null)
                    .setTransientSSTable(false)
                    .setSerializationHeader(settings.header())
                    .setMetadataCollector(new OutputStatistics(table.comparator))
                    .addDefaultComponents(List.of())
                    .build(UNTRACKED, null);
        }
        return writer;
    }

    private void account() {
        if (writer != null) {
            long written = writer.getEstimatedOnDiskBytesWritten();
            if (written > accounted) {
                settings.account().data(written - accounted);
                accounted = written;
            }
        }
    }

    /** Closes the current SSTable, if any. */
    void finish() {
        SSTableWriter finished = writer;
        if (finished == null) {
            return;
        }
        if (first == null || last == null) {
            abort();
            return;
        }
        finished.finish(false);
        writer = null;
        List<Path> files = files(finished.descriptor);
        long total = 0;
        long data = 0;
        for (Path file : files) {
            long size = size(file);
            total += size;
            data += file.getFileName().toString().endsWith("-" + Components.DATA) ? size : 0;
        }
        settings.account().data(data - accounted);
        settings.account().other(total - data);
        done.add(new OutputSSTable(
                group, name(finished.descriptor), files, token(first), token(last), partitions, rows));
        first = null;
        last = null;
        partitions = 0;
        rows = 0;
        accounted = 0;
    }

    List<OutputSSTable> done() {
        return done;
    }

    private static long token(DecoratedKey key) {
        return (Long) key.getToken().getTokenValue();
    }

    private static String name(Descriptor descriptor) {
        return descriptor.baseFile().name();
    }

    /** All components, TOC.txt last: whoever sees it sees the rest. */
    private static List<Path> files(Descriptor descriptor) {
        try (Stream<Path> all = Files.list(descriptor.directory.toPath())) {
            return all.filter(path -> path.getFileName().toString().startsWith(name(descriptor) + "-"))
                    .sorted(Comparator.<Path, Boolean>comparing(
                                    path -> path.getFileName().toString().endsWith(Components.TOC))
                            .thenComparing(Comparator.naturalOrder()))
                    .toList();
        } catch (IOException e) {
            throw ScratchDirectory.unusable(descriptor.directory.toPath(), e);
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw ScratchDirectory.unusable(file, e);
        }
    }

    private void abort() {
        if (writer != null) {
            writer.abort();
            writer = null;
        }
    }

    /** Deletes all that was written here, and nothing else that may lie in the directory. */
    void discard() {
        abort();
        for (Descriptor descriptor : started) {
            files(descriptor).forEach(ScratchDirectory::delete);
        }
        Path directory = settings.outputDirectory().resolve(group);
        if (!started.isEmpty() && isEmpty(directory)) {
            ScratchDirectory.delete(directory);
        }
    }

    private static boolean isEmpty(Path directory) {
        try (Stream<Path> all = Files.list(directory)) {
            return all.findAny().isEmpty();
        } catch (IOException e) {
            return false;
        }
    }

    /** Gives up an SSTable that was not finished. */
    @Override
    public void close() {
        abort();
    }

    private final class Counter extends Transformation<UnfilteredRowIterator> {
        private long rows;
        private int unlooked;

        @Override
        protected Row applyToRow(Row row) {
            rows++;
            look();
            return row;
        }

        @Override
        protected RangeTombstoneMarker applyToMarker(RangeTombstoneMarker marker) {
            look();
            return marker;
        }

        private void look() {
            if (++unlooked == ROWS_PER_LOOK) {
                unlooked = 0;
                account();
            }
        }
    }
}
