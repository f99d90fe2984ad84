package dev.hindsight.oracle;

import dev.hindsight.model.SuppressForbidden;
import java.lang.reflect.Constructor;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.cassandra.config.DatabaseDescriptor;
import org.apache.cassandra.config.ParameterizedClass;
import org.apache.cassandra.db.LivenessInfo;
import org.apache.cassandra.db.Mutation;
import org.apache.cassandra.db.commitlog.CommitLog;
import org.apache.cassandra.db.commitlog.CommitLogArchiver;
import org.apache.cassandra.db.marshal.BytesType;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.db.rows.BTreeRow;
import org.apache.cassandra.db.rows.BufferCell;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.schema.KeyspaceMetadata;
import org.apache.cassandra.schema.KeyspaceParams;
import org.apache.cassandra.schema.Schema;
import org.apache.cassandra.schema.SchemaTransformations;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.schema.Tables;
import org.apache.cassandra.utils.StorageCompatibilityMode;

/**
 * A process of its own that writes commit logs with Cassandra's own {@code CommitLog}, one directory per kind, and beside
 * each segment what Cassandra's own {@code CommitLogReader} reads out of it. Arguments: directory, compatibility mode, seed,
 * mutations per directory.
 */
final class CommitLogMaker {
    /** Directories by the compressor that they are written with. */
    static final Map<String, String> KINDS = new LinkedHashMap<>();

    static {
        KINDS.put("plain", "");
        KINDS.put("lz4", "LZ4Compressor");
        KINDS.put("snappy", "SnappyCompressor");
        KINDS.put("deflate", "DeflateCompressor");
        KINDS.put("zstd", "ZstdCompressor");
    }

    private CommitLogMaker() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        CommitLogOracle.start(directory, StorageCompatibilityMode.valueOf(arguments[1]));
        long seed = Long.parseLong(arguments[2]);
        int mutations = Integer.parseInt(arguments[3]);
        List<TableMetadata> tables =
                CommitLogTables.written().stream().map(TableSchemas::parse).toList();
        for (Map.Entry<String, String> kind : KINDS.entrySet()) {
            Path segments = Files.createDirectories(directory.resolve(kind.getKey()));
            write(segments, kind.getValue(), tables, seed++, mutations);
        }
        List<TableMetadata> now =
                CommitLogTables.read().stream().map(TableSchemas::parse).toList();
        Schema.instance.transform(SchemaTransformations.addKeyspace(
                KeyspaceMetadata.create("ks", KeyspaceParams.simple(1), Tables.of(now)), true));
        for (String kind : KINDS.keySet()) {
            CommitLogOracle.read(directory.resolve(kind), Set.of());
        }
        // Threads of the commit log do not end by themselves.
        Runtime.getRuntime().halt(0);
    }

    private static void write(Path segments, String compressor, List<TableMetadata> tables, long seed, int mutations)
            throws Exception {
        DatabaseDescriptor.setCommitLogLocation(segments.toString());
        DatabaseDescriptor.setCommitLogCompression(
                compressor.isEmpty() ? null : new ParameterizedClass(compressor, Map.of()));
        DatabaseDescriptor.setCommitLogSegmentSize(1);
        DatabaseDescriptor.initializeCommitLogDiskAccessMode();
        CommitLog log = commitLog();
        log.start();
        Random random = new Random(seed);
        List<RandomWrites> writes = new ArrayList<>();
        for (TableMetadata table : tables) {
            writes.add(new RandomWrites(table, random.nextLong(), 40));
        }
        for (int i = 0; i < mutations; i++) {
            log.add(mutation(random, tables, writes));
            if (random.nextInt(mutations / 40) == 0) {
                log.sync(true);
            }
        }
        log.shutdownBlocking();
    }

    @SuppressForbidden(reason = "a node makes its one commit log once, here one is needed for each kind")
    private static CommitLog commitLog() throws ReflectiveOperationException {
        Constructor<CommitLog> constructor = CommitLog.class.getDeclaredConstructor(CommitLogArchiver.class);
        constructor.setAccessible(true);
        return constructor.newInstance(CommitLogArchiver.disabled());
    }

    private static Mutation mutation(Random random, List<TableMetadata> tables, List<RandomWrites> writes) {
        if (random.nextInt(200) == 0) {
            return new Mutation(large(tables.get(tables.size() - 2), random));
        }
        PartitionUpdate update = writes.get(random.nextInt(writes.size())).next();
        if (update.metadata().partitionKeyType != tables.get(0).partitionKeyType || random.nextBoolean()) {
            return new Mutation(update);
        }
        // Several tables in one mutation, as batches of one partition make them.
        Mutation.PartitionUpdateCollector several = new Mutation.PartitionUpdateCollector("ks", update.partitionKey());
        several.add(update);
        for (TableMetadata table : tables) {
            if (table.partitionKeyType == tables.get(0).partitionKeyType && table.id != update.metadata().id) {
                several.add(PartitionUpdate.fullPartitionDelete(
                        table, update.partitionKey(), random.nextInt(100), RandomWrites.NOW + random.nextInt(100)));
            }
        }
        return several.build();
    }

    private static PartitionUpdate large(TableMetadata table, Random random) {
        byte[] value = new byte[random.nextInt(400_000)];
        random.nextBytes(value);
        Row.Builder row = BTreeRow.unsortedBuilder();
        row.newRow(org.apache.cassandra.db.Clustering.EMPTY);
        row.addPrimaryKeyLivenessInfo(LivenessInfo.create(random.nextInt(), 0, 0));
        table.regularColumns().forEach(column -> {
            if (column.type == BytesType.instance) {
                row.addCell(BufferCell.live(column, random.nextLong() >>> 8, ByteBuffer.wrap(value)));
            }
        });
        return PartitionUpdate.singleRowUpdate(
                table, table.partitioner.decorateKey(ByteBuffer.allocate(4).putInt(0, random.nextInt(9))), row.build());
    }
}
