package dev.hindsight.operations.journal;

import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.TimeNotRestorableException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.schema.ColumnNames;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.model.window.Guarantee;
import dev.hindsight.model.window.Guarantees;
import dev.hindsight.model.window.RestorableWindow;
import dev.hindsight.model.window.WindowArithmetic;
import dev.hindsight.operations.restore.InstantPart;
import dev.hindsight.operations.restore.RestoreRequest;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.RestorePlan;
import dev.hindsight.repository.journal.RecordSet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds for an instant what it is made of: the tables that there were, the newest backup that has all of them and is not later,
 * and of each table's journal the records from that backup's snapshots up to the instant. Reads the repository only; the same instant
 * gives the same answer as long as that backup is there.
 */
public final class InstantRestore {
    private final Repository repository;
    private final String cluster;

    /** @param cluster as its nodes call it: of a keyspace, its tables come before another one's */
    public InstantRestore(Repository repository, String cluster) {
        this.repository = repository;
        this.cluster = cluster;
    }

    /** The tables that have to be sealed beyond the instant before {@link #at} can answer. */
    public List<ProtectedTable> tables(RestoreRequest request) {
        if (request.keyspace().isPresent() == !request.tables().isEmpty()) {
            throw new UsageException(
                    "name either a keyspace or tables to restore", "use --keyspace K, or --table K.T (repeatable)");
        }
        var view = repository.catalogue().view();
        if (request.keyspace().isEmpty()) {
            return request.tables().stream()
                    .distinct()
                    .sorted()
                    .map(name -> ProtectedTable.find(view, name))
                    .toList();
        }
        String keyspace = request.keyspace().get();
        List<ProtectedTable> all = ProtectedTable.inKeyspace(view, cluster, keyspace);
        if (all.isEmpty()) {
            throw new NotFoundException(
                    "no table of keyspace " + keyspace + " is protected",
                    "run 'hindsight protect " + keyspace + ".<table>' for each, or restore with --from");
        }
        return all;
    }

    /**
     * The request with the backup to start from and what to add to it.
     *
     * @throws TimeNotRestorableException the instant is outside of a table's window
     * @throws UsageException a keyspace had a table then that never was protected
     */
    public RestoreRequest at(RestoreRequest request, Instant instant) {
        long micros = Micros.of(instant);
        List<TablesThen.Then> tables = tablesThen(request, instant);
        BackupManifest base = base(tables, instant);
        List<String> notes = new ArrayList<>();
        Map<TableName, InstantPart.Records> records = new HashMap<>();
        Map<String, SchemaThen> schema = new TreeMap<>();
        for (TablesThen.Then then : tables) {
            TableEvidence table = then.evidence();
            RecordSet set = RecordSet.between(
                    repository.store(), table.log(), table.recordsFromMicros(base), TableEvidence.began(base), micros);
            RestorePlan.Journal journal = journal(table, set, micros);
            Guarantee guarantee = from(table, base, micros).orElseThrow().cluster();
            if (!isAsSure(then, base, micros)) {
                notes.add("table " + then.name() + " by itself would be surer at " + instant
                        + ", from a backup that does not have all of these tables: 'hindsight window " + then.name()
                        + " --at " + instant + "' tells what is sure then; restore it with --table to have that");
            }
            if (!table.table().tableId().equals(newestOf(then.name()))) {
                notes.add("table " + then.name()
                        + " of then was dropped since; the one that has its name now is another");
            }
            records.put(
                    then.name(),
                    new InstantPart.Records(
                            journal,
                            set.segments().stream()
                                    .mapToLong(JournalEntry.Segment::bytes)
                                    .sum(),
                            guarantee,
                            table.uncertaintyMicros(micros, micros) / 1e6));
            schema.computeIfAbsent(then.name().keyspace(), keyspace -> new SchemaThen(schemaOf(base, keyspace), notes))
                    .add(then.name(), journal.schemas().get(journal.schema()));
        }
        request.keyspace()
                .flatMap(keyspace -> Optional.ofNullable(schema.get(keyspace)))
                .ifPresent(whole -> whole.only(
                        tables.stream().map(then -> then.name().table()).collect(Collectors.toSet())));
        return request.at(
                base.id(),
                new InstantPart(
                        instant,
                        records,
                        schema.values().stream().map(SchemaThen::schema).toList(),
                        notes));
    }

    private UUID newestOf(TableName name) {
        return ProtectedTable.find(repository.catalogue().view(), name).tableId();
    }

