package dev.hindsight.engine.task;

import dev.hindsight.engine.EngineProgress;
import dev.hindsight.engine.ShardTask;
import dev.hindsight.engine.TaskResult;
import dev.hindsight.engine.scratch.ScratchDirectory;
import dev.hindsight.engine.source.Fetches;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.FormatTooNewException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.StoreUnreachableException;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.digest.DigestingInputStream;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.ShardManifest;
import dev.hindsight.repository.document.ShardManifest.Layer;
import dev.hindsight.repository.document.ShardManifest.StoredSSTable;
import dev.hindsight.synthesis.CorruptInputException;
import dev.hindsight.synthesis.Inspection;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.chain.FingerprintCheck;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks one stored shard: its manifest, each object's presence and size, and if asked its digest (streamed, in constant
 * memory) and each SSTable by reading all of it. What is wrong is a finding, not a failure; only a store that cannot be read
 * fails the task.
 */
final class VerifyShardTask {
    private static final Logger LOG = LoggerFactory.getLogger(VerifyShardTask.class);
    private static final int BUFFER_BYTES = 1 << 17;

    /** Inspecting keeps the SSTable in scratch, and what a reader builds of its index. */
    private static final long INSPECT_SLACK_BYTES = 64L << 20;

    private final WorkerState state;
    private final ShardTask.Verify task;
    private final BackupManifest manifest;
    private final Fetches fetches;
    private final EngineProgress progress;
    private final List<String> problems = new ArrayList<>();
    private long streamedBytes;
    private long wholeObjects;
    private long wholeBytes;
    private int wholeSSTables;

    VerifyShardTask(WorkerState state, ShardTask.Verify task, EngineProgress progress) {
        this.state = state;
        this.task = task;
        this.manifest = state.shared(task.plan(), BackupManifest.class);
        this.fetches = new Fetches(progress::bytes);
        this.progress = progress;
    }

    TaskResult run() {
        long startMillis = state.clock().millis();
        ObjectRef ref = StoredInputs.find(manifest, task.shard());
        ShardManifest shard;
        try {
            shard = StoredInputs.load(state, manifest, task.shard());
        } catch (NotFoundException e) {
            TableName table = tableOf(ref);
            return result("object " + ref.key() + " is missing (the manifest of a shard, expected "
                    + ref.sizeBytes() + " bytes); this hurts table " + table + " of backup " + manifest.id()
                    + ", all token ranges of shard " + task.shard());
        } catch (CorruptException | FormatTooNewException e) {
            TableName table = tableOf(ref);
            return result(e.getMessage() + "; this hurts table " + table + " of backup " + manifest.id()
                    + ", all token ranges of shard " + task.shard());
        }
        wholeObjects++;
        wholeBytes += ref.sizeBytes();
        shard.layer()
                .flatMap(ShardManifest.Layer::fingerprints)
                .ifPresent(fingerprints -> check(
                        fingerprints,
                        TaskResult.HURTS_NO_RESTORE + ", but the next incremental backup of table " + shard.table()
                                + " must read more"));
        for (StoredSSTable sstable : shard.sstables()) {
            int before = problems.size();
            for (ObjectRef component : sstable.components()) {
                check(component, hurt(shard, sstable));
            }
            if (task.depth() == ShardTask.Verify.Depth.RECORDS && problems.size() == before) {
                inspect(shard, sstable);
                wholeSSTables += problems.size() == before ? 1 : 0;
            }
        }
        shard.layer().flatMap(Layer::fingerprints).ifPresent(prints -> compareFingerprints(shard, prints));
        LOG.info(
                "shard verified backup={} table={} shard={} sstables={} depth={} bytes={} problems={} millis={}",
                manifest.id(),
                shard.table(),
                shard.number(),
                shard.sstables().size(),
                task.depth(),
                streamedBytes,
                problems.size(),
                state.clock().millis() - startMillis);
        return new TaskResult(
                task,
                Optional.of(ref),
                List.copyOf(problems),
                Optional.empty(),
                streamedBytes + fetches.totalBytes(),
                new TaskResult.Whole(wholeObjects, wholeBytes, wholeSSTables));
    }

    private void check(ObjectRef component, String hurt) {
        OptionalLong size = state.store().size(component.key());
        if (size.isEmpty()) {
            problems.add("object " + component.key() + " is missing (expected " + component.sizeBytes() + " bytes); "
                    + hurt);
            return;
        }
        if (size.getAsLong() != component.sizeBytes()) {
            problems.add("object " + component.key() + " has " + size.getAsLong() + " bytes, expected "
                    + component.sizeBytes() + "; " + hurt);
            return;
        }
        if (task.depth() == ShardTask.Verify.Depth.REFS) {
            wholeObjects++;
            wholeBytes += component.sizeBytes();
            return;
        }
        try {
            String digest = digest(component);
            if (!digest.equals(component.digest())) {
                problems.add("object " + component.key() + " has changed bytes: its digest is " + digest + ", expected "
                        + component.digest() + " (size is right, " + component.sizeBytes() + " bytes); "
                        + hurt);
                return;
            }
            wholeObjects++;
            wholeBytes += component.sizeBytes();
        } catch (NotFoundException e) {
            problems.add("object " + component.key() + " is missing (expected " + component.sizeBytes() + " bytes); "
                    + hurt);
        }
    }

