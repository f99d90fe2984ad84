package dev.hindsight.operations.journal;

import dev.hindsight.model.failure.TimeNotRestorableException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.schema.DdlStatement;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.model.window.RestorableWindow;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.document.JournalEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Of tables, what was protected under their names at an instant. A table that was dropped and created again is another one
 * with a journal of its own, and the earlier one's stays for as long as its bases do. Reads the repository only; one thread.
 */
final class TablesThen {
    private final Repository repository;
    private final CatalogueView view;
    private final Manifests manifests;

    /**
     * A table at the instant.
     *
     * @param window that the instant is in
     */
    record Then(TableEvidence evidence, RestorableWindow window) {
        TableName name() {
            return evidence.table().name();
        }
    }

    /** @param manifests that were read before, and will be asked for again */
    TablesThen(Repository repository, CatalogueView view, Manifests manifests) {
        this.repository = repository;
        this.view = view;
        this.manifests = manifests;
    }

    private Then read(ProtectedTable table) {
        TableEvidence evidence = TableEvidence.read(repository, table, () -> TableBases.read(view, table, manifests));
        return new Then(evidence, evidence.window());
    }

    /**
     * @param newest of its name
     * @throws TimeNotRestorableException neither it nor an earlier one can be restored to that instant
     */
    Then require(ProtectedTable newest, Instant instant) {
        List<Then> seen = new ArrayList<>();
        return find(newest, Micros.of(instant), seen).orElseThrow(() -> outside(newest.name(), instant, seen));
    }

    /** @param seen gets all that were looked at */
    private Optional<Then> find(ProtectedTable newest, long micros, List<Then> seen) {
        for (ProtectedTable table :
                Stream.concat(Stream.of(newest), newest.earlier(view).stream()).toList()) {
            Then then = read(table);
            if (then.window().at(micros).isPresent()) {
                return Optional.of(then);
            }
            seen.add(then);
        }
        return Optional.empty();
    }

    private static TimeNotRestorableException outside(TableName name, Instant instant, List<Then> seen) {
        long micros = Micros.of(instant);
        Optional<Instant> before = seen.stream()
                .flatMap(then -> then.window().nearestBefore(micros).stream())
                .max(Long::compare)
                .map(Micros::instant);
        Optional<Instant> after = seen.stream()
                .flatMap(then -> then.window().nearestAfter(micros).stream())
                .min(Long::compare)
                .map(Micros::instant);
        String nearest = Stream.of(
                        before.map(at -> "the nearest before is " + at), after.map(at -> "the nearest after is " + at))
                .flatMap(Optional::stream)
                .reduce((a, b) -> a + ", " + b)
                .orElse("no instant of it can be restored yet");
        return new TimeNotRestorableException(
                "table " + name + " cannot be restored to " + instant + ": " + nearest,
                "run 'hindsight window " + name + "' for all that can",
                before,
                after);
    }

    /**
     * All tables that a keyspace had at the instant.
     *
     * @param standing a table of it that is protected
     * @throws TimeNotRestorableException one that it had cannot be restored to that instant
     * @throws UsageException one that it had never was protected
     */
    List<Then> keyspace(ProtectedTable standing, Instant instant) {
        TreeMap<TableName, ProtectedTable> newest = new TreeMap<>();
        ProtectedTable.all(view).stream()
                .filter(table -> table.cluster().equals(standing.cluster())
                        && table.name().keyspace().equals(standing.name().keyspace()))
                .forEach(table -> newest.merge(
                        table.name(), table, (one, other) -> other.since().isBefore(one.since()) ? one : other));
        List<Then> out = new ArrayList<>();
        TreeMap<TableName, TimeNotRestorableException> outside = new TreeMap<>();
        Set<TableName> there = new TreeSet<>();
        for (ProtectedTable table : newest.values()) {
            List<Then> seen = new ArrayList<>();
            Optional<Then> then = find(table, Micros.of(instant), seen);
            if (then.isEmpty()) {
                outside.put(table.name(), outside(table.name(), instant, seen));
            }
            then.ifPresent(one -> {
                out.add(one);
                there.addAll(neighbours(one.evidence(), Micros.of(instant)));
            });
        }
        if (out.isEmpty()) {
            throw Objects.requireNonNull(outside.get(standing.name()));
        }
        there.removeAll(out.stream().map(Then::name).toList());
        outside.keySet().stream().filter(there::contains).findFirst().ifPresent(name -> {
            throw Objects.requireNonNull(outside.get(name));
        });
        if (!there.isEmpty()) {
            throw new UsageException(
                    "keyspace " + standing.name().keyspace() + " cannot be restored to " + instant
                            + " as a whole: not protected are " + there,
                    "name the protected ones with --table, or protect these as well");
        }
        return out;
    }

    /** The other tables that its keyspace had then, as its nodes' logs tell. */
    private static List<TableName> neighbours(TableEvidence table, long micros) {
        JournalEntry newest = table.newest().orElseThrow();
        return table.log().definition(newest, newest.schemaAt(micros)).neighbours().stream()
                .map(ddl -> DdlStatement.parse(DdlStatement.split(ddl).get(0)).name())
                .map(name -> new TableName(table.table().name().keyspace(), name))
                .toList();
    }
}
