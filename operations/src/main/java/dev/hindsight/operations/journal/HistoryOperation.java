package dev.hindsight.operations.journal;

import dev.hindsight.engine.journal.KeyRecords;
import dev.hindsight.engine.source.Fetches;
import dev.hindsight.engine.task.StoredPartitions;
import dev.hindsight.model.chain.ChainLayers;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.window.RestorableWindow;
import dev.hindsight.model.window.Stretch;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.chain.BackupChain;
import dev.hindsight.operations.journal.HistoryReport.Kind;
import dev.hindsight.operations.journal.HistoryReport.Missing;
import dev.hindsight.operations.journal.HistoryReport.RowThen;
import dev.hindsight.operations.run.RunDirectory;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.journal.JournalView;
import dev.hindsight.synthesis.CorruptInputException;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.journal.KeyHistory;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Tells every version of a row or a partition: takes what a base has of it, and applies the journal's records of it one by
 * one. Where it is stored what the row was before a record ({@link CompleteOperation}), that takes the place of the base and of
 * all records before. Of the base and of the journal's segments only what their indexes point to is read. Reads the repository
 * only, as far as it is sealed. One thread; memory is that of the rows in question, and of the versions that are kept.
 */
public final class HistoryOperation {
    /** Of a request that may take less memory than usual: a few hundred bytes of it for each byte of rows of small values. */
    private static final KeyHistory.Limits NARROW = new KeyHistory.Limits(4 << 20, 1000);

    private static final int ATTEMPTS = 4;

    private final Repository repository;
    private final Path scratch;
    private final long scratchBytes;
    private final ProgressListener progress;
    /**
     * @param scratch below which what is read of a base lies for a while
     * @param scratchBytes that it may take
     */
    public HistoryOperation(Repository repository, Path scratch, long scratchBytes, ProgressListener progress) {
        this.repository = repository;
        this.scratch = scratch;
        this.scratchBytes = scratchBytes;
        this.progress = progress;
    }

    /**
     * Tells the history.
     *
     * @throws dev.hindsight.model.failure.NotFoundException the table never was protected
     * @throws dev.hindsight.model.failure.TimeNotRestorableException an end of the stretch is outside of the window
     * @throws UsageException the key is none of the table's
     * @throws dev.hindsight.model.failure.CapacityException the rows are too many; one of them may be asked for
     */
    public HistoryReport history(HistoryRequest request) {
        if (request.limit() < 1) {
            throw new UsageException("a limit of " + request.limit() + " leaves nothing", "give 1 or more");
        }
        CatalogueView catalogue = repository.catalogue().view();
        ProtectedTable table = table(catalogue, request);
        for (int attempt = 1; ; attempt++) {
            TableEvidence evidence = TableEvidence.read(repository, table);
            try {
                return history(request, catalogue, evidence);
            } catch (NotFoundException e) {
                CatalogueView now = repository.catalogue().view();
                if (!evidence.hasMoved()
                        && now.entries().size() == catalogue.entries().size()) {
                    throw new CorruptException(
                            "something that this history needs is missing: " + e.getMessage(),
                            "run 'hindsight verify' to see all that is damaged",
                            e);
                }
                if (attempt == ATTEMPTS) {
                    throw new NotAppliedException(
                            "what this history needs was tidied away while it was read: " + e.getMessage(),
                            "ask again; if that does not help, run 'hindsight verify'",
                            e);
                }
                // Segments were merged, or backups expired, and collected.
                catalogue = now;
            }
        }
    }

    /** The one that has the name now, or had it last; or an earlier one, if only that had the ends of the stretch. */
    private ProtectedTable table(CatalogueView catalogue, HistoryRequest request) {
        ProtectedTable newest = ProtectedTable.find(catalogue, request.table());
        List<Long> ends = Stream.of(request.from(), request.to())
                .flatMap(Optional::stream)
                .map(Micros::of)
                .toList();
        List<ProtectedTable> earlier = ends.isEmpty() ? List.of() : newest.earlier(catalogue);
        if (earlier.isEmpty()) {
            return newest;
        }
        return Stream.concat(Stream.of(newest), earlier.stream())
                .filter(table -> {
                    RestorableWindow window =
                            TableEvidence.read(repository, table).window();
                    return ends.stream().allMatch(end -> window.at(end).isPresent());
                })
                .findFirst()
                .orElse(newest);
    }

