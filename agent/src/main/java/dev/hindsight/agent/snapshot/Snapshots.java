package dev.hindsight.agent.snapshot;

import dev.hindsight.agent.api.SnapshotFile;
import dev.hindsight.agent.api.SnapshotListing;
import dev.hindsight.agent.api.SnapshotRequest;
import dev.hindsight.agent.api.SnapshotResult;
import dev.hindsight.agent.api.TableSize;
import dev.hindsight.agent.api.WireNames;
import dev.hindsight.agent.config.AgentConfig;
import dev.hindsight.agent.node.GuardedNode;
import dev.hindsight.agent.node.NodeControl;
import dev.hindsight.agent.node.NodeFacts;
import dev.hindsight.agent.snapshot.SnapshotTree.SnapshotDirectory;
import dev.hindsight.agent.stream.Throttle;
import dev.hindsight.model.failure.AlreadyExistsException;
import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.model.units.ByteSize;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes, lists and clears snapshots. Listing and clearing work on the directories and so also while the node is down. */
public final class Snapshots {
    private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);

    /** Cassandra refuses less ({@code cassandra.snapshot.min_allowed_ttl_seconds}). */
    private static final long MIN_TTL_SECONDS = 60;

    private final GuardedNode node;
    private final AgentConfig.Limits limits;
    private final Checksums checksums;
    private final Clock clock;

    public Snapshots(GuardedNode node, AgentConfig.Limits limits, Throttle throttle, Clock clock) {
        this.node = node;
        this.limits = limits;
        this.checksums = new Checksums(throttle);
        this.clock = clock;
    }

    /** Refused before anything happens when a disk would be left with less than the limit. */
    public SnapshotResult take(SnapshotRequest request) {
        WireNames.tag(request.tag());
        if (request.tables().isEmpty()) {
            throw new UsageException("snapshot " + request.tag() + " names no table", "name the tables");
        }
        for (TableName table : request.tables()) {
            WireNames.keyspace(table.keyspace());
            WireNames.table(table.table());
        }
        if (request.ttlSeconds().isPresent() && request.ttlSeconds().get() < MIN_TTL_SECONDS) {
            throw new UsageException(
                    "snapshot ttl is " + request.ttlSeconds().get() + " s, Cassandra takes " + MIN_TTL_SECONDS
                            + " s or more",
                    "use a longer ttl");
        }
        NodeControl control = node.control();
        NodeFacts facts = node.facts();
        if (!tree().ofTag(request.tag()).isEmpty()) {
            throw new AlreadyExistsException(
                    "snapshot " + request.tag() + " exists on node " + facts.hostId(),
                    "choose another tag, or clear it");
        }
        checkSpace(request.tag(), control.memtableBytes(request.tables()));
        Optional<Long> ttl = facts.snapshotTtlSupported() ? request.ttlSeconds() : Optional.empty();
        Instant started = clock.instant();
        control.takeSnapshot(request.tag(), ttl, request.tables());
        Instant finished = clock.instant();
        LOG.info(
                "snapshot taken tag={} tables={} ttlSeconds={} millis={}",
                request.tag(),
                request.tables().size(),
                ttl.map(String::valueOf).orElse("none"),
                finished.toEpochMilli() - started.toEpochMilli());
        return new SnapshotResult(facts.hostId(), request.tag(), started, finished);
    }

    private void checkSpace(String tag, long flushBytes) {
        for (Path directory : node.dataDirectories()) {
            try {
                long usable = Files.getFileStore(directory).getUsableSpace();
                if (usable - flushBytes < limits.minFreeBytes()) {
                    throw new CapacityException(
                            "snapshot " + tag + " refused: " + directory + " has " + ByteSize.format(usable)
                                    + " free, the flush may write " + ByteSize.format(flushBytes) + ", and "
                                    + ByteSize.format(limits.minFreeBytes()) + " must stay free",
                            "free space on the node, clear old snapshots, or lower 'limits.min-free' in agent.yaml");
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    public List<String> tags(String prefix) {
        return tree().tags(prefix);
    }

    /** By Cassandra where it runs, so that it forgets the snapshot's ttl as well; what is left then by directory. */
    public void clear(String tag) {
        WireNames.tag(tag);
        if (tree().ofTag(tag).isEmpty()) {
            return;
        }
        boolean up = node.factsIfUp().isPresent();
        if (up) {
            node.control().clearSnapshot(tag);
        }
        int left = tree().remove(tag);
        LOG.info("snapshot cleared tag={} nodeUp={} directoriesRemovedByAgent={}", tag, up, left);
    }

    /** The file's path, or why it is not served. */
    public Path file(SnapshotFile file) {
        return tree().file(file);
    }

    /** Takes a listing piece by piece, so that memory holds one SSTable at a time. */
    public interface Sink {
        /** Followed by at least one SSTable. */
        void table(TableName name, UUID tableId, String directory) throws IOException;

        void sstable(SnapshotListing.SSTable sstable) throws IOException;

        /** The table has no more. */
        void end() throws IOException;
    }

    /**
     * @throws NotFoundException no table has this tag
     */
    public Listing open(String tag) {
        List<SnapshotDirectory> directories = tree().ofTag(tag);
        if (directories.isEmpty()) {
            throw new NotFoundException(
                    "snapshot " + tag + " is not on this node", "it was never taken here, has expired or been cleared");
        }
        Map<String, List<SnapshotDirectory>> byTable = new TreeMap<>();
        for (SnapshotDirectory directory : directories) {
            byTable.computeIfAbsent(directory.keyspace() + "/" + directory.table(), key -> new ArrayList<>())
                    .add(directory);
        }
        return new Listing(byTable, false);
    }

    /** The live SSTables of these keyspaces' tables. What goes away or is being written meanwhile may be left out. */
    public Listing live(Collection<String> keyspaces) {
        Map<String, List<SnapshotDirectory>> byTable = new TreeMap<>();
        for (SnapshotDirectory table : liveTables(keyspaces)) {
            byTable.computeIfAbsent(table.keyspace() + "/" + table.table(), key -> new ArrayList<>())
                    .add(table);
        }
        return new Listing(byTable, true);
    }

    /** Found SSTables, ready to be walked once. */
    public final class Listing {
        private final Map<String, List<SnapshotDirectory>> byTable;
        private final boolean live;

        private Listing(Map<String, List<SnapshotDirectory>> byTable, boolean live) {
            this.byTable = byTable;
            this.live = live;
        }

        /** Empty for a live one that is not whole. */
        private Optional<List<SnapshotListing.Component>> components(Map<String, Path> files) throws IOException {
            if (!live) {
                return Optional.of(Snapshots.this.components(files, checksums.of(files)));
            }
            // Written last, when an SSTable is done.
            if (!files.containsKey("Data.db") || !files.containsKey("TOC.txt")) {
                return Optional.empty();
            }
            try {
                return Optional.of(Snapshots.this.components(files, checksums.written(files)));
            } catch (NoSuchFileException e) {
                // Compacted away since the directory was read.
                return Optional.empty();
            }
        }

        public void forEach(Sink sink) throws IOException {
            for (List<SnapshotDirectory> directories : byTable.values()) {
                boolean begun = false;
                for (SnapshotDirectory directory : directories) {
                    for (Map.Entry<String, Map<String, Path>> found :
                            sstables(directory.path()).entrySet()) {
                        Optional<List<SnapshotListing.Component>> components = components(found.getValue());
                        if (components.isEmpty()) {
                            continue;
                        }
                        if (!begun) {
                            begun = true;
                            sink.table(
                                    new TableName(directory.keyspace(), WireNames.tableOfDirectory(directory.table())),
                                    WireNames.idOfDirectory(directory.table()),
                                    directory.table());
                        }
                        sink.sstable(new SnapshotListing.SSTable(
                                directory.dataDirectory(), found.getKey(), components.get()));
                    }
                }
                if (begun) {
                    sink.end();
                }
            }
        }
    }

    /** Files by descriptor and component. */
    private static Map<String, Map<String, Path>> sstables(Path directory) {
        Map<String, Map<String, Path>> out = new TreeMap<>();
        for (Path file : components(directory)) {
            String name = SnapshotTree.name(file);
            out.computeIfAbsent(WireNames.descriptorOf(name), key -> new TreeMap<>())
                    .put(WireNames.componentOf(name), file);
        }
        return out;
    }

    private List<SnapshotListing.Component> components(Map<String, Path> files, Map<String, String> sums)
            throws IOException {
        List<SnapshotListing.Component> out = new ArrayList<>();
        for (Map.Entry<String, Path> file : files.entrySet()) {
            out.add(new SnapshotListing.Component(
                    file.getKey(), Files.size(file.getValue()), sums.getOrDefault(file.getKey(), "")));
        }
        return out;
    }

    /** Sizes of live files, which a compaction may be changing meanwhile, and of memtables where the node is up. */
    public List<TableSize> sizes(Collection<String> keyspaces) {
        Map<String, TableSize> out = new TreeMap<>();
        for (SnapshotDirectory table : liveTables(keyspaces)) {
            out.merge(table.keyspace() + "/" + table.table(), size(table), Snapshots::sum);
        }
        boolean up = node.factsIfUp().isPresent();
        return out.values().stream().map(size -> up ? withMemtable(size) : size).toList();
    }

    /** Directories of tables that exist; of all that there are while the node is down. */
    private List<SnapshotDirectory> liveTables(Collection<String> keyspaces) {
        keyspaces.forEach(WireNames::keyspace);
        Set<String> wanted = new HashSet<>(keyspaces);
        Map<String, Set<String>> live = new HashMap<>();
        if (node.factsIfUp().isPresent()) {
            wanted.forEach(keyspace -> live.put(keyspace, node.control().liveTableDirectories(keyspace)));
        }
        return tree().tables(wanted::contains).stream()
                .filter(table -> !live.containsKey(table.keyspace())
                        || live.get(table.keyspace()).contains(table.table()))
                .toList();
    }

    private TableSize withMemtable(TableSize size) {
        try {
            long unflushed = node.control().memtableBytes(List.of(size.table()));
            return new TableSize(
                    size.table(), size.tableId(), size.sstables(), size.dataBytes(), size.componentBytes() + unflushed);
        } catch (NotFoundException e) {
            // Dropped since its directory was found live.
            return size;
        }
    }

    private static TableSize size(SnapshotDirectory table) {
        int sstables = 0;
        long data = 0;
        long all = 0;
        for (Path file : components(table.path())) {
            try {
                long bytes = Files.size(file);
                all += bytes;
                if (WireNames.componentOf(SnapshotTree.name(file)).equals("Data.db")) {
                    sstables++;
                    data += bytes;
                }
            } catch (NoSuchFileException e) {
                // Compacted away since the directory was read.
                continue;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return new TableSize(
                new TableName(table.keyspace(), WireNames.tableOfDirectory(table.table())),
                WireNames.idOfDirectory(table.table()),
                sstables,
                data,
                all);
    }

    private static TableSize sum(TableSize a, TableSize b) {
        return new TableSize(
                a.table(),
                a.tableId(),
                a.sstables() + b.sstables(),
                a.dataBytes() + b.dataBytes(),
                a.componentBytes() + b.componentBytes());
    }

    /** Regular files of an SSTable, no links, in a directory by itself (indexes have their own). */
    private static List<Path> components(Path directory) {
        List<Path> out = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            for (Path file : stream) {
                if (WireNames.isSSTableFile(SnapshotTree.name(file))
                        && Files.isRegularFile(file, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
                    out.add(file);
                }
            }
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out;
    }

    private SnapshotTree tree() {
        return new SnapshotTree(node.dataDirectories());
    }
}
