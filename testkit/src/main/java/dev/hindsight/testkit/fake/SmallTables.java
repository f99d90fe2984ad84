package dev.hindsight.testkit.fake;

import dev.hindsight.model.ring.Replication;
import dev.hindsight.model.schema.TableName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.cassandra.config.Config;
import org.apache.cassandra.config.DatabaseDescriptor;
import org.apache.cassandra.config.DurationSpec;
import org.apache.cassandra.io.sstable.CQLSSTableWriter;
import org.apache.cassandra.utils.StorageCompatibilityMode;

/**
 * Real SSTables of two small tables, put into a {@link FakeCluster} so that its nodes differ: newer values, missing rows
 * and deletions on different nodes. Keyspace {@value #KEYSPACE}:
 *
 * <pre>
 *   plain     (k int PRIMARY KEY, v text)              rows k = 0..n-1
 *   clustered (p int, c int, s text static, v text)    10 partitions of 20 rows
 * </pre>
 *
 * Written by Cassandra's own {@code CQLSSTableWriter}; needs the JVM flags of Cassandra. One thread at a time in a process.
 */
public final class SmallTables {
    public static final String KEYSPACE = "small";
    public static final TableName PLAIN = new TableName(KEYSPACE, "plain");
    public static final TableName CLUSTERED = new TableName(KEYSPACE, "clustered");
    private static final String PLAIN_COLUMNS = "k int PRIMARY KEY, v text";
    private static final String CLUSTERED_COLUMNS = "p int, c int, s text static, v text, PRIMARY KEY (p, c)";
    private static final int PARTITIONS = 10;
    private static final int ROWS = 20;

    private final long seed;
    private final int rows;

    private SmallTables(long seed, int rows) {
        this.seed = seed;
        this.rows = rows;
    }

    /** @param rows of table {@code plain} */
    public static SmallTables of(long seed, int rows) {
        return new SmallTables(seed, rows);
    }

    /** Creates the keyspace and its tables, and writes every node's SSTables: all of every row, owned or not. */
    public void load(FakeCluster cluster, Replication replication) {
        configure();
        cluster.executeDdl("CREATE KEYSPACE " + KEYSPACE + " WITH replication = " + replication.asCql());
        cluster.executeDdl("CREATE TABLE " + PLAIN.asCql() + " (" + PLAIN_COLUMNS + ") WITH gc_grace_seconds = 864000");
        cluster.executeDdl(
                "CREATE TABLE " + CLUSTERED.asCql() + " (" + CLUSTERED_COLUMNS + ") WITH gc_grace_seconds = 864000");
        UUID plain = cluster.tableId(PLAIN).orElseThrow();
        UUID clustered = cluster.tableId(CLUSTERED).orElseThrow();
        List<DirectoryAgent> agents = cluster.agents();
        for (int node = 0; node < agents.size(); node++) {
            plain(agents.get(node).tableDirectory(PLAIN, plain), node);
            clustered(agents.get(node).tableDirectory(CLUSTERED, clustered), node);
        }
    }

    /** What {@code plain} holds once all nodes' copies are merged: value by key. */
    public Map<Integer, String> expectedPlain(int nodes) {
        Map<Integer, String> expected = new TreeMap<>();
        for (int k = 0; k < rows; k++) {
            if (nodes >= 3 && isDeleted(k)) {
                continue;
            }
            expected.put(k, nodes >= 2 && isNewer(k) ? "newer " + value(k) : value(k));
        }
        return expected;
    }

    private static boolean isNewer(int k) {
        return k % 10 == 0;
    }

    private static boolean isDeleted(int k) {
        return k % 10 == 3;
    }

