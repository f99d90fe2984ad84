package dev.hindsight.oracle;

import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.InputSSTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.cassandra.db.DecoratedKey;
import org.apache.cassandra.db.DeletionTime;
import org.apache.cassandra.db.LivenessInfo;
import org.apache.cassandra.db.SerializationHeader;
import org.apache.cassandra.db.commitlog.CommitLogPosition;
import org.apache.cassandra.db.commitlog.IntervalSet;
import org.apache.cassandra.db.compaction.OperationType;
import org.apache.cassandra.db.lifecycle.LifecycleNewTracker;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.db.rows.Cell;
import org.apache.cassandra.db.rows.ColumnData;
import org.apache.cassandra.db.rows.ComplexColumnData;
import org.apache.cassandra.db.rows.EncodingStats;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.db.rows.Unfiltered;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.io.sstable.Descriptor;
import org.apache.cassandra.io.sstable.ISSTableScanner;
import org.apache.cassandra.io.sstable.SSTable;
import org.apache.cassandra.io.sstable.SequenceBasedSSTableId;
import org.apache.cassandra.io.sstable.format.SSTableReader;
import org.apache.cassandra.io.sstable.format.SSTableWriter;
import org.apache.cassandra.io.sstable.format.Version;
import org.apache.cassandra.io.sstable.format.big.BigTableWriter;
import org.apache.cassandra.io.sstable.format.bti.BtiTableWriter;
import org.apache.cassandra.io.sstable.metadata.MetadataCollector;
import org.apache.cassandra.io.util.File;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.schema.TableMetadataRef;
import org.apache.cassandra.utils.ByteBufferUtil;

/** Writes SSTables as a node's flush would, and reads them as a node would. */
final class SSTables {
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

    private SSTables() {}

    /** One flush: all updates, merged by partition, in one SSTable with a node's host id and commit-log interval. */
    static Descriptor flush(
            TableMetadata table, Path directory, String version, int id, Collection<PartitionUpdate> updates) {
        Map<DecoratedKey, List<PartitionUpdate>> byKey = new TreeMap<>();
        for (PartitionUpdate update : updates) {
            byKey.computeIfAbsent(update.partitionKey(), key -> new ArrayList<>())
                    .add(update);
        }
        EncodingStats.Collector minima = new EncodingStats.Collector();
        for (PartitionUpdate update : updates) {
            minima.updateTimestamp(update.stats().minTimestamp);
            minima.updateLocalDeletionTime(update.stats().minLocalDeletionTime);
            minima.updateTTL(update.stats().minTTL);
        }
        SerializationHeader header =
                new SerializationHeader(true, table, table.regularAndStaticColumns(), minima.get());
        SSTableWriter writer = writer(table, directory, version, id, header, byKey.size());
        for (List<PartitionUpdate> ofKey : byKey.values()) {
            try (UnfilteredRowIterator partition = PartitionUpdate.merge(ofKey).unfilteredIterator()) {
                writer.append(partition);
            }
        }
        writer.finish(false);
        return writer.descriptor;
    }

