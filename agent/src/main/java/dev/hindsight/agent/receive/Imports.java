package dev.hindsight.agent.receive;

import dev.hindsight.agent.api.ImportResult;
import dev.hindsight.agent.api.ImportTarget;
import dev.hindsight.agent.api.StagedFile;
import dev.hindsight.agent.api.WireNames;
import dev.hindsight.agent.config.AgentConfig;
import dev.hindsight.agent.node.GuardedNode;
import dev.hindsight.agent.node.NodeControl;
import dev.hindsight.agent.receive.StagingRoots.Root;
import dev.hindsight.agent.stream.Throttle;
import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.BusyException;
import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.units.ByteSize;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives SSTables and has the node import them. Layout of one staging root:
 *
 * <pre>
 *   &lt;import id&gt;/sstables/&lt;keyspace&gt;/&lt;table&gt;-&lt;id&gt;/nb-1-big-Data.db      whole, synced files only
 *   &lt;import id&gt;/digests/&lt;keyspace&gt;/&lt;table&gt;-&lt;id&gt;/nb-1-big-Data.db       see {@link StagedDigest}
 *   &lt;import id&gt;/parts/&lt;random&gt;                                    being received
 * </pre>
 *
 * Beside them, {@link FinishedImports}. Files of one SSTable lie together in one root; another SSTable may go to another disk. Everything may be repeated:
 * staging replaces, a commit with nothing left tells what the one before imported, discarding what is not there does nothing. Receiving for a
 * table runs in parallel, but not while that table is being imported or discarded.
 */
public final class Imports {
    private static final Logger LOG = LoggerFactory.getLogger(Imports.class);
    private static final int STRIPES = 64;
    private static final long LOCK_SECONDS = 30;

    private final GuardedNode node;
    private final AgentConfig config;
    private final PartFile partFile;
    private final ReadWriteLock[] stripes = new ReadWriteLock[STRIPES];
    /** Announced bytes of files that are being received and are not on disk yet; all disks together, to be careful. */
    private final AtomicLong announced = new AtomicLong();

