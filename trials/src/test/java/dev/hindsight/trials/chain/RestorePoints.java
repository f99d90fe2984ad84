package dev.hindsight.trials.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.testkit.living.LivingClock;
import dev.hindsight.testkit.living.LivingCluster;
import dev.hindsight.testkit.living.LivingSSTables;
import dev.hindsight.testkit.living.LivingSSTables.Part;
import dev.hindsight.testkit.living.LivingTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The plain model: for each backup what a read at ALL gave at its instant, table by table, read by Cassandra's classes
 * from copies of the nodes' SSTables.
 *
 * <p>While a node is out of reach, two answers are right for a partition: what the others have, and that with what the
 * chain had seen of the node before.
 */
final class RestorePoints {
    /** @param sources for each partition, one of them holds what is right */
    private record TablePoint(LivingTable table, List<List<Part>> sources) {
        List<State> right(long nowSeconds) {
            return sources.stream()
                    .map(parts -> new State(LivingSSTables.live(table, parts, nowSeconds)))
                    .toList();
        }
    }

    private record State(SortedMap<Long, List<String>> byToken) {
        List<String> at(long token) {
            return byToken.getOrDefault(token, List.of());
        }
    }

    /** What the cluster holds at one moment, before anybody knows the backup's name. */
    record Moment(Map<TableName, TablePoint> tables) {}

    private final LivingCluster living;
    private final LivingClock clock;
    private final Path copies;
    private final Map<String, Moment> points = new LinkedHashMap<>();
    private int made;

    RestorePoints(LivingCluster living, LivingClock clock, Path copies) {
        this.living = living;
        this.clock = clock;
        this.copies = copies;
    }

    /** @param parent on which a backup made now may build */
    Moment now(Optional<String> parent) {
        Map<TableName, TablePoint> out = new HashMap<>();
        Moment before = parent.map(points::get).orElse(new Moment(Map.of()));
        for (LivingTable table : living.tables()) {
            List<Part> reached = copied(living.parts(table, false));
            List<List<Part>> sources = new ArrayList<>();
            sources.add(reached);
            TablePoint older = before.tables().get(table.name());
            if (!living.whole() && older != null && older.table().id().equals(table.id())) {
                for (List<Part> source : older.sources()) {
                    List<Part> both = new ArrayList<>(source);
                    both.addAll(reached);
                    sources.add(both);
                }
            }
            out.put(table.name(), new TablePoint(table, sources));
        }
        return new Moment(out);
    }

    private List<Part> copied(List<Part> parts) {
        List<Part> out = new ArrayList<>();
        for (Part part : parts) {
            Path directory = copies.resolve("copy" + made++);
            try {
                Files.createDirectories(directory);
                for (Path file : LivingSSTables.components(part.data())) {
                    Files.createLink(directory.resolve(file.getFileName()), file);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            out.add(new Part(directory.resolve(part.data().getFileName()), part.ranges()));
        }
        return out;
    }

    void made(String backup, Moment moment) {
        points.put(backup, moment);
    }

    /** The backup holds the same as another one. */
    void same(String backup, String as) {
        points.put(backup, Optional.ofNullable(points.get(as)).orElseThrow());
    }

    /** Whether two backups hold the same moment. */
    boolean areSame(String one, String other) {
        return points.get(one) == points.get(other);
    }

    boolean knows(String backup) {
        return points.containsKey(backup);
    }

    List<TableName> tables(String backup) {
        return List.copyOf(new TreeSet<>(
                Optional.ofNullable(points.get(backup)).orElseThrow().tables().keySet()));
    }

    /** Exports the backup and compares. */
    void requireRight(ChainRig rig, BackupManifest manifest, Path out, String what) {
        String backup = manifest.id();
        assertThat(knows(backup)).as("backup %s is known: %s", backup, what).isTrue();
        assertThat(manifest.tables().stream().map(BackupManifest.Table::name).sorted())
                .as("tables of %s: %s", backup, what)
                .isEqualTo(tables(backup));
        if (!tables(backup).isEmpty()) {
            rig.export(backup, tables(backup), out);
            requireRight(backup, name -> exported(out, name), what);
        }
    }

    /** @param given what came back of each table */
    void requireRight(String backup, Function<TableName, List<Part>> given, String what) {
        // What expires is gone from a restore when its time has come, whenever it was backed up.
        long now = clock.instant().getEpochSecond();
        Optional.ofNullable(points.get(backup)).orElseThrow().tables().forEach((name, point) -> {
            SortedMap<Long, List<String>> got = LivingSSTables.live(point.table(), given.apply(name), now);
            List<State> right = point.right(now);
            TreeSet<Long> tokens = new TreeSet<>(got.keySet());
            right.forEach(state -> tokens.addAll(state.byToken().keySet()));
            for (long token : tokens) {
                List<String> rows = got.getOrDefault(token, List.of());
                if (right.stream().noneMatch(state -> state.at(token).equals(rows))) {
                    assertThat(rows)
                            .as(
                                    "%s at %s, token %d, %d answers allowed: %s",
                                    point.table(), backup, token, right.size(), what)
                            .isEqualTo(right.get(0).at(token));
                }
            }
        });
    }

    static List<Part> exported(Path out, TableName table) {
        Path directory = out.resolve(table.keyspace()).resolve(table.table());
        if (!Files.exists(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.toString().endsWith("-Data.db"))
                    .map(file -> new Part(file, TokenRanges.FULL))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