    static SSTableWriter writer(
            TableMetadata table, Path directory, String version, int id, SerializationHeader header, int keys) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        boolean big = !version.equals("da");
        Version format = InputFetcher.version(
                new InputSSTable("test", version + "-" + id + (big ? "-big" : "-bti"), Map.of(), TokenRanges.FULL));
        Descriptor descriptor =
                new Descriptor(format, new File(directory), table.keyspace, table.name, new SequenceBasedSSTableId(id));
        MetadataCollector statistics = new MetadataCollector(table.comparator, new UUID(7, id))
                .commitLogIntervals(new IntervalSet<>(new CommitLogPosition(id, 10), new CommitLogPosition(id + 1, 20)))
                .sstableLevel(3);
        return (big ? new BigTableWriter.Builder(descriptor) : new BtiTableWriter.Builder(descriptor))
                .setTableMetadataRef(TableMetadataRef.forOfflineTools(table))
                .setKeyCount(keys)
                .setRepairedAt(1_700_000_000_000L)
                .setSerializationHeader(header)
                .setMetadataCollector(statistics)
                .addDefaultComponents(List.of())
                .build(UNTRACKED, null);
    }

    static InputSSTable input(String origin, Descriptor descriptor, TokenRanges ranges) {
        String prefix = descriptor.baseFile().name();
        Map<String, ByteSource> components = new HashMap<>();
        try (Stream<Path> files = Files.list(descriptor.directory.toPath())) {
            files.filter(file -> file.getFileName().toString().startsWith(prefix + "-"))
                    .forEach(file -> components.put(
                            file.getFileName().toString().substring(prefix.length() + 1), new FileSource(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new InputSSTable(origin, prefix, components, ranges);
    }

    static SSTableReader open(TableMetadata table, Path dataFile) {
        return SSTableReader.openNoValidation(
                null,
                Descriptor.fromFileWithComponent(new File(dataFile), table.keyspace, table.name).left,
                TableMetadataRef.forOfflineTools(table));
    }

    /** Every unfiltered as text, with timestamps, TTLs and deletion times. */
    static List<String> dump(TableMetadata table, Path dataFile) {
        SSTableReader reader = open(table, dataFile);
        try (ISSTableScanner scanner = reader.getScanner()) {
            List<String> out = new ArrayList<>();
            while (scanner.hasNext()) {
                try (UnfilteredRowIterator partition = scanner.next()) {
                    dump(partition, out);
                }
            }
            return out;
        } finally {
            reader.selfRef().release();
        }
    }

    private static final String BEHIND_PLACE = " :: ";

    /** The rows alone, static ones too, each behind its {@link #place}. */
    static List<String> rows(TableMetadata table, Path dataFile) {
        SSTableReader reader = open(table, dataFile);
        try (ISSTableScanner scanner = reader.getScanner()) {
            List<String> out = new ArrayList<>();
            while (scanner.hasNext()) {
                try (UnfilteredRowIterator partition = scanner.next()) {
                    String key = partition.partitionKey().toString();
                    if (!partition.staticRow().isEmpty()) {
                        out.add(key + " static" + BEHIND_PLACE + row(partition.staticRow()));
                    }
                    while (partition.hasNext()) {
                        if (partition.next() instanceof Row next) {
                            out.add(key + " " + next.clustering().toString(table) + BEHIND_PLACE + row(next));
                        }
                    }
                }
            }
            return out;
        } finally {
            reader.selfRef().release();
        }
    }

    /** Key and clustering of a line of {@link #rows}. */
    static String place(String line) {
        return line.substring(0, line.lastIndexOf(BEHIND_PLACE));
    }

    /** Returns how many rows there were. */
    static long dump(UnfilteredRowIterator partition, List<String> out) {
        long rows = 0;
        TableMetadata table = partition.metadata();
        String key = partition.partitionKey().toString();
        out.add(key + deletion(partition.partitionLevelDeletion()) + row(partition.staticRow()));
        while (partition.hasNext()) {
            Unfiltered next = partition.next();
            rows += next.isRow() ? 1 : 0;
            out.add(key + " "
                    + (next.isRow()
                            ? next.clustering().toString(table) + row((Row) next)
                            : next.toString(table, true, true)));
        }
        return rows;
    }

    private static String deletion(DeletionTime deletion) {
        return deletion.isLive() ? "" : " deleted " + deletion.markedForDeleteAt() + "/" + deletion.localDeletionTime();
    }

    private static String row(Row row) {
        StringBuilder out = new StringBuilder(row.deletion().isShadowable() ? " shadowable" : "")
                .append(deletion(row.deletion().time()));
        LivenessInfo info = row.primaryKeyLivenessInfo();
        if (!info.isEmpty()) {
            out.append(" live ")
                    .append(info.timestamp())
                    .append('/')
                    .append(info.ttl())
                    .append('/')
                    .append(info.localExpirationTime());
        }
        for (ColumnData data : row) {
            out.append(' ').append(data.column().name);
            if (data instanceof ComplexColumnData complex) {
                out.append(deletion(complex.complexDeletion()));
                complex.forEach(cell -> cell(cell, out));
            } else {
                cell((Cell<?>) data, out);
            }
        }
        return out.toString();
    }

    private static void cell(Cell<?> cell, StringBuilder out) {
        if (cell.path() != null) {
            out.append('[')
                    .append(ByteBufferUtil.bytesToHex(cell.path().get(0)))
                    .append(']');
        }
        out.append('=').append(ByteBufferUtil.bytesToHex(cell.buffer()));
        out.append('@').append(cell.timestamp());
        if (cell.localDeletionTime() != Cell.NO_DELETION_TIME) {
            out.append('/').append(cell.ttl()).append('/').append(cell.localDeletionTime());
        }
    }
}