    private void plain(Path directory, int node) {
        write(
                directory,
                PLAIN,
                PLAIN_COLUMNS,
                "INSERT INTO small.plain (k, v) VALUES (?, ?) USING TIMESTAMP ?",
                out -> {
                    for (int k = 0; k < rows; k++) {
                        if (node != 2 || k % 5 != 1) {
                            out.add(List.of(k, value(k), 1_000L));
                        }
                    }
                });
        if (node == 1) {
            write(
                    directory,
                    PLAIN,
                    PLAIN_COLUMNS,
                    "UPDATE small.plain USING TIMESTAMP ? SET v = ? WHERE k = ?",
                    out -> {
                        for (int k = 0; k < rows; k++) {
                            if (isNewer(k)) {
                                out.add(List.of(2_000L, "newer " + value(k), k));
                            }
                        }
                    });
        }
        if (node == 2) {
            write(directory, PLAIN, PLAIN_COLUMNS, "DELETE FROM small.plain USING TIMESTAMP ? WHERE k = ?", out -> {
                for (int k = 0; k < rows; k++) {
                    if (isDeleted(k)) {
                        out.add(List.of(3_000L, k));
                    }
                }
            });
        }
    }

    private void clustered(Path directory, int node) {
        write(
                directory,
                CLUSTERED,
                CLUSTERED_COLUMNS,
                "INSERT INTO small.clustered (p, c, s, v) VALUES (?, ?, ?, ?) USING TIMESTAMP ? AND TTL ?",
                out -> {
                    for (int p = 0; p < PARTITIONS; p++) {
                        for (int c = 0; c < ROWS; c++) {
                            if ((p + c) % 3 != node % 3) {
                                int ttl = c == 7 ? 400_000_000 : 0;
                                out.add(List.of(p, c, "static " + node, value(p * ROWS + c), 1_000L + node, ttl));
                            }
                        }
                    }
                });
        if (node == 1) {
            write(
                    directory,
                    CLUSTERED,
                    CLUSTERED_COLUMNS,
                    "DELETE FROM small.clustered USING TIMESTAMP ? WHERE p = ? AND c >= ? AND c < ?",
                    out -> {
                        for (int p = 0; p < PARTITIONS; p += 2) {
                            out.add(List.of(5_000L, p, 4, 6));
                        }
                    });
        }
    }

    private interface Rows {
        void into(List<List<Object>> rows);
    }

    private static void write(Path directory, TableName table, String columns, String statement, Rows source) {
        List<List<Object>> rows = new ArrayList<>();
        source.into(rows);
        try (CQLSSTableWriter writer = CQLSSTableWriter.builder()
                .inDirectory(directory.toString())
                .forTable("CREATE TABLE " + table.keyspace() + "." + table.table() + " (" + columns + ")")
                .using(statement)
                .build()) {
            for (List<Object> row : rows) {
                writer.addRow(row);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String value(int k) {
        SplittableRandom random = new SplittableRandom(seed + k);
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < 80; i++) {
            out.append((char) ('!' + random.nextInt(90)));
        }
        return out.toString();
    }

    /**
     * Configures Cassandra's classes for this process, once. The oracle does it in the same way, and accepts that somebody
     * did before.
     */
    public static synchronized void configure() {
        if (DatabaseDescriptor.isToolInitialized()) {
            return;
        }
        Path nowhere = temporary();
        Config.setOverrideLoadConfig(() -> {
            Config config = new Config();
            config.cluster_name = "hindsight";
            config.partitioner = "org.apache.cassandra.dht.Murmur3Partitioner";
            config.endpoint_snitch = "SimpleSnitch";
            config.storage_compatibility_mode = StorageCompatibilityMode.NONE;
            config.data_file_directories = new String[] {nowhere.resolve("data").toString()};
            config.commitlog_directory = nowhere.resolve("commitlog").toString();
            config.commitlog_sync = Config.CommitLogSync.periodic;
            config.commitlog_sync_period = new DurationSpec.IntMillisecondsBound("10s");
            config.hints_directory = nowhere.resolve("hints").toString();
            config.saved_caches_directory = nowhere.resolve("caches").toString();
            config.cdc_raw_directory = nowhere.resolve("cdc").toString();
            config.disk_access_mode = Config.DiskAccessMode.standard;
            config.file_cache_enabled = false;
            config.disk_failure_policy = Config.DiskFailurePolicy.ignore;
            config.drop_compact_storage_enabled = true;
            config.dynamic_data_masking_enabled = true;
            return config;
        });
        DatabaseDescriptor.toolInitialization(false);
    }

    // Cassandra's writer makes the directories that the configuration names.
    private static Path temporary() {
        try {
            Path directory = Files.createTempDirectory("hindsight-writer-");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> FileTrees.delete(directory), "delete-" + directory));
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
