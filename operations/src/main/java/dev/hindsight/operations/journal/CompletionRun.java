package dev.hindsight.operations.journal;

import dev.hindsight.engine.journal.BeforePlan;
import dev.hindsight.engine.journal.JournalCompleter;
import dev.hindsight.engine.source.Fetches;
import dev.hindsight.engine.task.StoredPartitions;
import dev.hindsight.model.chain.ChainLayers;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.chain.BackupChain;
import dev.hindsight.operations.run.RunDirectory;
import dev.hindsight.operations.run.Writer;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.document.Completion;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.journal.JournalView;
import dev.hindsight.synthesis.CorruptInputException;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.journal.BeforeValues;
import dev.hindsight.synthesis.journal.CorruptUpdateException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;

/** Stores what was before some records of one stretch, out of its base and the journal since. One thread. */
final class CompletionRun {
    /**
     * @param scratch below which what is read of a base lies for a while
     * @param scratchBytes that it may take
     * @param limits of what is sorted in memory
     * @param eachKey runs before each key; what it throws ends the run
     */
    record Means(
            Path scratch,
            long scratchBytes,
            BeforeValues.Limits limits,
            Clock clock,
            ProgressListener progress,
            Runnable eachKey) {}

    private final Repository repository;
    private final TableEvidence evidence;
    private final CompletionStretch stretch;
    private final ChainLayers<BackupChain.StoredShard> layers;
    private final Means means;

    CompletionRun(
            Repository repository,
            CatalogueView catalogue,
            TableEvidence evidence,
            CompletionStretch stretch,
            Means means) {
        this.repository = repository;
        this.evidence = evidence;
        this.stretch = stretch;
        this.means = means;
        ObjectRef manifest =
                catalogue.findAlsoExpired(stretch.base()).orElseThrow().manifest();
        this.layers = BackupChain.of(repository, catalogue, manifest)
                .layers(evidence.table().name(), evidence.table().tableId());
    }

    /** Of the table in the base, as stored. */
    long baseBytes() {
        return layers.layers().stream()
                .mapToLong(layer -> layer.shard().bytes())
                .sum();
    }

    /** @throws CorruptException the base, or a record, is damaged; names it */
    CompleteReport.Run store(long first, long last) {
        JournalView view = evidence.journal().orElseThrow();
        ProtectedTable table = evidence.table();
        means.progress().phase("records " + first + " to " + last + ", base " + stretch.base(), 0);
        Fetches fetches = new Fetches(means.progress()::advance);
        long cpu = cpuNanos();
        try (RunDirectory directory = RunDirectory.create(means.scratch(), "complete")) {
            BeforePlan plan = CompletionPlans.of(
                    evidence,
                    stretch,
                    first,
                    last,
                    baseBytes(),
                    ranges -> StoredPartitions.open(
                            repository.store(), BackupChain.planned(layers, ranges), table.tableId(), ranges, fetches),
                    means.eachKey());
            JournalCompleter.Report report = new JournalCompleter(
                            repository.store(),
                            evidence.log(),
                            new Scratch(directory.path(), means.scratchBytes()),
                            means.limits(),
                            means.clock(),
                            Writer.describe("complete"),
                            new SecureRandom())
                    .complete(plan, view.newest().number());
            List<Completion.Part> objects =
                    report.published().map(Completion::objects).orElse(List.of());
            return new CompleteReport.Run(
                    first,
                    last,
                    stretch.base(),
                    report.records(),
                    report.updateBytes(),
                    fetches.totalBytes(),
                    objects.size(),
                    objects.stream()
                            .mapToLong(part -> part.object().sizeBytes())
                            .sum(),
                    (cpuNanos() - cpu) / 1e9,
                    report.published().isPresent());
        } catch (CorruptInputException e) {
            throw new CorruptException(
                    "backup " + stretch.base() + " cannot be read: " + e.getMessage(),
                    "run 'hindsight verify " + stretch.base()
                            + "'; records behind a later backup are completed from that",
                    e);
        } catch (CorruptUpdateException e) {
            throw new CorruptException(
                    "the journal of " + table.name() + ": " + e.getMessage(),
                    "run 'hindsight verify' to see all that is damaged",
                    e);
        }
    }

    /** Of this thread, and so without those that fetch. */
    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
