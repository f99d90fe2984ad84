package dev.hindsight.engine.task;

import dev.hindsight.engine.EngineProgress;
import dev.hindsight.engine.ShardTask;
import dev.hindsight.engine.TaskResult;
import dev.hindsight.engine.scratch.ScratchDirectory;
import dev.hindsight.engine.source.ComponentCache;
import dev.hindsight.engine.source.Fetches;
import dev.hindsight.engine.task.TaskDocuments.Stored;
import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.LocalDisk;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.OutcomeUnknownException;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.document.ShardManifest;
import dev.hindsight.repository.document.StoredLayer;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.synthesis.CorruptInputException;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.OutputGroup;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.SynthesisRequest;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.TtlPolicy;
import dev.hindsight.synthesis.chain.WholeMerge;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Merges the layers of one shard of a chain into one whole shard: reads the repository and writes the repository, and
 * asks no agent for anything. As with a backup shard, the shard manifest is create-only and the truth; the objects of an
 * attempt that lost are taken back.
 *
 * <p>All tombstones stay: later backups of the chain hold only what changed, and what they merge with must not come back
 * with less than the layers had.
 */
final class RebaseShardTask {
    private static final Logger LOG = LoggerFactory.getLogger(RebaseShardTask.class);

    /**
     * The "now" of the merge. A tombstone made of a cell that has expired wins over a cell of the same write time that has
     * not, and such a one may be in a backup that will build on this shard.
     */
    private static final long NOTHING_EXPIRES = 0;

    private final WorkerState state;
    private final ShardTask.Rebase task;
    private final BackupPlan plan;
    private final BackupPlan.Shard shard;
    private final Fetches fetches;
    private final long startMillis;

    RebaseShardTask(WorkerState state, ShardTask.Rebase task, EngineProgress progress) {
        this.state = state;
        this.task = task;
        this.startMillis = state.clock().millis();
        this.plan = state.shared(task.plan(), BackupPlan.class);
        this.shard = Plans.shard(plan, task.shard());
        this.fetches = new Fetches(progress::bytes);
    }

    TaskResult run() {
        String manifestKey = Keys.shardManifest(plan.id(), shard.number());
        Optional<Stored<ShardManifest>> done = state.documents().find(manifestKey, ShardManifest.class);
        if (done.isPresent()) {
            return result(done.get());
        }
        String attempt = UUID.randomUUID().toString().substring(0, 8);
        ShardUpload upload = new ShardUpload(
                state.store(), Keys.attempt(shard.table(), shard.tableId(), plan.id(), shard.number(), attempt));
        boolean sealed = false;
        try (ScratchDirectory directory = ScratchDirectory.create(state.scratch(), "rebase-" + shard.number() + "-")) {
            StoredLayers layers = layers();
            Merged merged = merge(layers, directory);
            ShardManifest manifest = manifest(merged, merged.put(upload, 0), upload);
            Failpoints.hit(Failpoint.SHARD_SEAL);
            Stored<ShardManifest> result;
            try {
                result = state.documents().create(manifestKey, manifest, ShardManifest.class);
            } catch (OutcomeUnknownException e) {
                // The put may still arrive: objects that it would name must stay.
                sealed = true;
                throw e;
            }
            sealed = result.ours();
            logDone(result);
            return result(result);
        } finally {
            if (!sealed) {
                upload.takeBack();
            }
        }
    }

    private StoredLayers layers() {
        List<StoredLayer> planned = shard.onto()
                .orElseThrow(() -> Plans.lacks(
                        "backup plan " + plan.id() + ", shard " + shard.number() + ",", "layers to rebase"));
        return StoredLayers.of(state.documents(), planned, shard.tableId(), TokenRanges.of(shard.ranges()));
    }

    private Merged merge(StoredLayers layers, ScratchDirectory directory) {
        ComponentCache cache = state.cacheFor(task.plan().key(), plan.limits().scratchBytesPerTask());
        Path kept = directory.path().resolve("kept");
        try {
            return merge(layers, kept, Optional.of(cache), cache.limitBytes());
        } catch (CapacityException e) {
            cache.clear();
            ScratchDirectory.deleteTree(kept);
            return merge(layers, directory.path().resolve("alone"), Optional.empty(), 0);
        }
    }

