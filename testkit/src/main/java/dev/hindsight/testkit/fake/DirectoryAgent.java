package dev.hindsight.testkit.fake;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.api.AgentInfo;
import dev.hindsight.agent.api.ImportResult;
import dev.hindsight.agent.api.ImportTarget;
import dev.hindsight.agent.api.SnapshotFile;
import dev.hindsight.agent.api.SnapshotListing;
import dev.hindsight.agent.api.SnapshotRequest;
import dev.hindsight.agent.api.SnapshotResult;
import dev.hindsight.agent.api.StagedFile;
import dev.hindsight.agent.api.TableSize;
import dev.hindsight.agent.api.WireNames;
import dev.hindsight.model.failure.AlreadyExistsException;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.schema.TableName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An agent and its node in one directory: {@code data/<keyspace>/<table>-<id>/} holds live SSTables, and below {@code
 * snapshots/<tag>} and {@code staging/<import>} the same layout again. A snapshot is hard links; an import moves staged
 * SSTables under free ids among the live ones. Safe for several threads.
 */
public final class DirectoryAgent implements AgentClient {
    private final Path root;
    private final UUID hostId;
    private final String clusterName;
    private final Map<String, Long> bytesRead = new ConcurrentHashMap<>();
    private final Map<ImportTarget, Integer> finished = new ConcurrentHashMap<>();
    private volatile boolean silent;
    private volatile boolean nodeDown;
    private volatile Clock clock = Clock.systemUTC();
    private volatile Runnable flush = () -> {};

