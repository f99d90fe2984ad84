package dev.hindsight.operations.journal;

import dev.hindsight.model.failure.BusyException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.journal.CompletionPolicy;
import dev.hindsight.model.journal.CompletionPolicy.Part;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalView;
import dev.hindsight.synthesis.journal.BeforeValues;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Stores what rows were before the records of a table's journal, so that a history needs no base, in runs of a limited size.
 * Reads the repository, and adds to it; production is not touched. May run anywhere, any number of times, at the same time:
 * what is completed stays as it is, unless it is damaged: then it is stored again. One thread.
 */
public final class CompleteOperation {
    private final Repository repository;
    private final Path scratch;
    private final long scratchBytes;
    private final CompletionPolicy policy;
    private final BeforeValues.Limits limits;
    private final Clock clock;
    private final ProgressListener progress;
    private final Manifests manifests;
    private final BooleanSupplier ending;

    /**
     * @param scratch below which what is read of a base lies for a while
     * @param scratchBytes that it may take
     */
    public CompleteOperation(
            Repository repository, Path scratch, long scratchBytes, Clock clock, ProgressListener progress) {
        this(
                repository,
                scratch,
                scratchBytes,
                CompletionPolicy.DEFAULT,
                BeforeValues.Limits.STANDARD,
                clock,
                progress);
    }

    /**
     * For a service, which asks again and again.
     *
     * @param manifests that were read before
     * @param ending whether what is under way is to fail, and to be gone on with the next time
     */
    public CompleteOperation(
            Repository repository,
            Path scratch,
            long scratchBytes,
            Clock clock,
            Manifests manifests,
            BooleanSupplier ending) {
        this(
                repository,
                scratch,
                scratchBytes,
                CompletionPolicy.DEFAULT,
                BeforeValues.Limits.STANDARD,
                clock,
                ProgressListener.NONE,
                manifests,
                ending);
    }

    /**
     * The same by another policy.
     *
     * @param limits of what is sorted in memory
     */
    public CompleteOperation(
            Repository repository,
            Path scratch,
            long scratchBytes,
            CompletionPolicy policy,
            BeforeValues.Limits limits,
            Clock clock,
            ProgressListener progress) {
        this(
                repository,
                scratch,
                scratchBytes,
                policy,
                limits,
                clock,
                progress,
                new Manifests(repository),
                () -> false);
    }

    private CompleteOperation(
            Repository repository,
            Path scratch,
            long scratchBytes,
            CompletionPolicy policy,
            BeforeValues.Limits limits,
            Clock clock,
            ProgressListener progress,
            Manifests manifests,
            BooleanSupplier ending) {
        this.repository = repository;
        this.scratch = scratch;
        this.scratchBytes = scratchBytes;
        this.policy = policy;
        this.limits = limits;
        this.clock = clock;
        this.progress = progress;
        this.manifests = manifests;
        this.ending = ending;
    }

    /** Stores it of all records of the window, or says of which it would. */
    public CompleteReport complete(CompleteRequest request) {
        ProtectedTable table = ProtectedTable.find(repository.catalogue().view(), request.table());
        return request.dryRun() ? plan(table, request.check()) : execute(table, request.check());
    }

    private CompleteReport execute(ProtectedTable table, boolean check) {
        FailedStretches failed = new FailedStretches();
        List<CompleteReport.Run> runs = new ArrayList<>();
        for (StoredCompletions.Again one : again(evidence(table), check)) {
            TableEvidence evidence = evidence(table);
            failed.tried(
                            one.stretch(),
                            () -> false,
                            Optional.<CompleteReport.Run>empty(),
                            () -> Optional.of(again(evidence, one)))
                    .ifPresent(runs::add);
        }
        runs.addAll(execute(table, false, Integer.MAX_VALUE, failed));
        failed.rethrow();
        return report(table, false, runs);
    }

    private List<StoredCompletions.Again> again(TableEvidence evidence, boolean check) {
        return StoredCompletions.again(repository, evidence, stretches(evidence), check);
    }

    private CompleteReport.Run again(TableEvidence evidence, StoredCompletions.Again one) {
        CompletionRun run = run(repository.catalogue().view(), evidence, one.stretch());
        return run.store(one.damaged().firstNumber(), one.damaged().lastNumber());
    }

    /**
     * As far as the policy says that it is worth while; to be called now and then.
     *
     * @param most runs; the rest is for the next time
     */
    public DueRuns completeDue(ProtectedTable table, int most) {
        JournalLog log = new JournalLog(repository.store(), table.name(), table.tableId());
        if (JournalView.find(log)
                .filter(view -> CompletionDue.mayBe(policy, view, () -> bases(table)))
                .isEmpty()) {
            return DueRuns.NONE;
        }
        FailedStretches failed = new FailedStretches();
        List<CompleteReport.Run> runs = execute(table, true, most, failed);
        return new DueRuns(runs, failed.first());
    }

    private TableBases bases(ProtectedTable table) {
        return TableBases.read(repository.catalogue().view(), table, manifests);
    }

