package dev.hindsight.agent;

import dev.hindsight.agent.api.WireNames;
import dev.hindsight.agent.node.LogFacts;
import dev.hindsight.agent.node.NodeControl;
import dev.hindsight.agent.node.NodeFacts;
import dev.hindsight.agent.node.StreamsSeen;
import dev.hindsight.model.failure.AlreadyExistsException;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.schema.TableName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/** A node that consists of its directories and does with them what Cassandra does. */
final class FakeNode implements NodeControl {
    final UUID hostId;
    final List<Path> dataDirectories;
    final Map<TableName, UUID> tables = new ConcurrentHashMap<>();
    volatile boolean up = true;
    volatile String clusterName = "fake";
    volatile String releaseVersion = "5.0.9";
    volatile long memtableBytes;
    volatile boolean refuseImports;
    volatile boolean stopInImport;
    volatile Duration importTakes = Duration.ZERO;
    volatile Optional<Long> lastTtl = Optional.empty();
    volatile Path commitLog = Path.of("no-commit-log");
    volatile long startedMillis;
    private int nextId = 100;

    FakeNode(UUID hostId, List<Path> dataDirectories) {
        this.hostId = hostId;
        this.dataDirectories = dataDirectories;
    }

    TableName table(String keyspace, String name) throws IOException {
        TableName table = new TableName(keyspace, name);
        UUID id = UUID.nameUUIDFromBytes((hostId + table.toString() + tables.size()).getBytes(StandardCharsets.UTF_8));
        tables.put(table, id);
        for (Path directory : directories(table)) {
            Files.createDirectories(directory);
        }
        return table;
    }

    String directoryName(TableName table) {
        return WireNames.directoryOf(table.table(), tables.getOrDefault(table, new UUID(0, 0)));
    }

    List<Path> directories(TableName table) {
        return dataDirectories.stream()
                .map(data -> data.resolve(table.keyspace()).resolve(directoryName(table)))
                .toList();
    }

    /** Writes a live SSTable with the given Data.db. */
    void sstable(TableName table, int dataDirectory, String descriptor, byte[] data) throws IOException {
        components(directories(table).get(dataDirectory), descriptor, data);
    }

    static void components(Path directory, String descriptor, byte[] data) throws IOException {
        Files.createDirectories(directory);
        CRC32 crc = new CRC32();
        crc.update(data);
        Files.write(directory.resolve(descriptor + "-Data.db"), data);
        Files.writeString(directory.resolve(descriptor + "-Digest.crc32"), Long.toString(crc.getValue()));
        Files.writeString(directory.resolve(descriptor + "-Index.db"), "index of " + descriptor);
        Files.writeString(directory.resolve(descriptor + "-Statistics.db"), "statistics of " + descriptor);
        Files.writeString(
                directory.resolve(descriptor + "-TOC.txt"),
                "Data.db\nDigest.crc32\nIndex.db\nStatistics.db\nTOC.txt\n");
    }

    private void requireUp() {
        if (!up) {
            throw new ClusterUnreachableException("the fake node is down", "set up");
        }
    }

    @Override
    public NodeFacts facts() {
        requireUp();
        return new NodeFacts(
                hostId,
                clusterName,
                releaseVersion,
                "NORMAL",
                "schema-1",
                dataDirectories,
                List.of("127.0.0.9"),
                List.of(),
                List.of(),
                List.of());
    }

    @Override
    public LogFacts log() {
        facts();
        return new LogFacts(commitLog, startedMillis);
    }

    @Override
    public StreamsSeen streams() {
        return new StreamsSeen(List.of(), List.of());
    }

    @Override
    public List<Path> tableDirectories(TableName table) {
        requireUp();
        if (!tables.containsKey(table)) {
            throw new NotFoundException("no table " + table, "create it");
        }
        return directories(table);
    }

    @Override
    public Set<String> liveTableDirectories(String keyspace) {
        requireUp();
        Set<String> out = new HashSet<>();
        tables.keySet().stream()
                .filter(table -> table.keyspace().equals(keyspace))
                .forEach(table -> out.add(directoryName(table)));
        return out;
    }

    @Override
    public long memtableBytes(Collection<TableName> names) {
        requireUp();
        return memtableBytes;
    }

    @Override
    public void takeSnapshot(String tag, Optional<Long> ttlSeconds, List<TableName> names) {
        requireUp();
        lastTtl = ttlSeconds;
        try {
            for (TableName table : names) {
                for (Path directory : tableDirectories(table)) {
                    link(directory, directory.resolve("snapshots").resolve(tag));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void link(Path directory, Path snapshot) throws IOException {
        if (Files.exists(snapshot)) {
            throw new AlreadyExistsException(snapshot + " exists", "choose another");
        }
        Files.createDirectories(snapshot);
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.createLink(snapshot.resolve(file.getFileName()), file);
            }
        }
        Files.writeString(snapshot.resolve("manifest.json"), "{}");
        Files.writeString(snapshot.resolve("schema.cql"), "CREATE TABLE");
    }

    @Override
    public void clearSnapshot(String tag) {
        requireUp();
        try {
            for (TableName table : tables.keySet()) {
                for (Path directory : directories(table)) {
                    Path snapshot = directory.resolve("snapshots").resolve(tag);
                    if (Files.exists(snapshot)) {
                        try (Stream<Path> files = Files.list(snapshot)) {
                            for (Path file : files.toList()) {
                                Files.delete(file);
                            }
                        }
                        Files.delete(snapshot);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized List<String> importSSTables(TableName table, Set<Path> directories) {
        requireUp();
        List<String> refused = new ArrayList<>();
        try {
            new CountDownLatch(1).await(importTakes.toMillis(), TimeUnit.MILLISECONDS);
            for (Path directory : directories) {
                if (refuseImports) {
                    refused.add(directory.toString());
                } else {
                    move(table, directory);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return refused;
    }

    private void move(TableName table, Path directory) throws IOException {
        Path target = directories(table).get(0);
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(path -> path.toString().endsWith("-Data.db"))
                    .sorted()
                    .toList()) {
                String old = WireNames.descriptorOf(String.valueOf(file.getFileName()));
                String fresh = "nb-" + nextId++ + "-big";
                try (Stream<Path> all = Files.list(directory)) {
                    for (Path component : all.filter(
                                    path -> String.valueOf(path.getFileName()).startsWith(old + "-"))
                            .toList()) {
                        Files.move(
                                component,
                                target.resolve(
                                        fresh + "-" + WireNames.componentOf(String.valueOf(component.getFileName()))));
                    }
                }
                if (stopInImport) {
                    up = false;
                    throw new dev.hindsight.model.failure.OutcomeUnknownException("killed", "start the node");
                }
            }
        }
    }

    @Override
    public void close() {}
}