    public Imports(GuardedNode node, AgentConfig config, Throttle throttle) {
        this.node = node;
        this.config = config;
        this.partFile = new PartFile(throttle);
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new ReentrantReadWriteLock();
        }
    }

    /** Refused before a byte is read when it cannot be taken; see {@link #receive}. */
    public void checkEnabled() {
        if (!config.imports().enabled()) {
            throw new PreconditionFailedException(
                    "this agent does not take SSTables",
                    "set 'import: {enabled: true}' in its agent.yaml and restart it");
        }
    }

    /** Whether a file could be taken now; nothing is kept for it. */
    public void offer(ImportTarget target, String file, long sizeBytes) {
        checkEnabled();
        check(target);
        WireNames.sstableFile(file);
        try {
            choose(target, file, sizeBytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Takes one file whole, or leaves nothing of it.
     *
     * @param sizeBytes announced; more or less is refused
     * @param sha256 hex, of what was sent
     */
    public StagedFile receive(ImportTarget target, String file, long sizeBytes, String sha256, InputStream body) {
        checkEnabled();
        check(target);
        WireNames.sstableFile(file);
        if (!sha256.matches("[0-9a-f]{64}")) {
            throw new UsageException("no SHA-256 was sent with " + file, "send header X-Hindsight-Sha256 in hex");
        }
        return locked(target, ReadWriteLock::readLock, () -> {
            Root root = choose(target, file, sizeBytes);
            announced.addAndGet(sizeBytes);
            try {
                return receive(root, target, file, sizeBytes, sha256, body);
            } finally {
                announced.addAndGet(-sizeBytes);
            }
        });
    }

    private StagedFile receive(
            Root root, ImportTarget target, String file, long sizeBytes, String sha256, InputStream body)
            throws IOException {
        Path parts = root.root().resolve(target.importId()).resolve("parts");
        Path files = directory(root, target, "sstables");
        Path digests = directory(root, target, "digests");
        DurableFiles.createDirectories(parts);
        DurableFiles.createDirectories(files);
        DurableFiles.createDirectories(digests);
        Path part = parts.resolve(UUID.randomUUID().toString());
        try {
            String received = partFile.write(part, file, sizeBytes, body, bytes -> requireSpace(root, file, bytes));
            if (!received.equals(sha256)) {
                throw new CorruptException(
                        file + " arrived with SHA-256 " + received + ", announced was " + sha256,
                        "send it again; if it happens again, check the network and the sender's disk");
            }
            StagedDigest.write(digests.resolve(file), part, sha256);
            DurableFiles.syncDirectory(digests);
            Failpoints.hit(Failpoint.AGENT_RECEIVE);
            Files.move(part, files.resolve(file), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            DurableFiles.syncDirectory(files);
        } finally {
            Files.deleteIfExists(part);
        }
        return new StagedFile(file, sizeBytes, sha256);
    }

    /** Where the SSTable already has files, else the disk with most space that has the table's directory. */
    private Root choose(ImportTarget target, String file, long sizeBytes) throws IOException {
        String prefix = WireNames.descriptorOf(file) + "-";
        String tableDirectory = WireNames.directoryOf(target.table().table(), target.tableId());
        Optional<Root> best = Optional.empty();
        long bestFree = -1;
        for (Root root : roots()) {
            if (!Files.isDirectory(
                    root.dataDirectory().resolve(target.table().keyspace()).resolve(tableDirectory))) {
                continue;
            }
            boolean begun = DurableFiles.list(directory(root, target, "sstables")).stream()
                    .anyMatch(path -> String.valueOf(path.getFileName()).startsWith(prefix));
            long free = Files.getFileStore(root.dataDirectory()).getUsableSpace();
            if (begun || free > bestFree) {
                best = Optional.of(root);
                bestFree = begun ? Long.MAX_VALUE : free;
            }
        }
        Root root = best.orElseThrow(() -> new NotFoundException(
                "this node has no directory of table " + target.table() + " with id " + target.tableId(),
                "create the table and wait until the node knows it"));
        requireSpace(root, file, sizeBytes + announced.get());
        return root;
    }

    private void requireSpace(Root root, String file, long bytes) throws IOException {
        long usable = Files.getFileStore(root.dataDirectory()).getUsableSpace();
        long minFree = config.limits().minFreeBytes();
        if (usable - bytes < minFree) {
            throw new CapacityException(
                    file + " refused: " + root.dataDirectory() + " has " + ByteSize.format(usable) + " free, "
                            + ByteSize.format(bytes) + " are to come, and " + ByteSize.format(minFree)
                            + " must stay free",
                    "free space on the node, or lower 'limits.min-free' in its agent.yaml");
        }
    }

    /** What is there whole and unchanged. */
    public List<StagedFile> staged(ImportTarget target) {
        checkEnabled();
        check(target);
        List<StagedFile> out = new ArrayList<>();
        try {
            for (Root root : roots()) {
                Path digests = directory(root, target, "digests");
                for (Path file : DurableFiles.list(directory(root, target, "sstables"))) {
                    StagedDigest.read(digests.resolve(file.getFileName()), file).ifPresent(out::add);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out;
    }

    /** Import ids that have anything, in order. */
    public List<String> importIds() {
        checkEnabled();
        TreeSet<String> out = new TreeSet<>();
        for (Root root : roots()) {
            for (Path directory : DurableFiles.directories(root.root())) {
                String name = String.valueOf(directory.getFileName());
                if (WireNames.isImportId(name) && DurableFiles.hasFiles(directory)) {
                    out.add(name);
                }
            }
        }
        return List.copyOf(out);
    }

    /** Gives every staged SSTable to the node; see {@link dev.hindsight.agent.api.AgentClient#commitImport}. */
    public ImportResult commit(ImportTarget target) {
        checkEnabled();
        check(target);
        return locked(target, ReadWriteLock::writeLock, () -> {
            Set<Path> directories = new LinkedHashSet<>();
            int sstables = 0;
            for (Root root : roots()) {
                Path directory = directory(root, target, "sstables");
                int here = StagedSSTables.requireWhole(directory);
                if (here > 0) {
                    directories.add(directory.toRealPath());
                    sstables += here;
                }
            }
            int imported = sstables;
            if (sstables > 0) {
                importAll(target, directories, sstables);
                FinishedImports.remember(roots().get(0), target, sstables);
            } else {
                imported = FinishedImports.find(roots(), target).orElse(0);
            }
            removeTarget(target);
            return new ImportResult(target, imported);
        });
    }

    /** What an earlier {@link #commit} of this target did; empty when none is known to have ended well. */
    public Optional<ImportResult> finished(ImportTarget target) {
        checkEnabled();
        check(target);
        return locked(target, ReadWriteLock::readLock, () -> {
            OptionalInt found = FinishedImports.find(roots(), target);
            return found.isPresent() ? Optional.of(new ImportResult(target, found.getAsInt())) : Optional.empty();
        });
    }

    private void importAll(ImportTarget target, Set<Path> directories, int sstables) throws IOException {
        NodeControl control = node.control();
        String expected = WireNames.directoryOf(target.table().table(), target.tableId());
        List<Path> live = control.tableDirectories(target.table());
        if (live.stream().noneMatch(path -> path.endsWith(expected))) {
            throw new PreconditionFailedException(
                    "table " + target.table() + " on this node is " + live + ", the import is for id "
                            + target.tableId(),
                    "the table was dropped and made again since; plan the restore again");
        }
        Failpoints.hit(Failpoint.AGENT_IMPORT);
        long started = System.nanoTime();
        List<String> refused = control.importSSTables(target.table(), directories);
        if (!refused.isEmpty()) {
            throw new PreconditionFailedException(
                    "the node refused SSTables of " + target.table() + " in " + refused,
                    "its system.log says which and why ('Failed verifying SSTable' or 'Failed importing'): damaged, of a"
                            + " newer format, or tokens that this node does not own; plan the restore again");
        }
        for (Path directory : directories) {
            if (StagedSSTables.count(directory) > 0) {
                throw new PreconditionFailedException(
                        "the node reported success but left SSTables in " + directory, "see its system.log");
            }
        }
        for (Path directory : live) {
            DurableFiles.syncDirectory(directory);
        }
        LOG.info(
                "sstables imported importId={} table={} tableId={} sstables={} millis={}",
                target.importId(),
                target.table(),
                target.tableId(),
                sstables,
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started));
    }

    private void removeTarget(ImportTarget target) throws IOException {
        for (Root root : roots()) {
            DurableFiles.deleteTree(directory(root, target, "sstables"));
            DurableFiles.deleteTree(directory(root, target, "digests"));
            removeIfEmpty(root.root().resolve(target.importId()));
        }
    }

    /** Removes an import's empty directories, unless another thread may be about to fill them. */
    private void removeIfEmpty(Path importDirectory) throws IOException {
        List<Lock> held = new ArrayList<>();
        try {
            for (ReadWriteLock stripe : stripes) {
                if (!stripe.writeLock().tryLock()) {
                    return;
                }
                held.add(stripe.writeLock());
            }
            // Nobody receives now, so parts are what a killed agent left.
            DurableFiles.deleteTree(importDirectory.resolve("parts"));
            if (!DurableFiles.hasFiles(importDirectory)) {
                DurableFiles.deleteTree(importDirectory);
            }
        } finally {
            held.forEach(Lock::unlock);
        }
    }

    /** Removes all of an import that the node has not taken over. */
    public void discard(String importId) {
        checkEnabled();
        WireNames.importId(importId);
        List<Lock> held = new ArrayList<>();
        try {
            for (ReadWriteLock stripe : stripes) {
                held.add(take(stripe.writeLock(), importId));
            }
            boolean any = false;
            for (Root root : roots()) {
                Path directory = root.root().resolve(importId);
                any |= Files.exists(directory);
                DurableFiles.deleteTree(directory);
                FinishedImports.forget(root, importId);
            }
            if (any) {
                LOG.info("import discarded importId={}", importId);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            held.forEach(Lock::unlock);
        }
    }

    private List<Root> roots() {
        return StagingRoots.of(config.imports(), node.dataDirectories());
    }

    private static Path directory(Root root, ImportTarget target, String kind) {
        return root.root()
                .resolve(target.importId())
                .resolve(kind)
                .resolve(target.table().keyspace())
                .resolve(WireNames.directoryOf(target.table().table(), target.tableId()));
    }

    private static void check(ImportTarget target) {
        WireNames.importId(target.importId());
        WireNames.keyspace(target.table().keyspace());
        WireNames.table(target.table().table());
    }

    private interface Work<T> {
        T run() throws IOException;
    }

    private <T> T locked(ImportTarget target, java.util.function.Function<ReadWriteLock, Lock> kind, Work<T> work) {
        ReadWriteLock stripe = stripes[Math.floorMod(target.hashCode(), STRIPES)];
        Lock lock = take(kind.apply(stripe), target.importId());
        try {
            return work.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            lock.unlock();
        }
    }

    private static Lock take(Lock lock, String importId) {
        try {
            if (lock.tryLock(LOCK_SECONDS, TimeUnit.SECONDS)) {
                return lock;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new BusyException(
                "import " + importId + " is being received or imported by another call",
                "wait for it to end, then do it again");
    }
}
