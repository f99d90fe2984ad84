package dev.hindsight.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One node's directory: {@code conf}, {@code log}, {@code data0..n} and Cassandra's others.
 *
 * @param jmxPort on 127.0.0.1
 * @param seeds the nodes of the first start are all seeds: a seed does not fail when no other answers its shadow round,
 *     so all may start at once, and any may come back while others still hold a dead connection to it
 * @param bootstrap whether the node streams its ranges from others when it first starts
 * @param replaces address of the dead node whose place and tokens it takes when it first starts
 */
record NodeFiles(
        Path directory,
        RingShape shape,
        String clusterName,
        String address,
        int jmxPort,
        List<String> seeds,
        RingShape.Place place,
        List<Long> tokens,
        boolean bootstrap,
        Optional<String> replaces) {
    static final int STORAGE_PORT = 7000;
    static final int NATIVE_PORT = 9042;

    NodeFiles {
        seeds = List.copyOf(seeds);
        tokens = List.copyOf(tokens);
    }

    Path configuration() {
        return directory.resolve("conf");
    }

    Path yaml() {
        return configuration().resolve("cassandra.yaml");
    }

    Path systemLog() {
        return directory.resolve("log").resolve("system.log");
    }

    Path output() {
        return directory.resolve("log").resolve("stdout.log");
    }

    List<Path> dataDirectories() {
        return IntStream.range(0, shape.dataDirectories())
                .mapToObj(i -> directory.resolve("data" + i))
                .toList();
    }

    void write() throws IOException {
        Files.createDirectories(configuration());
        Files.createDirectories(directory.resolve("log"));
        Files.write(yaml(), yamlLines());
        Files.writeString(
                configuration().resolve("cassandra-rackdc.properties"),
                "dc=" + place.datacenter() + "\nrack=" + place.rack() + "\n");
        Files.writeString(configuration().resolve("logback.xml"), String.format(Locale.ROOT, """
                <configuration scan="false"><appender name="F" class="ch.qos.logback.core.FileAppender">
                <file>%s</file><encoder><pattern>%%-5level [%%thread] %%date{ISO8601} %%F:%%L - %%msg%%n</pattern></encoder>
                </appender><root level="INFO"><appender-ref ref="F"/></root></configuration>
                """, systemLog()));
        Files.writeString(configuration().resolve("logback-tools.xml"), """
                <configuration><appender name="E" class="ch.qos.logback.core.ConsoleAppender"><target>System.err</target>
                <encoder><pattern>%-5level %msg%n</pattern></encoder></appender>
                <root level="WARN"><appender-ref ref="E"/></root></configuration>
                """);
    }

    private List<String> yamlLines() {
        List<String> lines = new ArrayList<>(List.of(
                "cluster_name: " + clusterName,
                "partitioner: org.apache.cassandra.dht.Murmur3Partitioner",
                "num_tokens: " + tokens.size(),
                "initial_token: " + tokens.stream().map(String::valueOf).collect(Collectors.joining(",")),
                "auto_bootstrap: " + bootstrap,
                "listen_address: " + address,
                "rpc_address: " + address,
                "storage_port: " + STORAGE_PORT,
                "native_transport_port: " + NATIVE_PORT,
                "endpoint_snitch: GossipingPropertyFileSnitch",
                "dynamic_snitch: false",
                "seed_provider:",
                "  - class_name: org.apache.cassandra.locator.SimpleSeedProvider",
                "    parameters:",
                "      - seeds: \"" + String.join(",", seeds) + "\"",
                "data_file_directories: "
                        + dataDirectories().stream().map(Path::toString).collect(Collectors.joining(", ", "[", "]")),
                "commitlog_directory: " + directory.resolve("commitlog"),
                "saved_caches_directory: " + directory.resolve("saved_caches"),
                "hints_directory: " + directory.resolve("hints"),
                "cdc_raw_directory: " + directory.resolve("cdc_raw"),
                shape.commitLogBatch()
                        ? "commitlog_sync: batch"
                        : "commitlog_sync: periodic\ncommitlog_sync_period: 500ms",
                "commitlog_segment_size: 4MiB",
                "commitlog_total_space: 64MiB",
                "cdc_enabled: " + shape.cdc(),
                "incremental_backups: " + shape.incrementalBackups(),
                "auto_snapshot: false",
                "hinted_handoff_enabled: " + shape.hintedHandoff()));
        if (shape.home().isSinceFive()) {
            lines.addAll(List.of(
                    "storage_compatibility_mode: " + shape.compatibility(),
                    "sstable:",
                    "  selected_format: " + shape.format()));
        }
        lines.addAll(SMALL_MACHINE);
        lines.addAll(shape.extraYaml());
        return lines;
    }

    // Small buffers and few threads, no throttles, and timeouts that a busy two-core machine does not reach; but a node
    // whose connection was refused tries again only after half of the smallest of them, so one stays small.
    private static final List<String> SMALL_MACHINE = List.of(
            "memtable_heap_space: 32MiB",
            "memtable_offheap_space: 32MiB",
            "concurrent_reads: 4",
            "concurrent_writes: 8",
            "concurrent_counter_writes: 4",
            "concurrent_compactors: 1",
            "native_transport_max_threads: 8",
            "key_cache_size: 2MiB",
            "networking_cache_size: 16MiB",
            "file_cache_size: 32MiB",
            "compaction_throughput: 0MiB/s",
            "stream_throughput_outbound: 0MiB/s",
            "internode_compression: none",
            "user_defined_functions_enabled: true",
            "materialized_views_enabled: true",
            "read_request_timeout: 30s",
            "range_request_timeout: 60s",
            "write_request_timeout: 12s",
            "counter_write_request_timeout: 15s",
            "cas_contention_timeout: 30s",
            "truncate_request_timeout: 60s",
            "request_timeout: 2s");
}
