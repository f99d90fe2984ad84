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
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.OutcomeUnknownException;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.document.ShardManifest;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.synthesis.CorruptInputException;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.OutputGroup;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.SynthesisRequest;
import dev.hindsight.synthesis.TtlPolicy;
import dev.hindsight.synthesis.chain.IncrementMerge;
import dev.hindsight.synthesis.chain.WholeMerge;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the replicas of one shard, merges them, stores the result and creates the shard manifest. Onto a chain, it reads
 * what the chain has not seen, and stores what changes the chain's merged state.
 *
 * <p>The manifest is create-only, so of several attempts exactly one wins; the others delete what they stored and
 * return the winner's. Before it exists nothing refers to an attempt's objects.
 *
 * <p>A replica that turns out damaged is left out as {@link ReplicaSelection} says and the merge starts again. An agent
 * that stops answering is left out at once where other replicas are whole, and after {@link #STRIKES} tries otherwise:
 * a network that hiccups must not make a backup partial for ever.
 */
final class BackupShardTask {
    private static final Logger LOG = LoggerFactory.getLogger(BackupShardTask.class);

    private static final int STRIKES = 3;

    /** Beside the SSTables, whose components it cannot be taken for. */
    static final String FINGERPRINTS = "fingerprints.bin";

    private final WorkerState state;
    private final ShardTask.Backup task;
    private final BackupPlan plan;
    private final BackupPlan.Shard shard;
    private final ReplicaSelection replicas;
    private final BackupInputs inputs;
    private final Fetches fetches;
    private final LongConsumer progress;
    private final Map<UUID, Integer> strikes = new HashMap<>();
    private final long startMillis;
    private boolean cacheAllowed = true;
    private boolean fetchedHit;
    private long comparedBytes;
    private Optional<LayersBelow> layers = Optional.empty();
    private boolean layersReadAgain;

    BackupShardTask(WorkerState state, ShardTask.Backup task, EngineProgress progress) {
        this.state = state;
        this.task = task;
        this.startMillis = state.clock().millis();
        this.plan = state.shared(task.plan(), BackupPlan.class);
        this.shard = Plans.shard(plan, task.shard());
        this.replicas = new ReplicaSelection(shard);
        this.progress = progress::bytes;
        this.fetches = new Fetches(this.progress);
        this.inputs = new BackupInputs(state, plan, shard);
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
        try (ScratchDirectory directory = ScratchDirectory.create(state.scratch(), "backup-" + shard.number() + "-")) {
            ShardManifest manifest = mergeAndPut(directory, upload);
            Failpoints.hit(Failpoint.SHARD_SEAL);
            Stored<ShardManifest> stored;
            try {
                stored = state.documents().create(manifestKey, manifest, ShardManifest.class);
            } catch (OutcomeUnknownException e) {
                // The put may still arrive: objects that it would name must stay.
                sealed = true;
                throw e;
            }
            sealed = stored.ours();
            logDone(stored);
            return result(stored);
        } finally {
            if (!sealed) {
                upload.takeBack();
            }
        }
    }

    private ShardManifest mergeAndPut(ScratchDirectory directory, ShardUpload upload) {
        int round = 0;
        while (true) {
            try (ScratchDirectory own = ScratchDirectory.create(directory.path(), "round-" + round++ + "-")) {
                Optional<Merged> merged = tryMerge(own);
                if (merged.isPresent()) {
                    return manifest(merged.get(), merged.get().put(upload, comparedBytes), upload);
                }
            }
        }
    }

    /** Empty when an input was found damaged: it has been left out, and the merge is to be done again. */
    private Optional<Merged> tryMerge(ScratchDirectory own) {
        ComponentCache cache = state.cacheFor(task.plan().key(), plan.limits().scratchBytesPerTask());
        long kept = cacheAllowed ? cache.limitBytes() : 0;
        Scratch scratch = new Scratch(own.path(), plan.limits().scratchBytesPerTask() - kept);
        layers = Optional.empty();
        fetches.forgetLost();
        fetches.forgetExtents();
        List<InputSSTable> sources =
                inputs.open(replicas, fetches, cacheAllowed ? Optional.of(cache) : Optional.empty());
        if (sources.isEmpty()) {
            return Optional.of(Merged.nothing(shard.onto().isPresent()));
        }
        try {
            Merged merged = merge(sources, own.path(), scratch, cache);
            Plans.requireIdsOfOneShard(shard.number(), merged.kept().outputs());
            hitFetched();
            Failpoints.hit(Failpoint.SHARD_SYNTHESISED);
            return Optional.of(merged);
        } catch (CorruptInputException e) {
            if (replicas.hosts().stream().anyMatch(host -> host.toString().equals(e.origin()))) {
                leaveOut(e);
            } else {
                readLayersAgain(e);
            }
            return Optional.empty();
        } catch (CapacityException e) {
            if (!cacheAllowed || kept == 0) {
                throw e;
            }
            cache.clear();
            cacheAllowed = false;
            return Optional.empty();
        } catch (HindsightException e) {
            if (Thread.currentThread().isInterrupted()) {
                // Every read fails then; that says nothing about replicas or layers.
                throw e;
            }
            if (!leaveOutLost()) {
                readLayersAgain(e);
            }
            return Optional.empty();
        }
    }

    private Merged merge(List<InputSSTable> sources, Path own, Scratch scratch, ComponentCache cache) {
        SynthesisProgress watch = new SynthesisWatch(this::hitFetched);
        if (shard.onto().isEmpty()) {
            WholeMerge merge = WholeMerge.run(
                    state.synthesiser(), request(sources, own), own.resolve(FINGERPRINTS), scratch, watch);
            return Merged.of(merge, scratch.peakBytes() + cache.usedBytes());
        }
        LayersBelow below = new LayersBelow(state, new Fetches(progress), own, scratch);
        layers = Optional.of(below);
        IncrementMerge merge = IncrementMerge.run(
                state.synthesiser(),
                request(sources, own),
                below.open(shard.onto().get(), shard.tableId(), TokenRanges.of(shard.ranges())),
                new IncrementMerge.Files(own.resolve("verdicts"), own.resolve(FINGERPRINTS), own.resolve("reduced")),
                scratch,
                watch);
        comparedBytes = below.bytes();
        return Merged.of(merge, scratch.peakBytes() + cache.usedBytes());
    }

    /**
     * All tombstones stay: what one of them shadows may lie in an SSTable of another replica that the chain has seen, and
     * come back when that is compacted.
     */
    private SynthesisRequest request(List<InputSSTable> sources, Path own) {
        return new SynthesisRequest(
                inputs.table(),
                inputs.table(),
                sources,
                new PurgePolicy.KeepTombstones(),
                new TtlPolicy.Keep(),
                plan.nowEpochSeconds(),
                List.of(new OutputGroup("all", TokenRanges.of(shard.ranges()))),
                own.resolve("out"),
                shard.number() * Plans.IDS_PER_SHARD + 1,
                plan.limits().maxSSTableBytes());
    }

    private synchronized void hitFetched() {
        if (!fetchedHit) {
            fetchedHit = true;
            Failpoints.hit(Failpoint.SHARD_FETCHED);
        }
    }

    private void leaveOut(CorruptInputException e) {
        UUID host = UUID.fromString(e.origin());
        if (replicas.wanted(host, e.descriptor()).isEmpty()) {
            throw e;
        }
        LOG.warn(
                "input corrupt, left out table={} shard={} host={} sstable={} problem={}",
                shard.table(),
                shard.number(),
                host,
                e.descriptor(),
                e.getMessage());
        replicas.corrupt(host, e.descriptor(), String.valueOf(e.getMessage()));
    }

    /**
     * Once: it may have been misread. A damaged layer of the chain cannot be left out.
     *
     * @throws DamagedLayerException it is damaged
     * @throws HindsightException the failure itself, where no layer is to blame
     */
    private void readLayersAgain(HindsightException failure) {
        HindsightException damage = layers.flatMap(below -> below.damaged(failure))
                .map(HindsightException.class::cast)
                .orElse(failure);
        if (layersReadAgain || !(damage instanceof DamagedLayerException)) {
            throw damage;
        }
        layersReadAgain = true;
        LOG.warn(
                "layer of the chain damaged or misread, read again table={} shard={} problem={}",
                shard.table(),
                shard.number(),
                damage.getMessage());
    }

    /** False when no replica was lost, so that the failure is of another kind. */
    private boolean leaveOutLost() {
        boolean any = false;
        for (Map.Entry<String, HindsightException> one : fetches.lost().entrySet()) {
            HindsightException why = one.getValue();
            if (!isOfThatReplicaAlone(why)) {
                continue;
            }
            any = true;
            UUID host = UUID.fromString(one.getKey());
            int count = strikes.merge(host, 1, Integer::sum);
            LOG.warn(
                    "replica cannot be read table={} shard={} host={} try={} problem={}",
                    shard.table(),
                    shard.number(),
                    host,
                    count,
                    why.getMessage());
            if (replicas.replaceable(host) || count >= STRIKES) {
                replicas.lose(host, String.valueOf(why.getMessage()));
            }
        }
        return any;
    }

    /** Gone, unreadable or cut off; a wrong token or a full gate is no property of the data. */
    private static boolean isOfThatReplicaAlone(HindsightException why) {
        return why instanceof ClusterUnreachableException
                || why instanceof NotFoundException
                || why instanceof CorruptException
                || why instanceof NotAppliedException;
    }

    private ShardManifest manifest(Merged merged, Merged.Stored stored, ShardUpload upload) {
        return new ShardManifest(
                ShardManifest.FORMAT,
                plan.id(),
                shard.number(),
                shard.table(),
                shard.tableId(),
                TokenRanges.of(shard.ranges()).ranges(),
                replicas.coverage(),
                stored.sstables(),
                replicas.damaged(),
                merged.expiry(),
                merged.counts(fetches, upload),
                Optional.of(stored.layer()));
    }

    private void logDone(Stored<ShardManifest> stored) {
        ShardManifest manifest = stored.document();
        LOG.info(
                "shard {} table={} shard={} incremental={} partitions={} rows={} fetchedBytes={} fetchedDataBytes={} "
                        + "comparedBytes={} storedBytes={} missing={} damaged={} millis={}",
                stored.ours() ? "stored" : "was stored by another attempt",
                shard.table(),
                shard.number(),
                manifest.incremental(),
                manifest.counts().partitions(),
                manifest.counts().rows(),
                fetches.totalBytes(),
                fetches.dataBytes(),
                comparedBytes,
                manifest.counts().storedBytes(),
                shard.missing().size(),
                manifest.damaged().size(),
                state.clock().millis() - startMillis);
    }

    private TaskResult result(Stored<ShardManifest> stored) {
        List<String> problems = stored.document().damaged().stream()
                .map(damaged -> "table " + shard.table() + ", shard " + shard.number() + ": replica on host "
                        + damaged.hostId()
                        + (damaged.descriptor().equals(ReplicaSelection.ALL_SSTABLES)
                                ? " was not read: "
                                : ", SSTable " + damaged.descriptor() + " was not used: ")
                        + damaged.reason())
                .toList();
        return new TaskResult(task, Optional.of(stored.ref()), problems, Optional.empty(), fetches.totalBytes());
    }
}
