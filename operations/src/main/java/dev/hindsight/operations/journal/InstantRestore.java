package dev.hindsight.operations.journal;

import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.TimeNotRestorableException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.schema.DdlStatement;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.SchemaElement;
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
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Finds for an instant what it is made of: the newest backup that has all the wanted tables and is not later, and of each
 * table's journal the records from that backup's snapshots up to the instant. Reads the repository only; the same instant
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
     */
    public RestoreRequest at(RestoreRequest request, Instant instant) {
        long micros = Micros.of(instant);
        List<TableEvidence> tables = tables(request).stream()
                .map(table -> TableEvidence.read(repository, table))
                .toList();
        tables.forEach(table -> requireRestorable(table, instant));
        List<BackupManifest> bases = tables.get(0).manifests().values().stream()
                .filter(manifest -> !manifest.restorePoint().isAfter(instant))
                .sorted(TableEvidence.BASES.reversed())
                .filter(manifest -> tables.stream()
                        .allMatch(table -> from(table, manifest, micros).isPresent()))
                .toList();
        BackupManifest base = bases.stream()
                .filter(manifest -> tables.stream().allMatch(table -> isAsSure(table, manifest, micros)))
                .findFirst()
                .or(() -> bases.stream().findFirst())
                .orElseThrow(() -> new TimeNotRestorableException(
                        "no backup has all of "
                                + tables.stream()
                                        .map(table -> table.table().name())
                                        .toList()
                                + " so that they can be brought to " + instant + " together",
                        "restore them one by one, or protect them together with one backup as their base"));
        requireWholeKeyspace(request, base, tables);
        List<String> notes = new ArrayList<>();
        Map<TableName, InstantPart.Records> records = new HashMap<>();
        Map<String, KeyspaceSchema> schema = new TreeMap<>();
        for (TableEvidence table : tables) {
            RecordSet set = RecordSet.between(
                    repository.store(), table.log(), table.recordsFromMicros(base), TableEvidence.began(base), micros);
            RestorePlan.Journal journal = journal(table, set);
            Guarantee guarantee = from(table, base, micros).orElseThrow().cluster();
            if (!isAsSure(table, base, micros)) {
                notes.add("table " + table.table().name() + " by itself would be surer at " + instant
                        + ", from a backup that does not have all of these tables: 'hindsight window "
                        + table.table().name() + " --at " + instant + "' tells what is sure then; restore it with"
                        + " --table to have that");
            }
            records.put(
                    table.table().name(),
                    new InstantPart.Records(
                            journal,
                            set.segments().stream()
                                    .mapToLong(JournalEntry.Segment::bytes)
                                    .sum(),
                            guarantee,
                            table.uncertaintyMicros(micros, micros) / 1e6));
            String keyspace = table.table().name().keyspace();
            KeyspaceSchema so = schema.computeIfAbsent(keyspace, name -> schemaOf(base, name));
            schema.put(keyspace, schemaThen(so, table, journal));
        }
        return request.at(base.id(), new InstantPart(instant, records, List.copyOf(schema.values()), notes));
    }

    /** What is sure of the instant, if it is restored from this backup; empty if it cannot be. */
    private static Optional<Guarantees> from(TableEvidence table, BackupManifest base, long micros) {
        return Optional.ofNullable(table.manifests().get(base.id()))
                .flatMap(own ->
                        WindowArithmetic.window(table.evidence(List.of(own))).at(micros))
                .map(RestorableWindow.Span::guarantees);
    }

    /** Whether all is sure then that the table's window says; which may be of another backup. */
    private static boolean isAsSure(TableEvidence table, BackupManifest base, long micros) {
        Guarantees said = table.window().at(micros).orElseThrow().guarantees();
        return from(table, base, micros)
                .filter(sure -> said.weaker(sure).equals(said))
                .isPresent();
    }

    private static void requireRestorable(TableEvidence table, Instant instant) {
        long micros = Micros.of(instant);
        RestorableWindow window = table.window();
        if (window.at(micros).isPresent()) {
            return;
        }
        String nearest = Stream.of(
                        window.nearestBefore(micros).map(at -> "the nearest before is " + Micros.instant(at)),
                        window.nearestAfter(micros).map(at -> "the nearest after is " + Micros.instant(at)))
                .flatMap(Optional::stream)
                .reduce((a, b) -> a + ", " + b)
                .orElse("no instant of it can be restored yet");
        throw new TimeNotRestorableException(
                "table " + table.table().name() + " cannot be restored to " + instant + ": " + nearest,
                "run 'hindsight window " + table.table().name() + "' for all that can");
    }

    /** A keyspace at an instant is all of it: what is not protected would be of another time. */
    private static void requireWholeKeyspace(RestoreRequest request, BackupManifest base, List<TableEvidence> tables) {
        request.keyspace().ifPresent(keyspace -> {
            List<TableName> open = base.tables().stream()
                    .map(BackupManifest.Table::name)
                    .filter(name -> name.keyspace().equals(keyspace))
                    .filter(name -> tables.stream()
                            .noneMatch(table -> table.table().name().equals(name)))
                    .toList();
            if (!open.isEmpty()) {
                throw new UsageException(
                        "keyspace " + keyspace + " cannot be restored to an instant as a whole: not protected are "
                                + open,
                        "name the protected ones with --table, or protect these as well");
            }
        });
    }

    private static RestorePlan.Journal journal(TableEvidence table, RecordSet set) {
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
                Optional.ofNullable(places.get(set.schema())).orElseThrow(),
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

    /** The backup's keyspace with this table, and the types, as they were at the instant. */
    private static KeyspaceSchema schemaThen(KeyspaceSchema stored, TableEvidence table, RestorePlan.Journal journal) {
        RestorePlan.Schema then = journal.schemas().get(journal.schema());
        List<SchemaElement> types = then.types().stream()
                .map(ddl -> new SchemaElement(
                        SchemaElement.Kind.TYPE, DdlStatement.parse(ddl).name(), "", ddl))
                .toList();
        List<SchemaElement> elements = new ArrayList<>(types);
        for (SchemaElement element : stored.elements()) {
            boolean replaced = element.kind() == SchemaElement.Kind.TYPE
                    && types.stream().anyMatch(type -> type.name().equals(element.name()));
            if (element.kind() == SchemaElement.Kind.TABLE
                    && element.name().equals(table.table().name().table())) {
                elements.add(new SchemaElement(element.kind(), element.name(), element.table(), then.ddl()));
            } else if (!replaced) {
                elements.add(element);
            }
        }
        elements.sort(Comparator.comparing(SchemaElement::kind));
        return new KeyspaceSchema(
                stored.name(), stored.replication(), stored.durableWrites(), elements, stored.tables());
    }
}
