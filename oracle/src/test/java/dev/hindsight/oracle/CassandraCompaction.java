package dev.hindsight.oracle;

import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.apache.cassandra.db.ColumnFamilyStore;
import org.apache.cassandra.db.Keyspace;
import org.apache.cassandra.db.compaction.CompactionController;
import org.apache.cassandra.db.compaction.CompactionIterator;
import org.apache.cassandra.db.compaction.OperationType;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.dht.Murmur3Partitioner.LongToken;
import org.apache.cassandra.dht.Range;
import org.apache.cassandra.dht.Token;
import org.apache.cassandra.io.sstable.ISSTableScanner;
import org.apache.cassandra.io.sstable.format.SSTableReader;
import org.apache.cassandra.schema.KeyspaceMetadata;
import org.apache.cassandra.schema.KeyspaceParams;
import org.apache.cassandra.schema.Schema;
import org.apache.cassandra.schema.SchemaTransformations;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.schema.Tables;
import org.apache.cassandra.utils.TimeUUID;

/** What Cassandra's own compaction makes of the same SSTables: what the synthesiser is held against. */
final class CassandraCompaction {
    private CassandraCompaction() {}

    static ColumnFamilyStore store(TableMetadata table) {
        Keyspace.setInitialized();
        KeyspaceMetadata known = Schema.instance.getKeyspaceMetadata(table.keyspace);
        Tables tables = known == null ? Tables.none() : known.tables;
        if (tables.getNullable(table.name) == null) {
            Schema.instance.transform(SchemaTransformations.addKeyspace(
                    KeyspaceMetadata.create(table.keyspace, KeyspaceParams.simple(1), Tables.of(table)), true));
            if (known != null) {
                Schema.instance.transform(
                        schema -> schema.withAddedOrUpdated(known.withSwapped(known.tables.with(table))));
            }
        }
        ColumnFamilyStore store = Keyspace.openWithoutSSTables(table.keyspace).getColumnFamilyStore(table.name);
        store.disableAutoCompaction();
        return store;
    }

    static List<String> compact(
            TableMetadata table, Map<Path, TokenRanges> inputs, long nowEpochSeconds, long gcBeforeEpochSeconds) {
        ColumnFamilyStore store = store(table);
        List<SSTableReader> readers = new ArrayList<>();
        List<ISSTableScanner> scanners = new ArrayList<>();
        try {
            inputs.forEach((file, ranges) -> {
                SSTableReader reader = SSTables.open(table, file);
                readers.add(reader);
                scanners.add(reader.getScanner(ranges(ranges)));
            });
            List<String> out = new ArrayList<>();
            try (CompactionController controller =
                            new CompactionController(store, new HashSet<>(readers), gcBeforeEpochSeconds);
                    CompactionIterator compaction = new CompactionIterator(
                            OperationType.COMPACTION,
                            scanners,
                            controller,
                            nowEpochSeconds,
                            TimeUUID.Generator.nextTimeUUID())) {
                while (compaction.hasNext()) {
                    try (UnfilteredRowIterator partition = compaction.next()) {
                        SSTables.dump(partition, out);
                    }
                }
            }
            return out;
        } finally {
            scanners.forEach(ISSTableScanner::close);
            readers.forEach(reader -> reader.selfRef().release());
        }
    }

    private static List<Range<Token>> ranges(TokenRanges ranges) {
        List<Range<Token>> out = new ArrayList<>();
        for (TokenRange range : ranges) {
            // Cassandra's minimum token stands for both ends of the ring.
            Token end = new LongToken(range.end() == Long.MAX_VALUE ? Long.MIN_VALUE : range.end());
            out.add(new Range<>(new LongToken(range.start()), end));
        }
        return out;
    }
}