    private List<TablesThen.Then> tablesThen(RestoreRequest request, Instant instant) {
        List<ProtectedTable> newest = tables(request);
        TablesThen then = new TablesThen(repository, repository.catalogue().view(), new Manifests(repository));
        return request.keyspace().isPresent()
                ? then.keyspace(newest.get(0), instant)
                : newest.stream().map(table -> then.require(table, instant)).toList();
    }

    private static BackupManifest base(List<TablesThen.Then> tables, Instant instant) {
        long micros = Micros.of(instant);
        List<BackupManifest> bases = tables.get(0).evidence().manifests().values().stream()
                .filter(manifest -> !manifest.restorePoint().isAfter(instant))
                .sorted(TableEvidence.BASES.reversed())
                .filter(manifest -> tables.stream()
                        .allMatch(
                                then -> from(then.evidence(), manifest, micros).isPresent()))
                .toList();
        return bases.stream()
                .filter(manifest -> tables.stream().allMatch(then -> isAsSure(then, manifest, micros)))
                .findFirst()
                .or(() -> bases.stream().findFirst())
                .orElseThrow(() -> new TimeNotRestorableException(
                        "no backup has all of "
                                + tables.stream().map(TablesThen.Then::name).toList()
                                + " so that they can be brought to " + instant + " together",
                        "restore them one by one, or protect them together with one backup as their base"));
    }

    /** What is sure of the instant, if it is restored from this backup; empty if it cannot be. */
    private static Optional<Guarantees> from(TableEvidence table, BackupManifest base, long micros) {
        return Optional.ofNullable(table.manifests().get(base.id()))
                .flatMap(own ->
                        WindowArithmetic.window(table.evidence(List.of(own))).at(micros))
                .map(RestorableWindow.Span::guarantees);
    }

    /** Whether all is sure then that the table's window says; which may be of another backup. */
    private static boolean isAsSure(TablesThen.Then then, BackupManifest base, long micros) {
        Guarantees said = then.window().at(micros).orElseThrow().guarantees();
        return from(then.evidence(), base, micros)
                .filter(sure -> said.weaker(sure).equals(said))
                .isPresent();
    }

    private static RestorePlan.Journal journal(TableEvidence table, RecordSet set, long micros) {
        JournalEntry entry = table.log().entry(set.entry());
        List<RestorePlan.Schema> schemas = new ArrayList<>();
        Map<Integer, Integer> places = new HashMap<>();
        List<Integer> versions = Stream.concat(
                        set.segments().stream().map(JournalEntry.Segment::schema), Stream.of(set.schema()))
                .distinct()
                .sorted()
                .toList();
        for (int version : versions) {
            JournalEntry.Definition definition = table.log().definition(entry, version);
            places.put(version, schemas.size());
            schemas.add(new RestorePlan.Schema(definition.types(), definition.ddl()));
        }
        int schema = withAllColumns(
                entry,
                versions,
                version -> schemas.get(Objects.requireNonNull(places.get(version))),
                set.schema(),
                micros);
        return new RestorePlan.Journal(
                set.segments().stream()
                        .map(segment -> new RestorePlan.Segment(
                                segment.object(),
                                Optional.ofNullable(places.get(segment.schema()))
                                        .orElseThrow(),
                                segment.firstNumber(),
                                segment.lastNumber(),
                                segment.firstToken(),
                                segment.lastToken()))
                        .toList(),
                schemas,
                Optional.ofNullable(places.get(schema)).orElseThrow(),
                set.firstNumber(),
                set.lastNumber(),
                set.truncated().isPresent());
    }

    private static KeyspaceSchema schemaOf(BackupManifest base, String keyspace) {
        return base.schema().stream()
                .filter(schema -> schema.name().equals(keyspace))
                .findFirst()
                .orElseThrow();
    }

    /**
     * The version of the instant; or, where a write to a column that was just added has an earlier instant than the addition,
     * since neither is known better, the version that has the column.
     */
    private static int withAllColumns(
            JournalEntry entry,
            List<Integer> versions,
            IntFunction<RestorePlan.Schema> schemas,
            int atInstant,
            long micros) {
        Set<String> columns = ColumnNames.ofTable(schemas.apply(atInstant).ddl());
        return entry.schemas().stream()
                .filter(version -> versions.contains(version.version())
                        && version.sinceMicros() > micros
                        && version.sinceMicros() != JournalEntry.SchemaVersion.NEVER)
                .filter(version -> !columns.containsAll(
                        ColumnNames.ofTable(schemas.apply(version.version()).ddl())))
                .max(Comparator.comparingLong(JournalEntry.SchemaVersion::sinceMicros))
                .map(JournalEntry.SchemaVersion::version)
                .orElse(atInstant);
    }
}
