package dev.hindsight.oracle;

import dev.hindsight.model.schema.TableName;
import dev.hindsight.synthesis.TableDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.cassandra.config.Config;
import org.apache.cassandra.config.DatabaseDescriptor;
import org.apache.cassandra.config.DurationSpec;
import org.apache.cassandra.db.Mutation;
import org.apache.cassandra.db.commitlog.CommitLogDescriptor;
import org.apache.cassandra.db.commitlog.CommitLogReadHandler;
import org.apache.cassandra.db.commitlog.CommitLogReader;
import org.apache.cassandra.dht.Murmur3Partitioner;
import org.apache.cassandra.io.util.File;
import org.apache.cassandra.schema.KeyspaceMetadata;
import org.apache.cassandra.schema.KeyspaceParams;
import org.apache.cassandra.schema.Schema;
import org.apache.cassandra.schema.SchemaTransformations;
import org.apache.cassandra.schema.Tables;
import org.apache.cassandra.utils.StorageCompatibilityMode;

/**
 * A process of its own that writes, beside each commit-log segment of a directory, what Cassandra's own
 * {@code CommitLogReader} reads out of it. Arguments: directory, compatibility mode, keyspace. The directory has, for each
 * table of the keyspace, a file {@code TABLE.cql}, the types in {@code types}, and in {@code unknown} the ids of tables of
 * other keyspaces.
 */
final class CommitLogOracle {
    private CommitLogOracle() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        start(directory, StorageCompatibilityMode.valueOf(arguments[1]));
        List<String> types = List.of(Files.readString(directory.resolve("types")));
        Tables.Builder tables = Tables.builder();
        try (Stream<Path> all = Files.list(directory)) {
            for (Path file : all.filter(one -> one.toString().endsWith(".cql")).toList()) {
                String table = file.getName(file.getNameCount() - 1).toString().replace(".cql", "");
                tables.add(TableSchemas.parse(
                        new TableDefinition(new TableName(arguments[2], table), types, Files.readString(file))));
            }
        }
        Schema.instance.transform(SchemaTransformations.addKeyspace(
                KeyspaceMetadata.create(arguments[2], KeyspaceParams.simple(1), tables.build()), true));
        Set<UUID> unknown = new HashSet<>();
        Files.readAllLines(directory.resolve("unknown")).forEach(id -> unknown.add(UUID.fromString(id)));
        read(directory, unknown);
        Runtime.getRuntime().halt(0);
    }

    static void start(Path directory, StorageCompatibilityMode mode) {
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

    /** @param unknown ids of tables that may be missing from the schema */
    static void read(Path segments, Set<UUID> unknown) throws IOException {
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
            reader.getInvalidMutations().forEach(invalid -> {
                if (!unknown.contains(invalid.getKey().asUUID())) {
                    throw new IllegalStateException("mutations of unknown table " + invalid.getKey() + " in " + file);
                }
            });
            Files.write(Path.of(file + ".txt"), out);
        }
    }
}
