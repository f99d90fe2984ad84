package dev.hindsight.oracle;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.cassandra.config.Config;
import org.apache.cassandra.config.DatabaseDescriptor;
import org.apache.cassandra.config.DurationSpec;
import org.apache.cassandra.config.ParameterizedClass;
import org.apache.cassandra.db.LivenessInfo;
import org.apache.cassandra.db.Mutation;
import org.apache.cassandra.db.commitlog.CommitLog;
import org.apache.cassandra.db.commitlog.CommitLogArchiver;
import org.apache.cassandra.db.commitlog.CommitLogDescriptor;
import org.apache.cassandra.db.commitlog.CommitLogReadHandler;
import org.apache.cassandra.db.commitlog.CommitLogReader;
import org.apache.cassandra.db.marshal.BytesType;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.db.rows.BTreeRow;
import org.apache.cassandra.db.rows.BufferCell;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.dht.Murmur3Partitioner;
import org.apache.cassandra.io.util.File;
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
        start(directory, StorageCompatibilityMode.valueOf(arguments[1]));
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
            read(directory.resolve(kind));
        }
        // Threads of the commit log do not end by themselves.
        Runtime.getRuntime().halt(0);
    }

    private static void start(Path directory, StorageCompatibilityMode mode) {
        Config.setOverrideLoadConfig(() -> {
            Config config = new Config();
            config.partitioner = Murmur3Partitioner.class.getName();
            config.endpoint_snitch = "SimpleSnitch";
            config.storage_compatibility_mode = mode;
            config.data_file_directories =
                    new String[] {directory.resolve("data").toString()};
            config.commitlog_directory = directory.resolve("commitlog").toString();
            config.commitlog_sync = Config.CommitLogSync.periodic;
            config.commitlog_sync_period = new DurationSpec.IntMillisecondsBound("10s");
            config.hints_directory = directory.resolve("hints").toString();
            config.saved_caches_directory = directory.resolve("caches").toString();
            config.cdc_raw_directory = directory.resolve("cdc").toString();
            config.drop_compact_storage_enabled = true;
            return config;
        });
        DatabaseDescriptor.toolInitialization(false);
    }

    private static void write(Path segments, String compressor, List<TableMetadata> tables, long seed, int mutations)
            throws Exception {
        DatabaseDescriptor.setCommitLogLocation(segments.toString());
        DatabaseDescriptor.setCommitLogCompression(
                compressor.isEmpty() ? null : new ParameterizedClass(compressor, Map.of()));
        DatabaseDescriptor.setCommitLogSegmentSize(1);
        DatabaseDescriptor.initializeCommitLogDiskAccessMode();
        Constructor<CommitLog> constructor = CommitLog.class.getDeclaredConstructor(CommitLogArchiver.class);
        constructor.setAccessible(true);
        CommitLog log = constructor.newInstance(CommitLogArchiver.disabled());
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

    private static void read(Path segments) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(segments)) {
            files = all.filter(file -> file.toString().endsWith(".log")).toList();
        }
        for (Path file : files) {
            List<String> out = new ArrayList<>();
            CommitLogReader reader = new CommitLogReader();
            reader.readCommitLogSegment(
                    new CommitLogReadHandler() {
                        @Override
                        public boolean shouldSkipSegmentOnError(CommitLogReadException e) throws IOException {
                            throw e;
                        }

                        @Override
                        public void handleUnrecoverableError(CommitLogReadException e) throws IOException {
                            throw e;
                        }

                        @Override
                        public void handleMutation(
                                Mutation mutation, int size, int entryLocation, CommitLogDescriptor descriptor) {
                            out.add("frame " + size + " to " + entryLocation);
                            MutationText.of(mutation, out);
                        }
                    },
                    new File(file),
                    false);
            if (!reader.getInvalidMutations().isEmpty()) {
                throw new IllegalStateException("mutations of unknown tables in " + file);
            }
            Files.write(Path.of(file + ".txt"), out);
        }
    }
}
