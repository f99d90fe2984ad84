package dev.hindsight.engine.task;

import dev.hindsight.engine.scratch.ScratchDirectory;
import dev.hindsight.engine.source.ComponentCache;
import dev.hindsight.engine.source.Fetches;
import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.LocalDisk;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.RestorePlan;
import dev.hindsight.synthesis.CorruptInputException;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.OutputGroup;
import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.SynthesisRequest;
import dev.hindsight.synthesis.SynthesisResult;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.TtlPolicy;
import dev.hindsight.synthesis.cursor.LocalSSTables;
import dev.hindsight.synthesis.journal.CorruptUpdateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The part that a restore and an export share: stored shards in, SSTables of the target table in scratch out. The shards
 * are those of one whole backup, or the layers of a chain; the schema is that of the chain's head either way. For an
 * instant, the journal's records of the shard are replayed first, and merged with them; the schema is that of the instant
 * then.
 *
 * <p>Tombstones are kept. The target is a new, empty table, where they do no harm, and a restored node that is later
 * given older data (a late hint, a second restore) still knows what was deleted.
 */
final class RestoreMerge {
    private final WorkerState state;
    private final RestorePlan plan;
    private final RestorePlan.Shard shard;
    private final RestorePlan.Table table;
    private final BackupManifest manifest;
    private final Fetches fetches;
    private final String planKey;
    private final Optional<StoredJournal> journal;

    RestoreMerge(WorkerState state, String planKey, RestorePlan plan, RestorePlan.Shard shard, Fetches fetches) {
        this.state = state;
        this.planKey = planKey;
        this.plan = plan;
        this.shard = shard;
        this.table = Plans.table(plan, shard.source());
        this.manifest = state.shared(plan.manifest(), BackupManifest.class);
        this.fetches = fetches;
        this.journal = table.journal().map(one -> new StoredJournal(state.store(), table, one, fetches));
    }

    RestorePlan.Table table() {
        return table;
    }

    record Outputs(List<Path> files, long rows) {}

    Outputs run(ScratchDirectory directory) {
        ComponentCache cache = state.cacheFor(planKey, plan.limits().scratchBytesPerTask());
        try {
            return run(directory.path().resolve("kept"), Optional.of(cache), cache.limitBytes());
        } catch (CapacityException e) {
            cache.clear();
            ScratchDirectory.deleteTree(directory.path().resolve("kept"));
            return run(directory.path().resolve("alone"), Optional.empty(), 0);
        }
    }

    private String hint() {
        return "run 'hindsight verify " + manifest.id() + "' and restore from another backup, or without that table"
                + (journal.isPresent()
                        ? "; if it is of the journal, restore '--at' an instant before it, or take a new base with 'hindsight"
                                + " backup' for instants to come"
                        : "");
    }

    /** Everything that is written lies below {@code own}, so that the limit counts it. */
    private Outputs run(Path own, Optional<ComponentCache> cache, long kept) {
        try (LocalSSTables local = new LocalSSTables()) {
            TokenRanges ranges = TokenRanges.of(shard.ranges());
            List<InputSSTable> inputs = new ArrayList<>(layers().open(state.store(), ranges, fetches, cache));
            Files.createDirectories(own);
            Scratch scratch = new Scratch(own, plan.limits().scratchBytesPerTask() - kept);
            if (journal.isPresent()) {
                List<OutputSSTable> replayed = journal.get().replay(ranges, own.resolve("journal"), scratch);
                inputs.addAll(local.open(replayed, ranges));
            }
            if (inputs.isEmpty()) {
                return new Outputs(List.of(), 0);
            }
            SynthesisResult result = state.synthesiser()
                    .synthesise(request(inputs, own.resolve("out")), scratch, SynthesisProgress.NONE);
            Plans.requireIdsOfOneShard(shard.number(), result.outputs());
            List<Path> files = result.outputs().stream()
                    .map(OutputSSTable::files)
                    .flatMap(List::stream)
                    .toList();
            return new Outputs(files, result.rows());
        } catch (IOException e) {
            throw LocalDisk.notWritten("scratch directory", own, e);
        } catch (CorruptInputException | CorruptUpdateException | CorruptException e) {
            throw new CorruptException(stops("wrong stored bytes", e), hint(), e);
        } catch (NotFoundException e) {
            throw new NotFoundException(stops("a missing object", e), hint(), e);
        }
    }

    private String stops(String at, HindsightException e) {
        return "shard " + shard.number() + " of restore " + plan.id() + " stops at " + at + ": " + e.getMessage() + "; "
                + hurt();
    }

    private String hurt() {
        return "this hurts table " + shard.source() + " of backup " + manifest.id() + ", token ranges "
                + shard.ranges().stream().map(TokenRange::toString).collect(Collectors.joining(" "));
    }

    private StoredLayers layers() {
        if (table.journal().map(RestorePlan.Journal::alone).orElse(false)) {
            return new StoredLayers(List.of());
        }
        TokenRanges wanted = TokenRanges.of(shard.ranges());
        if (shard.layers().isPresent()) {
            return StoredLayers.of(state.documents(), shard.layers().get(), table.sourceId(), wanted);
        }
        return StoredLayers.of(state, manifest, shard.stored(), table.sourceId(), wanted);
    }

    private SynthesisRequest request(List<InputSSTable> inputs, Path out) {
        return new SynthesisRequest(
                source(),
                new TableDefinition(table.target(), table.types(), table.ddl()),
                inputs,
                new PurgePolicy.KeepTombstones(),
                ttl(),
                plan.nowEpochSeconds(),
                List.of(new OutputGroup("all", TokenRanges.of(shard.ranges()))),
                out,
                shard.number() * Plans.IDS_PER_SHARD + 1,
                plan.limits().maxSSTableBytes());
    }

    /** Of the instant, or of the backup when that is restored as it is. */
    private TableDefinition source() {
        return journal.map(StoredJournal::definition)
                .orElseGet(() -> Plans.definition(manifest.schema(), shard.source()));
    }

    private TtlPolicy ttl() {
        long snapshot = plan.instant().orElse(manifest.restorePoint()).getEpochSecond();
        switch (plan.ttl()) {
            case "keep":
                return new TtlPolicy.Keep();
            case "freeze":
                return new TtlPolicy.Freeze(snapshot, plan.nowEpochSeconds());
            case "drop":
                return new TtlPolicy.Drop(snapshot);
            default:
                throw new UsageException(
                        "restore plan " + plan.id() + ": ttl policy '" + plan.ttl() + "' is not known",
                        "use keep, freeze or drop");
        }
    }
}
