package dev.hindsight.oracle;

import dev.hindsight.model.failure.UnsupportedException;
import java.nio.file.Path;
import org.apache.cassandra.config.Config;
import org.apache.cassandra.config.DatabaseDescriptor;
import org.apache.cassandra.config.DurationSpec;
import org.apache.cassandra.dht.Murmur3Partitioner;
import org.apache.cassandra.utils.StorageCompatibilityMode;

/**
 * Cassandra's process-wide configuration, set once for the life of the JVM. No file is read or written: the configuration
 * is made here, with compatibility mode NONE so that {@code nb}, {@code oa} and {@code da} can all be read, and with
 * caches off so that tasks of different clusters share nothing.
 */
final class CassandraRuntime {
    private static boolean started;

    private CassandraRuntime() {}

    static synchronized void start() {
        if (started) {
            return;
        }
        Config.setOverrideLoadConfig(CassandraRuntime::configuration);
        DatabaseDescriptor.toolInitialization(false);
        StorageCompatibilityMode mode = DatabaseDescriptor.getStorageCompatibilityMode();
        if (mode != StorageCompatibilityMode.NONE
                || !(DatabaseDescriptor.getPartitioner() instanceof Murmur3Partitioner)) {
            throw new UnsupportedException(
                    "Cassandra's classes were configured in this process by somebody else, with compatibility mode "
                            + mode + " and " + DatabaseDescriptor.getPartitionerName(),
                    "run the synthesiser in a worker process of its own");
        }
        started = true;
    }

    /** Cassandra's directories: named but never created, since nothing of its storage engine is started. */
    static Path nowhere() {
        return Path.of(
                System.getProperty("java.io.tmpdir"),
                "hindsight-unused-" + ProcessHandle.current().pid());
    }

    private static Config configuration() {
        Path nowhere = nowhere();
        Config config = new Config();
        config.cluster_name = "hindsight";
        config.partitioner = Murmur3Partitioner.class.getName();
        config.endpoint_snitch = "SimpleSnitch";
        config.storage_compatibility_mode = StorageCompatibilityMode.NONE;
        config.data_file_directories = new String[] {nowhere.resolve("data").toString()};
        config.commitlog_directory = nowhere.resolve("commitlog").toString();
        config.commitlog_sync = Config.CommitLogSync.periodic;
        config.commitlog_sync_period = new DurationSpec.IntMillisecondsBound("10s");
        config.hints_directory = nowhere.resolve("hints").toString();
        config.saved_caches_directory = nowhere.resolve("caches").toString();
        config.cdc_raw_directory = nowhere.resolve("cdc").toString();
        // Standard reads: a mapped file that a failing disk truncates would end the process, a read throws.
        config.disk_access_mode = Config.DiskAccessMode.standard;
        config.file_cache_enabled = false;
        config.disk_failure_policy = Config.DiskFailurePolicy.ignore;
        // Whatever a source table was allowed to be, its DDL must parse here.
        config.drop_compact_storage_enabled = true;
        config.dynamic_data_masking_enabled = true;
        return config;
    }
}