    /** Everything that is written lies below {@code own}, so that the limit counts it. */
    private Merged merge(StoredLayers layers, Path own, Optional<ComponentCache> cache, long keptBytes) {
        try {
            List<InputSSTable> inputs = layers.open(state.store(), TokenRanges.of(shard.ranges()), fetches, cache);
            if (inputs.isEmpty()) {
                return Merged.nothing(false);
            }
            Files.createDirectories(own);
            Scratch scratch = new Scratch(own, plan.limits().scratchBytesPerTask() - keptBytes);
            WholeMerge merge = WholeMerge.run(
                    state.synthesiser(),
                    request(inputs, own.resolve("out")),
                    own.resolve(BackupShardTask.FINGERPRINTS),
                    scratch,
                    SynthesisProgress.NONE);
            Plans.requireIdsOfOneShard(shard.number(), merge.result().outputs());
            Failpoints.hit(Failpoint.SHARD_SYNTHESISED);
            return Merged.of(merge, scratch.peakBytes());
        } catch (IOException e) {
            throw LocalDisk.notWritten("scratch directory", own, e);
        } catch (CorruptInputException | CorruptException e) {
            throw new CorruptException(stops("wrong stored bytes", e), hint(), e);
        } catch (NotFoundException e) {
            throw new NotFoundException(stops("a missing object", e), hint(), e);
        }
    }

    private String stops(String at, HindsightException e) {
        return "rebase " + plan.id() + ", shard " + shard.number() + " stops at " + at + ": " + e.getMessage()
                + "; this hurts table " + shard.table() + ", token ranges "
                + shard.ranges().stream().map(TokenRange::toString).collect(Collectors.joining(" "))
                + " of backup " + plan.rebaseOf().orElse("?");
    }

    private static String hint() {
        return "run 'hindsight verify', then begin a new chain with 'hindsight backup --kind full'";
    }

    private SynthesisRequest request(List<InputSSTable> inputs, Path out) {
        TableDefinition table = Plans.definition(plan.schema(), shard.table());
        return new SynthesisRequest(
                table,
                table,
                inputs,
                new PurgePolicy.KeepTombstones(),
                new TtlPolicy.Keep(),
                NOTHING_EXPIRES,
                List.of(new OutputGroup("all", TokenRanges.of(shard.ranges()))),
                out,
                shard.number() * Plans.IDS_PER_SHARD + 1,
                plan.limits().maxSSTableBytes());
    }

    private ShardManifest manifest(Merged merged, Merged.Stored stored, ShardUpload upload) {
        return new ShardManifest(
                ShardManifest.FORMAT,
                plan.id(),
                shard.number(),
                shard.table(),
                shard.tableId(),
                TokenRanges.of(shard.ranges()).ranges(),
                new ReplicaSelection(shard).coverage(),
                stored.sstables(),
                List.of(),
                merged.expiry(),
                merged.counts(fetches, upload),
                Optional.of(stored.layer()));
    }

    private void logDone(Stored<ShardManifest> stored) {
        ShardManifest manifest = stored.document();
        LOG.info(
                "shard {} rebase={} table={} shard={} layers={} partitions={} rows={} readBytes={} storedBytes={} millis={}",
                stored.ours() ? "rebased" : "was rebased by another attempt",
                plan.id(),
                shard.table(),
                shard.number(),
                shard.onto().map(List::size).orElse(0),
                manifest.counts().partitions(),
                manifest.counts().rows(),
                fetches.totalBytes(),
                manifest.counts().storedBytes(),
                state.clock().millis() - startMillis);
    }

    private TaskResult result(Stored<ShardManifest> stored) {
        return new TaskResult(task, Optional.of(stored.ref()), List.of(), Optional.empty(), fetches.totalBytes());
    }
}