    public DirectoryAgent(Path root, UUID hostId, String clusterName) {
        this.root = root;
        this.hostId = hostId;
        this.clusterName = clusterName;
        try {
            Files.createDirectories(data());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public UUID hostId() {
        return hostId;
    }

    /** Live SSTables: {@code <keyspace>/<table>-<id>} below it. */
    public Path data() {
        return root.resolve("data");
    }

    /** Where a table's live SSTables are; made by {@link #createTable}. */
    public Path tableDirectory(TableName table, UUID id) {
        return place(data(), table, id);
    }

    public synchronized Path createTable(TableName table, UUID id) {
        try {
            return Files.createDirectories(tableDirectory(table, id));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    synchronized void dropTable(TableName table, UUID id) {
        FileTrees.delete(tableDirectory(table, id));
    }

    /** At once, as a node does it: an import comes before or after. */
    synchronized void truncateTable(TableName table, UUID id) {
        dropTable(table, id);
        createTable(table, id);
    }

    /** Answers nothing at all until {@link #answerAgain()}. */
    public void fallSilent() {
        silent = true;
    }

    /** Answers, but says that its node is down. */
    public void nodeGoesDown() {
        nodeDown = true;
    }

    /** Whether the node is out of reach for clients; of a silent agent it is taken for granted. */
    boolean isOut() {
        return silent || nodeDown;
    }

    public void answerAgain() {
        silent = false;
        nodeDown = false;
    }

    /**
     * Makes it the agent of a node with memtables.
     *
     * @param time of the node
     * @param memtables writes them out as SSTables: what a snapshot does first
     */
    public void live(Clock time, Runnable memtables) {
        clock = time;
        flush = memtables;
    }

    /** Bytes read of snapshots since the start, by file name. */
    public Map<String, Long> bytesRead() {
        return new TreeMap<>(bytesRead);
    }

    /** Whether neither a snapshot nor anything staged is left. */
    public boolean isClean() {
        return leftovers().isEmpty();
    }

    /** Files of snapshots and of staging. */
    public List<Path> leftovers() {
        List<Path> left = new ArrayList<>(FileTrees.files(root.resolve("snapshots")));
        left.addAll(FileTrees.files(root.resolve("staging")));
        return left;
    }

    private static Path place(Path base, TableName table, UUID id) {
        return base.resolve(table.keyspace()).resolve(WireNames.directoryOf(table.table(), id));
    }

    private void answering() {
        if (silent) {
            throw new ClusterUnreachableException("agent " + address() + " does not answer", "let it answer again");
        }
    }

    private void nodeAnswering() {
        answering();
        if (nodeDown) {
            throw new ClusterUnreachableException("the node of " + address() + " is down", "let it answer again");
        }
    }

    @Override
    public String address() {
        return "directory:" + root;
    }

    @Override
    public AgentInfo info() {
        answering();
        return new AgentInfo(
                hostId,
                clusterName,
                "5.0.9",
                "test",
                !nodeDown,
                nodeDown ? "DOWN" : "NORMAL",
                new UUID(0, 1).toString(),
                true,
                true,
                List.of(new AgentInfo.DataDirectory(data().toString(), 1L << 40, 1L << 39)),
                new AgentInfo.Limits(0, 16, 0),
                List.of(),
                List.of(),
                List.of(),
                List.of());
    }

    @Override
    public List<TableSize> tableSizes(Collection<String> keyspaces) {
        answering();
        List<TableSize> sizes = new ArrayList<>();
        for (SnapshotListing.Table table : listing(data(), "").tables()) {
            if (keyspaces.contains(table.name().keyspace())) {
                long all = table.sstables().stream()
                        .flatMap(one -> one.components().stream())
                        .mapToLong(SnapshotListing.Component::sizeBytes)
                        .sum();
                long data = table.sstables().stream()
                        .mapToLong(SnapshotListing.SSTable::dataBytes)
                        .sum();
                sizes.add(new TableSize(
                        table.name(), table.tableId(), table.sstables().size(), data, all));
            }
        }
        return sizes;
    }

    @Override
    public Optional<SnapshotListing> liveSSTables(Collection<String> keyspaces) {
        answering();
        SnapshotListing all = listing(data(), "");
        return Optional.of(new SnapshotListing(
                all.hostId(),
                all.tag(),
                all.tables().stream()
                        .filter(table -> keyspaces.contains(table.name().keyspace()))
                        .toList()));
    }

    @Override
    public synchronized SnapshotResult takeSnapshot(SnapshotRequest request) {
        nodeAnswering();
        Instant started = clock.instant();
        WireNames.tag(request.tag());
        Path snapshot = root.resolve("snapshots").resolve(request.tag());
        if (Files.exists(snapshot)) {
            throw new AlreadyExistsException("snapshot " + request.tag() + " exists", "take another tag");
        }
        flush.run();
        try {
            Files.createDirectories(snapshot);
            for (Path file : FileTrees.files(data())) {
                Path relative = data().relativize(file);
                TableName table = new TableName(
                        relative.getName(0).toString(),
                        WireNames.tableOfDirectory(relative.getName(1).toString()));
                if (request.tables().contains(table)) {
                    Path link = snapshot.resolve(relative);
                    Files.createDirectories(link.getParent());
                    Files.createLink(link, file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new SnapshotResult(hostId, request.tag(), started, clock.instant());
    }

    @Override
    public SnapshotListing listSnapshot(String tag) {
        answering();
        WireNames.tag(tag);
        Path snapshot = root.resolve("snapshots").resolve(tag);
        if (!Files.isDirectory(snapshot)) {
            throw new NotFoundException("no snapshot " + tag + " on " + address(), "take it first");
        }
        return listing(snapshot, tag);
    }

    private SnapshotListing listing(Path base, String tag) {
        Map<String, Map<String, List<SnapshotListing.Component>>> tables = new TreeMap<>();
        for (Path file : FileTrees.files(base)) {
            String name = file.getFileName().toString();
            if (WireNames.isSSTableFile(name)) {
                tables.computeIfAbsent(base.relativize(file.getParent()).toString(), key -> new TreeMap<>())
                        .computeIfAbsent(WireNames.descriptorOf(name), key -> new ArrayList<>())
                        .add(FileTrees.component(file, WireNames.componentOf(name)));
            }
        }
        List<SnapshotListing.Table> out = new ArrayList<>();
        tables.forEach((relative, sstables) -> {
            Path path = Path.of(relative);
            String directory = path.getName(1).toString();
            List<SnapshotListing.SSTable> listed = new ArrayList<>();
            sstables.forEach((descriptor, components) ->
                    listed.add(new SnapshotListing.SSTable(0, descriptor, List.copyOf(components))));
            out.add(new SnapshotListing.Table(
                    new TableName(path.getName(0).toString(), WireNames.tableOfDirectory(directory)),
                    WireNames.idOfDirectory(directory),
                    directory,
                    List.copyOf(listed)));
        });
        return new SnapshotListing(hostId, tag, List.copyOf(out));
    }

    @Override
    public List<String> snapshotTags(String prefix) {
        answering();
        return FileTrees.directories(root.resolve("snapshots")).stream()
                .map(path -> path.getFileName().toString())
                .filter(tag -> tag.startsWith(prefix))
                .toList();
    }

    @Override
    public synchronized void clearSnapshot(String tag) {
        answering();
        WireNames.tag(tag);
        FileTrees.delete(root.resolve("snapshots").resolve(tag));
    }

    /** The file of a live snapshot, to damage it. */
    public Path file(SnapshotFile file) {
        return root.resolve("snapshots")
                .resolve(WireNames.tag(file.tag()))
                .resolve(WireNames.keyspace(file.keyspace()))
                .resolve(WireNames.tableDirectory(file.table()))
                .resolve(WireNames.sstableFile(file.file()));
    }

    @Override
    public void read(SnapshotFile file, long position, byte[] into, int offset, int length) {
        answering();
        FileTrees.read(file(file), position, into, offset, length);
        bytesRead.merge(file.file(), (long) length, Long::sum);
    }

    private Path staging(ImportTarget target) {
        Path base = root.resolve("staging").resolve(WireNames.importId(target.importId()));
        return place(base, target.table(), target.tableId());
    }

    @Override
    public synchronized StagedFile stage(ImportTarget target, Path file) {
        nodeAnswering();
        requireTable(target);
        try {
            Path directory = Files.createDirectories(staging(target));
            Path to = directory.resolve(WireNames.sstableFile(file.getFileName().toString()));
            Files.copy(file, to, StandardCopyOption.REPLACE_EXISTING);
            return FileTrees.staged(to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public List<StagedFile> staged(ImportTarget target) {
        answering();
        return FileTrees.files(staging(target)).stream().map(FileTrees::staged).toList();
    }

    @Override
    public synchronized ImportResult commitImport(ImportTarget target) {
        nodeAnswering();
        requireTable(target);
        Path live = tableDirectory(target.table(), target.tableId());
        Map<String, Integer> ids = new HashMap<>();
        try {
            for (Path file : FileTrees.files(staging(target))) {
                String name = file.getFileName().toString();
                String[] parts = name.split("-", 4);
                int free = ids.computeIfAbsent(WireNames.descriptorOf(name), key -> nextId(live, ids.values()));
                Files.move(file, live.resolve(parts[0] + "-" + free + "-" + parts[2] + "-" + parts[3]));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        FileTrees.delete(staging(target));
        if (!ids.isEmpty()) {
            finished.put(target, ids.size());
        }
        return new ImportResult(target, finished.getOrDefault(target, 0));
    }

    @Override
    public Optional<ImportResult> finishedImport(ImportTarget target) {
        answering();
        return Optional.ofNullable(finished.get(target)).map(sstables -> new ImportResult(target, sstables));
    }

    private static int nextId(Path live, Collection<Integer> taken) {
        int highest = taken.stream().mapToInt(id -> id).max().orElse(0);
        for (Path file : FileTrees.files(live)) {
            highest = Math.max(
                    highest, Integer.parseInt(file.getFileName().toString().split("-", 3)[1]));
        }
        return highest + 1;
    }

    private void requireTable(ImportTarget target) {
        if (!Files.isDirectory(tableDirectory(target.table(), target.tableId()))) {
            throw new NotFoundException(
                    address() + " has no table " + target.table() + " with id " + target.tableId(), "create it first");
        }
    }

    @Override
    public synchronized void discardImport(String importId) {
        answering();
        FileTrees.delete(root.resolve("staging").resolve(WireNames.importId(importId)));
        finished.keySet().removeIf(target -> target.importId().equals(importId));
    }

    @Override
    public List<String> importIds() {
        answering();
        return FileTrees.directories(root.resolve("staging")).stream()
                .filter(path -> !FileTrees.files(path).isEmpty())
                .map(path -> path.getFileName().toString())
                .toList();
    }

    /** Live Data.db files of a table. */
    public List<Path> dataFiles(TableName table, UUID id) {
        return FileTrees.files(tableDirectory(table, id)).stream()
                .filter(file -> file.toString().endsWith("-Data.db"))
                .toList();
    }

    @Override
    public void close() {}
}