    private TableEvidence evidence(ProtectedTable table) {
        return TableEvidence.read(repository, table, () -> bases(table));
    }

    private CompleteReport plan(ProtectedTable table, boolean check) {
        TableEvidence evidence = evidence(table);
        List<CompleteReport.Run> runs = new ArrayList<>();
        for (StoredCompletions.Again one : again(evidence, check)) {
            long first = one.damaged().firstNumber();
            long last = one.damaged().lastNumber();
            runs.add(planned(first, last, one.stretch().base(), last - first + 1, 0));
        }
        for (CompletionStretch stretch : stretches(evidence)) {
            parts(evidence, stretch).ifPresent(parts -> {
                List<Part> left = parts.parts();
                long first = parts.firstNumber();
                for (Optional<Long> last = policy.next(left); last.isPresent(); last = policy.next(left)) {
                    long to = last.get();
                    List<Part> run = left.stream()
                            .filter(part -> part.lastNumber() <= to)
                            .toList();
                    runs.add(planned(
                            first,
                            to,
                            stretch.base(),
                            run.stream().mapToLong(Part::records).sum(),
                            run.stream().mapToLong(Part::bytes).sum()));
                    left = left.subList(run.size(), left.size());
                    first = to + 1;
                }
            });
        }
        return report(table, true, runs);
    }

    private static CompleteReport.Run planned(long first, long last, String base, long records, long bytes) {
        return new CompleteReport.Run(first, last, base, records, bytes, 0, 0, 0, 0, false);
    }

    private CompleteReport report(ProtectedTable table, boolean dryRun, List<CompleteReport.Run> runs) {
        TableEvidence evidence = evidence(table);
        long records = 0;
        long bytes = 0;
        for (CompletionStretch stretch : stretches(evidence)) {
            Optional<CompletionParts> left = parts(evidence, stretch);
            records += left.map(CompletionParts::records).orElse(0L);
            bytes += left.map(CompletionParts::bytes).orElse(0L);
        }
        return new CompleteReport(table.name(), dryRun, runs, records, bytes);
    }

    private static List<CompletionStretch> stretches(TableEvidence evidence) {
        return CompletionStretch.of(evidence.window());
    }

    private Optional<CompletionParts> parts(TableEvidence evidence, CompletionStretch stretch) {
        return evidence.journal().flatMap(view -> CompletionParts.of(repository.store(), view, stretch));
    }

    private List<CompleteReport.Run> execute(ProtectedTable table, boolean onlyDue, int most, FailedStretches failed) {
        List<CompleteReport.Run> runs = new ArrayList<>();
        boolean more = true;
        while (more && runs.size() < most) {
            CatalogueView catalogue = repository.catalogue().view();
            TableEvidence evidence = evidence(table);
            Optional<CompleteReport.Run> run = Optional.empty();
            try {
                run = next(catalogue, evidence, onlyDue, failed);
            } catch (NotFoundException e) {
                // A merge or collection came in between; what the journal says now is there.
                continue;
            }
            run.ifPresent(runs::add);
            more = run.map(CompleteReport.Run::published).orElse(false);
        }
        return runs;
    }

    private Optional<CompleteReport.Run> next(
            CatalogueView catalogue, TableEvidence evidence, boolean onlyDue, FailedStretches failed) {
        for (CompletionStretch stretch : stretches(evidence)) {
            if (!failed.has(stretch)) {
                checkEnding();
                Optional<CompleteReport.Run> run = failed.tried(
                        stretch,
                        evidence::hasMoved,
                        Optional.empty(),
                        () -> next(catalogue, evidence, stretch, onlyDue));
                if (run.isPresent()) {
                    return run;
                }
            }
        }
        return Optional.empty();
    }

    private Optional<CompleteReport.Run> next(
            CatalogueView catalogue, TableEvidence evidence, CompletionStretch stretch, boolean onlyDue) {
        Optional<CompletionParts> parts = parts(evidence, stretch);
        boolean tooFew =
                onlyDue && !stretch.ended() && parts.map(CompletionParts::bytes).orElse(0L) < policy.leastBytes();
        if (parts.isEmpty() || tooFew) {
            return Optional.empty();
        }
        CompletionRun run = run(catalogue, evidence, stretch);
        Optional<Long> last = onlyDue
                ? policy.due(parts.get().parts(), run.baseBytes(), stretch.ended())
                : policy.next(parts.get().parts());
        return last.map(upTo -> run.store(parts.get().firstNumber(), upTo));
    }

    private CompletionRun run(CatalogueView catalogue, TableEvidence evidence, CompletionStretch stretch) {
        return new CompletionRun(
                repository,
                catalogue,
                evidence,
                stretch,
                new CompletionRun.Means(scratch, scratchBytes, limits, clock, progress, this::checkEnding));
    }

    private void checkEnding() {
        if (ending.getAsBoolean()) {
            throw new BusyException("storing what rows were was ended", "it goes on the next time");
        }
    }
}
