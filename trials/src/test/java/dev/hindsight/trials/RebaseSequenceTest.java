package dev.hindsight.trials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.ring.Replication;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.backup.BackupRequest.Kind;
import dev.hindsight.operations.rebase.RebaseForecast;
import dev.hindsight.operations.rebase.RebaseReport;
import dev.hindsight.operations.rebase.RebaseRequest;
import dev.hindsight.operations.retention.CollectReport;
import dev.hindsight.operations.retention.DiskUsage;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.ChainState;
import dev.hindsight.repository.store.DirectoryStore;
import dev.hindsight.testkit.fake.DirectoryAgent;
import dev.hindsight.testkit.fake.FakeCluster;
import dev.hindsight.testkit.fake.SmallTables;
import dev.hindsight.trials.CutRig.Answer;
import dev.hindsight.trials.CutRig.Side;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.cassandra.io.sstable.CQLSSTableWriter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The life of a chain, on real SSTables: F1 with I11 I12 I13 I21 I22 I23; R2 out of F1..I13; I21 builds on R2; F1..I13 go;
 * R3 out of R2..I23; R2..I23 go; I31 builds on R3. After each step every restore point holds what it held, row by row and
 * deletion by deletion.
 */
class RebaseSequenceTest {
    private static final long SEED = Long.getLong("test.seed", 20261122L);
    private static final int NODES = 3;
    private static final int ROWS = 40;
    private static final List<TableName> TABLES = List.of(SmallTables.PLAIN, SmallTables.CLUSTERED);

    @TempDir
    private Path temp;

    private FakeCluster cluster;
    private Path repository;
    private CutRig rig;
    private int writes;
    private final Map<String, Map<TableName, MergedRows>> held = new LinkedHashMap<>();

    @BeforeEach
    void source() {
        cluster = FakeCluster.create("source", temp.resolve("source"), NODES);
        SmallTables.of(SEED, ROWS).load(cluster, new Replication.Simple(NODES));
        repository = temp.resolve("repository");
        Repository.init(DirectoryStore.create(repository), Clock.systemUTC());
        rig = new CutRig(cluster, repository, directory("scratch"), Side.STORE);
    }