    private HistoryReport history(HistoryRequest request, CatalogueView catalogue, TableEvidence table) {
        RestorableWindow window = table.window();
        HistoryPlan plan = HistoryPlan.of(request.table(), window, request.from(), request.to());
        HistoryKey key = new HistoryKey(table, request.key(), plan.toMicros(), limits(request));
        HistoryEntries entries = new HistoryEntries(request.limit(), request.mostBytes());
        StoredBefore stored = new StoredBefore(repository.store(), catalogue, table, window, key);
        List<RowThen> rowsBefore = List.of();
        Optional<KeyHistory> came = Optional.empty();
        for (HistoryPlan.Section section : plan.sections()) {
            HistorySection followed = follow(catalogue, table, key, stored, plan, section, came, entries);
            rowsBefore = came.isEmpty() ? followed.rowsBefore() : rowsBefore;
            came = Optional.of(followed.history());
        }
        return new HistoryReport(
                request.table(),
                table.table().tableId(),
                key.text(),
                Micros.instant(plan.fromMicros()),
                Micros.instant(plan.toMicros()),
                window.spans().stream()
                        .filter(span -> span.fromMicros() <= plan.toMicros() && span.toMicros() >= plan.fromMicros())
                        .map(span -> WindowOperation.span(table, span))
                        .toList(),
                Micros.instant(table.watermarkMicros().orElseThrow()),
                entries.versions(),
                entries.leftOut(),
                entries.leftOutUpTo(),
                entries.all(),
                entries.first(rowsBefore),
                entries.first(HistoryVersions.then(came.orElseThrow().rows(), plan.toMicros(), key.clusteringNames())));
    }

    private static KeyHistory.Limits limits(HistoryRequest request) {
        return request.mostBytes() < HistoryRequest.USUAL_BYTES ? NARROW : KeyHistory.Limits.STANDARD;
    }

    private HistorySection follow(
            CatalogueView catalogue,
            TableEvidence table,
            HistoryKey key,
            StoredBefore stored,
            HistoryPlan plan,
            HistoryPlan.Section section,
            Optional<KeyHistory> earlier,
            HistoryEntries entries) {
        BackupManifest base =
                Optional.ofNullable(table.manifests().get(section.base())).orElseThrow();
        List<JournalEntry.Segment> segments =
                table.journal().map(JournalView::segments).orElse(List.of());
        HistoryStart start = stored.find(section, segments).orElseGet(() -> {
            int version = key.schemaAt(section.fromMicros());
            return new HistoryStart(
                    begin(catalogue, table, key, version, base),
                    version,
                    table.recordsFromMicros(base),
                    TableEvidence.began(base));
        });
        HistorySection out = new HistorySection(key, section, start, earlier, entries);
        out.add(missing(table, plan).stream()
                .filter(one -> {
                    long begins = Micros.of(one.from());
                    return begins >= section.fromMicros() && begins <= section.toMicros();
                })
                .toList());
        KeyRecords records = new KeyRecords(
                repository.store(),
                table.table().tableId(),
                key.bytes(),
                segments,
                start.recordsFromMicros(),
                section.toMicros(),
                key::definition,
                segment -> progress.advance(segment.object().sizeBytes()));
        progress.phase("journal", records.bytesAhead());
        out.run(records);
        return out;
    }

    private KeyHistory begin(
            CatalogueView catalogue, TableEvidence table, HistoryKey key, int version, BackupManifest base) {
        progress.phase("base " + base.id(), 0);
        KeyHistory history = key.empty(version);
        TokenRanges range = TokenRanges.of(KeyHistory.rangeOf(key.bytes()));
        ObjectRef manifest = catalogue.findAlsoExpired(base.id()).orElseThrow().manifest();
        ChainLayers<BackupChain.StoredShard> layers = BackupChain.of(repository, catalogue, manifest)
                .layers(table.table().name(), table.table().tableId());
        try (RunDirectory directory = RunDirectory.create(scratch, "history")) {
            List<InputSSTable> inputs = StoredPartitions.open(
                    repository.store(),
                    BackupChain.planned(layers, range),
                    table.table().tableId(),
                    range,
                    new Fetches(progress::advance));
            if (!inputs.isEmpty()) {
                history.begin(inputs, new Scratch(directory.path(), scratchBytes));
            }
        } catch (CorruptInputException e) {
            throw new CorruptException(
                    "backup " + base.id() + " cannot be read: " + e.getMessage(),
                    "run 'hindsight verify " + base.id() + "'; from behind a later backup on, that one is read",
                    e);
        }
        return history;
    }

    private static List<Missing> missing(TableEvidence table, HistoryPlan plan) {
        List<Missing> out = plan.missing().stream()
                .map(stretch -> missing(table, Kind.GAP, stretch, "NONE"))
                .collect(Collectors.toList());
        plan.weaker()
                .forEach(span -> out.add(missing(
                        table,
                        Kind.WEAKER,
                        new Stretch(span.fromMicros(), span.toMicros()),
                        span.guarantees().cluster().name())));
        return out;
    }

    private static Missing missing(TableEvidence table, Kind kind, Stretch stretch, String guarantee) {
        List<String> causes = table.journal().stream()
                .flatMap(journal -> journal.gaps().stream())
                .filter(gap -> gap.fromMicros() <= stretch.toMicros() && gap.toMicros() >= stretch.fromMicros())
                .map(gap -> "node " + gap.hostId() + ": " + gap.cause())
                .distinct()
                .toList();
        return new Missing(
                kind, Micros.instant(stretch.fromMicros()), Micros.instant(stretch.toMicros()), guarantee, causes);
    }
}
