package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.cassandra.db.SerializationHeader;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.io.sstable.Descriptor;
import org.apache.cassandra.io.sstable.ISSTableScanner;
import org.apache.cassandra.io.sstable.format.SSTableReader;
import org.apache.cassandra.schema.TableMetadata;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SSTableWriterTest {
    private static final long SEED = Long.getLong("test.seed", 20_260_117);

    @TempDir
    Path temp;

    @ParameterizedTest
    @EnumSource
    void writesByteByByteWhatCassandraWrites(Schemas schema) {
        CassandraRuntime.start();
        TableMetadata table = TableSchemas.parse(schema.definition());
        for (String version : List.of("nb", "oa")) {
            Random random = new Random(SEED + schema.ordinal());
            for (int round = 0; round < 4; round++) {
                Path directory = temp.resolve(version + round);
                Descriptor flushed =
                        flush(table, directory, random.nextLong(), 1 + random.nextInt(400), 1 + random.nextInt(3000));
                WrittenPair pair = rewrite(table, directory, version, flushed, 1 + random.nextInt(1000));
                pair.assertSame("seed " + SEED + " round " + round + " of " + version);
                assertThat(SSTables.dump(table, pair.data(pair.ours)))
                        .isEqualTo(SSTables.dump(table, Replicas.data(flushed)));
            }
        }
    }

    private static Descriptor flush(TableMetadata table, Path directory, long seed, int partitions, int writes) {
        RandomWrites random = new RandomWrites(table, seed, partitions);
        List<PartitionUpdate> updates = new ArrayList<>();
        for (int i = 0; i < writes; i++) {
            updates.add(random.next());
        }
        return SSTables.flush(table, directory.resolve("flushed"), "oa", 1, updates);
    }

    static WrittenPair rewrite(TableMetadata table, Path directory, String version, Descriptor from, long keys) {
        SSTableReader reader = SSTables.open(table, Replicas.data(from));
        try {
            SerializationHeader header = reader.header;
            return WrittenPair.write(table, directory, version, header, keys, to -> {
                try (ISSTableScanner scanner = reader.getScanner()) {
                    while (scanner.hasNext()) {
                        try (UnfilteredRowIterator partition = scanner.next()) {
                            to.accept(partition);
                        }
                    }
                }
            });
        } finally {
            reader.selfRef().release();
        }
    }
}