    private void compareFingerprints(ShardManifest shard, ObjectRef ref) {
        // Those of an incremental shard are of its layers' merged state, which one backup alone does not show.
        if (task.depth() != ShardTask.Verify.Depth.RECORDS || problems.size() > 0 || shard.incremental()) {
            return;
        }
        long bytes = shard.counts().storedBytes();
        try (ScratchDirectory directory = ScratchDirectory.create(state.scratch(), "verify-" + shard.number() + "-")) {
            Scratch scratch = new Scratch(directory.path(), 2 * bytes + INSPECT_SLACK_BYTES);
            LayersBelow files = new LayersBelow(state, fetches, directory.path(), scratch);
            Path file = directory.path().resolve("fingerprints");
            files.copy(ref, file);
            TokenRanges ranges = TokenRanges.of(shard.ranges());
            FingerprintCheck.difference(
                            Plans.definition(manifest.schema(), shard.table()),
                            shard.sstables().stream()
                                    .map(one ->
                                            StoredInputs.open(state.store(), one, ranges, fetches, Optional.empty()))
                                    .toList(),
                            ranges,
                            file,
                            ref.key(),
                            directory.path().resolve("verdicts"),
                            scratch)
                    .ifPresent(text -> problems.add("fingerprints " + ref.key() + ": " + text + "; this hurts table "
                            + shard.table() + " of backup " + manifest.id() + ", shard " + shard.number()));
        } catch (CorruptInputException | CorruptException | NotFoundException e) {
            problems.add(e.getMessage() + "; this hurts table " + shard.table() + " of backup " + manifest.id()
                    + ", shard " + shard.number());
        }
    }

    private String digest(ObjectRef component) {
        try (DigestingInputStream in = new DigestingInputStream(state.store().get(component.key()))) {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int n = in.read(buffer, 0, buffer.length); n >= 0; n = in.read(buffer, 0, buffer.length)) {
                streamedBytes += n;
                progress.bytes(n);
            }
            return in.digest();
        } catch (IOException e) {
            throw new StoreUnreachableException(
                    "object " + component.key() + " in " + state.store().location() + " cannot be read: "
                            + e.getMessage(),
                    "look at the object store, then verify again",
                    e);
        }
    }

    private void inspect(ShardManifest shard, StoredSSTable sstable) {
        long bytes =
                sstable.components().stream().mapToLong(ObjectRef::sizeBytes).sum();
        try (ScratchDirectory directory = ScratchDirectory.create(state.scratch(), "verify-" + shard.number() + "-")) {
            Inspection found = state.synthesiser()
                    .inspect(
                            Plans.definition(manifest.schema(), shard.table()),
                            StoredInputs.open(state.store(), sstable, TokenRanges.FULL, fetches, Optional.empty()),
                            new Scratch(directory.path(), 2 * bytes + INSPECT_SLACK_BYTES));
            compare(shard, sstable, "partitions", found.partitions(), sstable.partitions());
            compare(shard, sstable, "rows", found.rows(), sstable.rows());
            compare(shard, sstable, "first token", found.firstToken(), sstable.firstToken());
            compare(shard, sstable, "last token", found.lastToken(), sstable.lastToken());
        } catch (CorruptInputException e) {
            problems.add(e.getMessage() + "; " + hurt(shard, sstable));
        }
    }

    private void compare(ShardManifest shard, StoredSSTable sstable, String what, long actual, long expected) {
        if (actual != expected) {
            problems.add("SSTable " + sstable.descriptor() + " below "
                    + sstable.components().get(0).key() + ": " + what + " is " + actual + ", its manifest says "
                    + expected + "; " + hurt(shard, sstable));
        }
    }

    private String hurt(ShardManifest shard, StoredSSTable sstable) {
        String ranges = shard.ranges().stream().map(TokenRange::toString).collect(Collectors.joining(" "));
        return "this hurts table " + shard.table() + " of backup " + manifest.id() + ", tokens " + sstable.firstToken()
                + " to " + sstable.lastToken() + " of shard " + shard.number() + " with token ranges " + ranges;
    }

    private TableName tableOf(ObjectRef ref) {
        return manifest.tables().stream()
                .filter(table -> table.shards().contains(ref))
                .map(BackupManifest.Table::name)
                .findFirst()
                .orElseThrow(() -> Plans.lacks("the manifest of backup " + manifest.id(), "object " + ref.key()));
    }

    private TaskResult result(String problem) {
        return new TaskResult(task, Optional.empty(), List.of(problem), Optional.empty(), streamedBytes);
    }
}
