package dev.hindsight.trials;

import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.TableName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.cassandra.cql3.statements.schema.CreateTableStatement;
import org.apache.cassandra.db.marshal.UTF8Type;
import org.apache.cassandra.db.partitions.UnfilteredPartitionIterator;
import org.apache.cassandra.db.partitions.UnfilteredPartitionIterators;
import org.apache.cassandra.db.rows.Cell;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.db.rows.Unfiltered;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.io.sstable.Descriptor;
import org.apache.cassandra.io.sstable.ISSTableScanner;
import org.apache.cassandra.io.sstable.format.SSTableReader;
import org.apache.cassandra.io.util.File;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.schema.TableMetadataRef;
import org.apache.cassandra.utils.ByteBufferUtil;

/**
 * What SSTables hold together, read and merged by Cassandra's own iterators: every row and deletion with its times, by
 * token. Equal for equal content, however many SSTables it is spread over. Cassandra's classes must be configured
 * already, as {@code SmallTables} does.
 */
record MergedRows(SortedMap<Long, List<String>> byToken) {
    private static final Map<String, String> COLUMNS = Map.of(
            "plain", "(k int PRIMARY KEY, v text)",
            "clustered", "(p int, c int, s text static, v text, PRIMARY KEY (p, c))");

    static final MergedRows NONE = new MergedRows(new TreeMap<>());

    static MergedRows of(TableName table, List<Path> dataFiles) {
        TableMetadata metadata = metadata(table);
        SortedMap<Long, List<String>> out = new TreeMap<>();
        merged(metadata, dataFiles, partition -> {
            List<String> rows = new ArrayList<>();
            rows.add(partition.partitionKey() + " " + partition.partitionLevelDeletion() + " "
                    + partition.staticRow().toString(metadata, true, true));
            while (partition.hasNext()) {
                Unfiltered next = partition.next();
                rows.add(next.toString(metadata, true, true));
            }
            out.put((Long) partition.partitionKey().getToken().getTokenValue(), rows);
        });
        return new MergedRows(out);
    }

    /** Live values of column {@code v} of table {@code plain}, by key. */
    static Map<Integer, String> plainValues(TableName table, List<Path> dataFiles) {
        TableMetadata metadata = metadata(table);
        Map<Integer, String> out = new TreeMap<>();
        merged(metadata, dataFiles, partition -> {
            while (partition.hasNext()) {
                Row row = (Row) partition.next();
                Cell<?> cell = row.getCell(metadata.getColumn(UTF8Type.instance.decompose("v")));
                if (cell != null && cell.isLive(0)) {
                    out.put(
                            ByteBufferUtil.toInt(partition.partitionKey().getKey()),
                            UTF8Type.instance.compose(cell.buffer()));
                }
            }
        });
        return out;
    }

    MergedRows within(TokenRanges ranges) {
        SortedMap<Long, List<String>> out = new TreeMap<>(byToken);
        out.keySet().removeIf(token -> !ranges.contains(token));
        return new MergedRows(out);
    }

    boolean isEmpty() {
        return byToken.isEmpty();
    }

    private interface Partitions {
        void take(UnfilteredRowIterator partition);
    }

    private static TableMetadata metadata(TableName table) {
        String columns = Optional.ofNullable(COLUMNS.get(table.table())).orElseThrow();
        return CreateTableStatement.parse(
                        "CREATE TABLE " + table.keyspace() + "." + table.table() + " " + columns, table.keyspace())
                .build();
    }

    private static void merged(TableMetadata metadata, List<Path> dataFiles, Partitions partitions) {
        List<SSTableReader> readers = new ArrayList<>();
        List<ISSTableScanner> scanners = new ArrayList<>();
        try {
            for (Path file : dataFiles) {
                SSTableReader reader = SSTableReader.openNoValidation(
                        null,
                        Descriptor.fromFileWithComponent(new File(file), metadata.keyspace, metadata.name).left,
                        TableMetadataRef.forOfflineTools(metadata));
                readers.add(reader);
                scanners.add(reader.getScanner());
            }
            if (!scanners.isEmpty()) {
                try (UnfilteredPartitionIterator all =
                        UnfilteredPartitionIterators.merge(scanners, UnfilteredPartitionIterators.MergeListener.NOOP)) {
                    while (all.hasNext()) {
                        try (UnfilteredRowIterator partition = all.next()) {
                            partitions.take(partition);
                        }
                    }
                }
            }
        } finally {
            scanners.forEach(ISSTableScanner::close);
            readers.forEach(reader -> reader.selfRef().release());
        }
    }
}