    private Path directory(String name) {
        try {
            return Files.createDirectories(temp.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String backup(Kind kind) {
        BackupManifest manifest = rig.backup(kind).manifest();
        held.put(manifest.id(), rows(manifest));
        return manifest.id();
    }

    private Map<TableName, MergedRows> rows(BackupManifest manifest) {
        Map<TableName, MergedRows> out = new TreeMap<>();
        TABLES.forEach(table -> out.put(table, rig.stored(manifest, table)));
        return out;
    }

    private BackupManifest find(String id) {
        return rig.visible().stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    /** New values, rows that were not there, deletions; on one node each time, as after a flush. */
    private void write() {
        int turn = ++writes;
        long micros = 1_000_000L * turn;
        DirectoryAgent agent = cluster.agents().get(turn % NODES);
        UUID plain = cluster.tableId(SmallTables.PLAIN).orElseThrow();
        UUID clustered = cluster.tableId(SmallTables.CLUSTERED).orElseThrow();
        write(
                agent.tableDirectory(SmallTables.PLAIN, plain),
                "CREATE TABLE small.plain (k int PRIMARY KEY, v text)",
                "UPDATE small.plain USING TIMESTAMP ? SET v = ? WHERE k = ?",
                List.of(
                        List.of(micros, "turn " + turn, turn % ROWS),
                        List.of(micros, "new in turn " + turn, 1000 + turn)));
        write(
                agent.tableDirectory(SmallTables.PLAIN, plain),
                "CREATE TABLE small.plain (k int PRIMARY KEY, v text)",
                "DELETE FROM small.plain USING TIMESTAMP ? WHERE k = ?",
                List.of(List.of(micros + 1, 20 + turn), List.of(micros + 1, 999 + turn)));
        write(
                agent.tableDirectory(SmallTables.CLUSTERED, clustered),
                "CREATE TABLE small.clustered (p int, c int, s text static, v text, PRIMARY KEY (p, c))",
                "DELETE FROM small.clustered USING TIMESTAMP ? WHERE p = ? AND c >= ? AND c < ?",
                List.of(List.of(micros, turn % 10, turn, turn + 3)));
    }

    private static void write(Path into, String table, String statement, List<List<Object>> rows) {
        try (CQLSSTableWriter writer = CQLSSTableWriter.builder()
                .inDirectory(into.toString())
                .forTable(table)
                .using(statement)
                .build()) {
            for (List<Object> row : rows) {
                writer.addRow(row);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void requireAllAsTheyWere(String what) {
        for (BackupManifest manifest : rig.visible()) {
            assertThat(rows(manifest)).as("%s after %s", manifest.id(), what).isEqualTo(held.get(manifest.id()));
        }
    }

    private List<String> visible() {
        return rig.visible().stream().map(BackupManifest::id).toList();
    }

    private Optional<String> parentOf(String id) {
        return rig.usage().backups().stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .flatMap(DiskUsage.Backup::parent);
    }

    /** F1 and three incrementals, or as many. */
    private List<String> chain(int incrementals) {
        List<String> ids = new ArrayList<>();
        ids.add(backup(Kind.FULL));
        for (int i = 0; i < incrementals; i++) {
            write();
            ids.add(backup(Kind.INCREMENTAL));
        }
        return ids;
    }

    @Test
    void theWholeSequenceKeepsEveryRestorePoint() throws IOException {
        List<String> all = chain(6);
        List<String> first = all.subList(0, 4);
        List<String> second = all.subList(4, 7);
        assertThat(parentOf(second.get(0))).contains(first.get(3));
        requireAllAsTheyWere("seven backups");

        RebaseReport rebased = rig.rebase(RebaseRequest.at(first.get(3)));
        BackupManifest r2 = rebased.made().orElseThrow();
        held.put(r2.id(), held.get(first.get(3)));
        assertThat(rebased.reparented()).containsExactly(second.get(0));
        assertThat(r2.kind()).isEqualTo(BackupManifest.Kind.REBASE);
        assertThat(r2.parent()).isEmpty();
        assertThat(r2.rebaseOf()).contains(first.get(3));
        assertThat(r2.restorePoint()).isEqualTo(find(first.get(3)).restorePoint());
        assertThat(r2.tables())
                .extracting(BackupManifest.Table::coverage)
                .isEqualTo(find(first.get(3)).tables().stream()
                        .map(BackupManifest.Table::coverage)
                        .toList());
        assertThat(seen(r2)).isEqualTo(seen(find(first.get(3))));
        assertThat(parentOf(second.get(0))).contains(r2.id());
        requireAllAsTheyWere("R2");
        assertThat(rig.verify().problems()).isEmpty();

        assertThat(rig.expire(first.toArray(String[]::new)).expired()).containsExactlyInAnyOrderElementsOf(first);
        CollectReport collected = rig.collect();
        assertThat(collected.bytes()).isPositive();
        assertThat(visible()).containsExactlyInAnyOrder(r2.id(), second.get(0), second.get(1), second.get(2));
        first.forEach(id -> assertThat(objectsOf(id)).isEmpty());
        requireAllAsTheyWere("F1 to I13 went");
        assertThat(rig.verify().problems()).isEmpty();

        BackupManifest r3 = rig.rebase(RebaseRequest.at(second.get(2))).made().orElseThrow();
        held.put(r3.id(), held.get(second.get(2)));
        rig.expire(r2.id(), second.get(0), second.get(1), second.get(2));
        rig.collect();
        assertThat(visible()).containsExactly(r3.id());
        requireAllAsTheyWere("R2 to I23 went");

        write();
        String i31 = backup(Kind.INCREMENTAL);
        assertThat(parentOf(i31)).contains(r3.id());
        assertThat(held.get(i31)).isNotEqualTo(held.get(r3.id()));
        assertThat(held.get(i31)).isEqualTo(wholeNow());
        assertThat(rig.verify().problems()).isEmpty();
        assertThat(files("data").filter(path -> !path.contains(r3.id()) && !path.contains(i31)))
                .isEmpty();
    }

    /** What a full backup holds, taken beside. */
    private Map<TableName, MergedRows> wholeNow() {
        Path other = temp.resolve("beside");
        Repository.init(DirectoryStore.create(other), Clock.systemUTC());
        CutRig beside = new CutRig(cluster, other, directory("beside-scratch"), Side.STORE);
        BackupManifest full = beside.backup(Kind.FULL).manifest();
        Map<TableName, MergedRows> out = new TreeMap<>();
        TABLES.forEach(table -> out.put(table, beside.stored(full, table)));
        return out;
    }

    private List<ChainState.Table> seen(BackupManifest manifest) {
        return Repository.open(DirectoryStore.open(repository))
                .load(manifest.chain().orElseThrow(), ChainState.class)
                .tables();
    }

    private List<String> objectsOf(String id) {
        return files("")
                .filter(path -> path.contains(id) && !path.startsWith("catalog/"))
                .toList();
    }

    private Stream<String> files(String below) {
        Path root = repository.resolve(below);
        try (Stream<Path> all = Files.walk(root)) {
            return all
                    .filter(Files::isRegularFile)
                    .map(path -> repository.relativize(path).toString())
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void thePlanSaysWhatWouldBeReadAndTouchesNothing() {
        List<String> ids = chain(2);
        Set<String> before = new HashSet<>(files("").toList());

        RebaseForecast plan = rig.planRebase(new RebaseRequest(Optional.empty(), Set.of()));

        assertThat(plan.source()).isEqualTo(ids.get(2));
        assertThat(plan.chain()).containsExactly(ids.get(2), ids.get(1), ids.get(0));
        assertThat(plan.nothing()).isEmpty();
        assertThat(plan.readBytes()).isPositive();
        assertThat(plan.writeBytes()).isBetween(1L, plan.readBytes());
        assertThat(new HashSet<>(files("").toList())).isEqualTo(before);
        assertThatThrownBy(() ->
                        rig.planRebase(new RebaseRequest(Optional.empty(), Set.of(new TableName("small", "nothere")))))
                .isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> rig.planRebase(RebaseRequest.at("20200101T000000Z-0000")))
                .isInstanceOf(NotFoundException.class);
    }

    @Test
    void aWholeBackupIsNotRebasedAndARebasedOneNotAgain() {
        List<String> ids = chain(1);
        assertThat(rig.rebase(RebaseRequest.at(ids.get(0))).made()).isEmpty();
        String made =
                rig.rebase(RebaseRequest.at(ids.get(1))).made().orElseThrow().id();

        RebaseReport again = rig.rebase(RebaseRequest.at(ids.get(1)));

        assertThat(again.made()).isEmpty();
        assertThat(again.forecast().nothing())
                .hasValueSatisfying(text -> assertThat(text).contains(made));
        assertThat(visible()).hasSize(3);
    }

    @Test
    void oneTableAloneIsRebasedAndTheOthersAreTakenOver() {
        List<String> ids = chain(2);
        write();
        String last = backup(Kind.INCREMENTAL);

        BackupManifest made = rig.rebase(new RebaseRequest(Optional.of(ids.get(2)), Set.of(SmallTables.PLAIN)))
                .made()
                .orElseThrow();
        held.put(made.id(), held.get(ids.get(2)));

        assertThat(made.parent()).contains(ids.get(1));
        assertThat(rig.planRebase(RebaseRequest.at(ids.get(2))).nothing().orElseThrow())
                .contains("it was rebased to " + made.id(), "'hindsight rebase --at " + made.id() + "'");
        assertThat(parentOf(last)).contains(made.id());
        requireAllAsTheyWere("a rebase of one table");
        assertThat(rig.verify().problems()).isEmpty();
        rig.expire(ids.get(2));
        rig.collect();
        requireAllAsTheyWere("its source went");
        assertThat(rig.verify().problems()).isEmpty();

        BackupManifest whole = rig.rebase(RebaseRequest.at(made.id())).made().orElseThrow();
        held.put(whole.id(), held.get(made.id()));
        assertThat(whole.parent()).isEmpty();
        rig.expire(made.id(), ids.get(1), ids.get(0));
        rig.collect();
        assertThat(visible()).containsExactlyInAnyOrder(whole.id(), last);
        requireAllAsTheyWere("the rest was rebased too");
        assertThat(rig.verify().problems()).isEmpty();
    }

    @Test
    void deathBeforeTheChildrenAreGivenOverIsMadeUpForByTheNextRun() {
        List<String> ids = chain(2);
        write();
        String last = backup(Kind.INCREMENTAL);
        Failpoints.arm("reparent.before=error");
        try {
            assertThatThrownBy(() -> rig.rebase(RebaseRequest.at(ids.get(2)))).hasMessageContaining("failpoint");
        } finally {
            Failpoints.disarmAll();
        }
        String made = visible().stream()
                .filter(id -> !held.containsKey(id))
                .findFirst()
                .orElseThrow();
        held.put(made, held.get(ids.get(2)));
        assertThat(parentOf(last)).contains(ids.get(2));
        requireAllAsTheyWere("death before the children were given over");

        assertThat(rig.rebase(RebaseRequest.at(ids.get(2))).reparented()).containsExactly(last);

        assertThat(parentOf(last)).contains(made);
        requireAllAsTheyWere("the next run");
    }

    @Test
    void deathAtAnyCallOfTheStoreAndAgain() throws IOException {
        List<String> ids = chain(2);
        write();
        String last = backup(Kind.INCREMENTAL);
        Path pristine = repository;
        CutRig counting = copied(pristine, "count");
        counting.rebase(RebaseRequest.at(ids.get(2)));
        int calls = counting.cutter.calls();
        assertThat(calls).isGreaterThan(30);
        int resumed = 0;
        int step = Math.max(1, Integer.getInteger("test.every", 23));
        for (int n = 1 + (int) Math.floorMod(SEED, step); n <= calls; n += step) {
            rig = copied(pristine, "cut" + n);
            rig.cut(n, n % 2 == 0 ? Answer.NOT_DONE : Answer.LOST);
            CutRig.attempt(() -> rig.rebase(RebaseRequest.at(ids.get(2))));
            rig.heal();
            assertThat(visible().size()).as("cut at %d", n).isBetween(4, 5);

            RebaseReport again = rig.rebase(RebaseRequest.at(ids.get(2)));

            resumed += again.resumed();
            List<BackupManifest> rebases = rig.visible().stream()
                    .filter(one -> one.kind() == BackupManifest.Kind.REBASE)
                    .toList();
            assertThat(rebases).as("cut at %d", n).hasSize(1);
            held.put(rebases.get(0).id(), held.get(ids.get(2)));
            assertThat(parentOf(last))
                    .as("cut at %d", n)
                    .contains(rebases.get(0).id());
            requireAllAsTheyWere("a cut at call " + n);
            rig.expire(ids.get(0), ids.get(1), ids.get(2));
            rig.collect();
            assertThat(files("data")
                            .filter(path -> !path.contains(rebases.get(0).id()) && !path.contains(last)))
                    .as("left after a cut at call %d", n)
                    .isEmpty();
            requireAllAsTheyWere("a cut at call " + n + " and a collection");
        }
        assertThat(resumed).as("shards gone on with").isPositive();
    }

    private CutRig copied(Path from, String name) throws IOException {
        repository = temp.resolve(name);
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : (Iterable<Path>) all::iterator) {
                Path target = repository.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(target);
                } else {
                    Files.createLink(target, path);
                }
            }
        }
        return new CutRig(cluster, repository, directory(name + "-scratch"), Side.STORE);
    }
}
