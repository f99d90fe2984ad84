package dev.hindsight.testkit.fault;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.api.AgentInfo;
import dev.hindsight.agent.api.CaptureStatus;
import dev.hindsight.agent.api.ImportResult;
import dev.hindsight.agent.api.ImportTarget;
import dev.hindsight.agent.api.SnapshotFile;
import dev.hindsight.agent.api.SnapshotListing;
import dev.hindsight.agent.api.SnapshotRequest;
import dev.hindsight.agent.api.SnapshotResult;
import dev.hindsight.agent.api.StagedFile;
import dev.hindsight.agent.api.TableSize;
import dev.hindsight.model.failure.ClusterUnreachableException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * An agent over another one that fails or lies when told to, by operation and file; {@link CallCutter} is for failing by
 * call number. Safe for several threads.
 */
public final class FaultyAgentClient implements AgentClient {
    public enum Operation {
        INFO,
        TABLE_SIZES,
        TAKE_SNAPSHOT,
        LIST_SNAPSHOT,
        SNAPSHOT_TAGS,
        CLEAR_SNAPSHOT,
        READ,
        STAGE,
        STAGED,
        COMMIT_IMPORT,
        FINISHED_IMPORT,
        DISCARD_IMPORT,
        IMPORT_IDS
    }

    public enum Fault {
        /** {@link ClusterUnreachableException}, nothing happened. */
        UNREACHABLE,
        /** Done, but the answer is lost: {@link ClusterUnreachableException}. */
        LOST_ANSWER,
        /** A bit of what is read is wrong; other operations do not notice. */
        BIT_FLIP
    }

    private record Rule(Operation operation, Predicate<String> subject, Fault fault) {}

    private final AgentClient inner;
    private final List<Rule> rules = new ArrayList<>();
    private final List<String> log = new ArrayList<>();

    public FaultyAgentClient(AgentClient inner) {
        this.inner = inner;
    }

    /**
     * All calls of one operation on matching subjects fail.
     *
     * @param subject tag, file name, table or import id, whatever the operation has; empty for INFO and the like
     */
    public synchronized void inject(Operation operation, Predicate<String> subject, Fault fault) {
        rules.add(new Rule(operation, subject, fault));
    }

    public synchronized void heal() {
        rules.clear();
    }

    /** {@code READ oa-1-big-Data.db} and so on, in order. */
    public synchronized List<String> log() {
        return List.copyOf(log);
    }

    private synchronized List<Fault> faults(Operation operation, String subject) {
        log.add(operation + " " + subject);
        return rules.stream()
                .filter(rule -> rule.operation() == operation && rule.subject().test(subject))
                .map(Rule::fault)
                .toList();
    }

    private <T> T call(Operation operation, String subject, Supplier<T> work) {
        List<Fault> faults = faults(operation, subject);
        if (faults.contains(Fault.UNREACHABLE)) {
            throw unreachable(operation, subject);
        }
        T result = work.get();
        if (faults.contains(Fault.LOST_ANSWER)) {
            throw unreachable(operation, subject);
        }
        return result;
    }

    private void run(Operation operation, String subject, Runnable work) {
        boolean ran = call(operation, subject, () -> {
            work.run();
            return true;
        });
        assert ran;
    }

    private ClusterUnreachableException unreachable(Operation operation, String subject) {
        return new ClusterUnreachableException(
                "agent " + address() + " failed on demand at " + operation + " " + subject, "heal it");
    }

    @Override
    public String address() {
        return inner.address();
    }

    @Override
    public AgentInfo info() {
        return call(Operation.INFO, "", inner::info);
    }

    @Override
    public List<TableSize> tableSizes(Collection<String> keyspaces) {
        return call(Operation.TABLE_SIZES, "", () -> inner.tableSizes(keyspaces));
    }

    @Override
    public Optional<SnapshotListing> liveSSTables(Collection<String> keyspaces) {
        return call(Operation.TABLE_SIZES, "", () -> inner.liveSSTables(keyspaces));
    }

    @Override
    public SnapshotResult takeSnapshot(SnapshotRequest request) {
        return call(Operation.TAKE_SNAPSHOT, request.tag(), () -> inner.takeSnapshot(request));
    }

    @Override
    public SnapshotListing listSnapshot(String tag) {
        return call(Operation.LIST_SNAPSHOT, tag, () -> inner.listSnapshot(tag));
    }

    @Override
    public List<String> snapshotTags(String prefix) {
        return call(Operation.SNAPSHOT_TAGS, prefix, () -> inner.snapshotTags(prefix));
    }

    @Override
    public void clearSnapshot(String tag) {
        run(Operation.CLEAR_SNAPSHOT, tag, () -> inner.clearSnapshot(tag));
    }

    @Override
    public void read(SnapshotFile file, long position, byte[] into, int offset, int length) {
        List<Fault> faults = faults(Operation.READ, file.file());
        if (faults.contains(Fault.UNREACHABLE) || faults.contains(Fault.LOST_ANSWER)) {
            throw unreachable(Operation.READ, file.file());
        }
        inner.read(file, position, into, offset, length);
        if (faults.contains(Fault.BIT_FLIP) && length > 0) {
            into[offset + length / 2] ^= 0x10;
        }
    }

    @Override
    public StagedFile stage(ImportTarget target, Path file) {
        return call(Operation.STAGE, String.valueOf(file.getFileName()), () -> inner.stage(target, file));
    }

    @Override
    public List<StagedFile> staged(ImportTarget target) {
        return call(Operation.STAGED, target.importId(), () -> inner.staged(target));
    }

    @Override
    public ImportResult commitImport(ImportTarget target) {
        return call(Operation.COMMIT_IMPORT, target.table().toString(), () -> inner.commitImport(target));
    }

    @Override
    public Optional<ImportResult> finishedImport(ImportTarget target) {
        return call(Operation.FINISHED_IMPORT, target.table().toString(), () -> inner.finishedImport(target));
    }

    @Override
    public void discardImport(String importId) {
        run(Operation.DISCARD_IMPORT, importId, () -> inner.discardImport(importId));
    }

    @Override
    public List<String> importIds() {
        return call(Operation.IMPORT_IDS, "", inner::importIds);
    }

    @Override
    public CaptureStatus capture() {
        return inner.capture();
    }

    @Override
    public CaptureStatus captureSoon() {
        return inner.captureSoon();
    }

    @Override
    public CaptureStatus setCapture(Collection<String> keyspaces) {
        return inner.setCapture(keyspaces);
    }

    @Override
    public CaptureStatus stopCapture() {
        return inner.stopCapture();
    }

    @Override
    public void close() {
        inner.close();
    }
}
