package dev.hindsight.trials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.hindsight.model.failure.TargetUnsafeException;
import dev.hindsight.model.ring.Ownership;
import dev.hindsight.model.ring.Replication;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.backup.BackupReport;
import dev.hindsight.operations.restore.ExportReport;
import dev.hindsight.operations.restore.RestoreReport;
import dev.hindsight.operations.verify.VerifyReport;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.document.BackupManifest;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/**
 * Cuts a backup, a restore, an export and a verification at every single call of the store or of the agents: from call n
 * on nothing works any more, or only call n fails, for all n, with call n itself not done or done but unheard of. Then the
 * same command again.
 * Nothing may be visible that is not whole, the second command must end with exactly the right data, and nothing may be
 * left behind.
 */
class CutEveryCallTest {
    private static final long SEED = Long.getLong("test.seed", 20_260_214L);
    private static final int SOURCE_NODES = 3;
    private static final int ROWS = 30;
    private static final int DOUBLE_CUTS = 12;
    private static final Set<String> CHANGING =
            Set.of("putIfAbsent", "delete", "takeSnapshot", "clearSnapshot", "stage", "commitImport", "discardImport");
    private static final List<TableName> TABLES = List.of(SmallTables.PLAIN, SmallTables.CLUSTERED);

    @TempDir
    private static Path temp;

    /** The product says a thousand times what failed, as it should. */
    private static final Logger PRODUCT = (Logger) LoggerFactory.getLogger("dev.hindsight");

    private static final Level PRODUCT_LEVEL = PRODUCT.getLevel();

    private static FakeCluster source;
    private static Path emptyRepository;
    private static Path repositoryWithBackup;
    private static Map<TableName, MergedRows> expected = Map.of();
    private static int made;

    @AfterAll
    static void logAgain() {
        PRODUCT.setLevel(PRODUCT_LEVEL);
    }

    @BeforeAll
    static void sourceAndItsBackup() {
        PRODUCT.setLevel(Level.OFF);
        source = FakeCluster.create("source", temp.resolve("source"), SOURCE_NODES);
        SmallTables tables = SmallTables.of(SEED, ROWS);
        tables.load(source, new Replication.Simple(SOURCE_NODES));
        Map<TableName, MergedRows> rows = new TreeMap<>();
        TABLES.forEach(table -> rows.put(table, MergedRows.of(table, dataFiles(source.agents(), table, source))));
        expected = rows;
        assertThat(MergedRows.plainValues(SmallTables.PLAIN, dataFiles(source.agents(), SmallTables.PLAIN, source)))
                .isEqualTo(tables.expectedPlain(SOURCE_NODES));

        emptyRepository = temp.resolve("empty");
        Repository.init(DirectoryStore.create(emptyRepository), Clock.systemUTC());
        repositoryWithBackup = copy(emptyRepository);
        CutRig rig = new CutRig(source, repositoryWithBackup, directory("scratch"), Side.EVERYTHING);
        rig.backup();
        BackupManifest manifest = rig.visible().get(0);
        requireRightBackup(rig, manifest, "uncut");
        assertThat(manifest.tables())
                .as("a table has several shards")
                .anyMatch(table -> table.shards().size() > 1);
    }

    @ParameterizedTest
    @Tag("nightly")
    @CsvSource({"STORE, NOT_DONE_ONCE", "STORE, LOST_ONCE", "AGENTS, NOT_DONE_ONCE", "AGENTS, LOST_ONCE"})
    void backupWithAnyOneCallFailingIsRight(Side side, Answer answer) {
        backupCutAtAnyCallIsInvisibleOrWholeAndTheNextOneIsRight(side, answer, 1);
    }

    @ParameterizedTest
    @CsvSource({
        "STORE, NOT_DONE, 1",
        "STORE, LOST, 1",
        "STORE, NOT_DONE_ONCE, 7",
        "STORE, LOST_ONCE, 7",
        "AGENTS, NOT_DONE, 1",
        "AGENTS, LOST, 1",
        "AGENTS, NOT_DONE_ONCE, 7",
        "AGENTS, LOST_ONCE, 5"
    })
    void backupCutAtAnyCallIsInvisibleOrWholeAndTheNextOneIsRight(Side side, Answer answer, int every) {
        CutRig counting = new CutRig(source, copy(emptyRepository), directory("scratch"), side);
        counting.backup();
        boolean seen = false;
        int n = next(0, answer, every, counting);
        while (true) {
            CutRig rig = new CutRig(source, copy(emptyRepository), directory("scratch"), side);
            rig.cut(n, answer);
            String what = "backup, call " + n + " of " + side + " " + answer;
            Optional<BackupReport> first = CutRig.attempt(rig::backup);
            boolean uncut = rig.cutter.calls() < n;
            String calls = what + " " + rig.cutter.log();
            rig.heal();
            List<BackupManifest> visible = rig.visible();
            assertThat(visible.size()).as(calls).isBetween(first.isPresent() ? 1 : 0, 1);
            if (side == Side.STORE && !answer.once()) {
                assertThat(visible.size())
                        .as("once published, visible after any later cut: %s", calls)
                        .isGreaterThanOrEqualTo(seen ? 1 : 0);
                seen = !visible.isEmpty();
            }
            visible.forEach(manifest -> requireRightBackup(rig, manifest, calls));
            if (uncut) {
                assertThat(first).as(calls).isPresent();
                requireNothingLeft(rig, calls);
                break;
            }
            requireNextBackupIsRight(rig, calls);
            n = next(n, answer, every, counting);
        }
        assertThat(n).as("calls of a backup to %s", side).isGreaterThan(8);
    }

    @ParameterizedTest
    @Tag("nightly")
    @CsvSource({"STORE, NOT_DONE_ONCE", "STORE, LOST_ONCE", "AGENTS, NOT_DONE_ONCE", "AGENTS, LOST_ONCE"})
    void restoreWithAnyOneCallFailingIsRight(Side side, Answer answer) {
        restoreCutAtAnyCallGoesOnAndEveryReplicaGetsExactlyTheRows(side, answer, 1);
    }

    @ParameterizedTest
    @CsvSource({
        "STORE, NOT_DONE, 1",
        "STORE, LOST, 1",
        "STORE, NOT_DONE_ONCE, 7",
        "STORE, LOST_ONCE, 7",
        "AGENTS, NOT_DONE, 1",
        "AGENTS, LOST, 1",
        "AGENTS, NOT_DONE_ONCE, 7",
        "AGENTS, LOST_ONCE, 5"
    })
    void restoreCutAtAnyCallGoesOnAndEveryReplicaGetsExactlyTheRows(Side side, Answer answer, int every) {
        CutRig counting = new CutRig(target(2), copy(repositoryWithBackup), directory("scratch"), side);
        counting.restore();
        List<Integer> files = filesOfNodes(counting);
        int n = next(0, answer, every, counting);
        while (true) {
            CutRig rig = new CutRig(target(2), copy(repositoryWithBackup), directory("scratch"), side);
            rig.cut(n, answer);
            String what = "restore, call " + n + " of " + side + " " + answer;
            Optional<RestoreReport> first = CutRig.attempt(rig::restore);
            boolean uncut = rig.cutter.calls() < n;
            String calls = what + " " + rig.cutter.log();
            rig.heal();
            requireNoWrongRows(rig.cluster, calls);
            if (uncut) {
                assertThat(first).as(calls).isPresent();
                requireRestored(rig, calls);
                break;
            }
            finishRestore(rig, first, calls);
            assertThat(filesOfNodes(rig)).as("no SSTable twice: %s", calls).isEqualTo(files);
            n = next(n, answer, every, counting);
        }
        assertThat(n).as("calls of a restore to %s", side).isGreaterThan(8);
    }

    /** What was imported is gone then, whatever the steps say; only all anew makes all replicas equal. */
    @ParameterizedTest
    @CsvSource({"NOT_DONE", "LOST"})
    void tablesTruncatedAfterACutRestoreAreRestoredWhole(Answer answer) {
        CutRig counting = new CutRig(target(2), copy(repositoryWithBackup), directory("scratch"), Side.AGENTS);
        counting.restore();
        List<String> calls = counting.cutter.log();
        int from = calls.indexOf("AgentClient.commitImport");
        for (int n = from; n <= calls.size(); n++) {
            CutRig rig = new CutRig(target(2), copy(repositoryWithBackup), directory("scratch"), Side.AGENTS);
            rig.cut(n, answer);
            Optional<RestoreReport> first = CutRig.attempt(rig::restore);
            String what = "restore, call " + n + " " + answer + " " + rig.cutter.log();
            rig.heal();
            TABLES.forEach(rig.cluster::truncateTable);
            if (first.isEmpty()) {
                rig.restore();
                requireRestored(rig, what);
            }
        }
        assertThat(from).isPositive();
    }

    /** Whoever empties a table while others are still being imported must not leave replicas that differ. */
    @Test
    void tablesTruncatedDuringARestoreNeverDifferBetweenReplicas() {
        CutRig counting = new CutRig(target(2), copy(repositoryWithBackup), directory("scratch"), Side.EVERYTHING);
        counting.restore();
        int calls = counting.cutter.calls();
        int from = counting.cutter.log().indexOf("AgentClient.stage");
        int stale = 0;
        for (int n = from; n <= calls; n++) {
            CutRig rig = new CutRig(target(2), copy(repositoryWithBackup), directory("scratch"), Side.EVERYTHING);
            rig.cutter.before(n, () -> TABLES.forEach(rig.cluster::truncateTable));
            Optional<RestoreReport> first = CutRig.attempt(rig::restore);
            String what = "restore, truncated before call " + n + " " + rig.cutter.log();
            rig.heal();
            stale += first.isEmpty() ? 1 : 0;
            if (first.isPresent() && !allEmpty(rig)) {
                requireRestored(rig, what);
            } else if (first.isEmpty()) {
                if (!allEmpty(rig)) {
                    assertThatThrownBy(rig::restore).as(what).isInstanceOf(TargetUnsafeException.class);
                    TABLES.forEach(rig.cluster::dropTable);
                }
                rig.restore();
                requireRestored(rig, what);
            }
        }
        assertThat(stale).isPositive();
    }

    private static List<Path> withoutClaims(Path repository) {
        return CutRig.files(repository).stream()
                .filter(path ->
                        !path.startsWith(repository.resolve("catalog")) && !path.startsWith(repository.resolve("runs")))
                .toList();
    }

    private static boolean allEmpty(CutRig rig) {
        return TABLES.stream().allMatch(rig.cluster::isEmpty);
    }

    private static List<Integer> filesOfNodes(CutRig rig) {
        List<Integer> out = new ArrayList<>();
        for (TableName table : TABLES) {
            UUID id = rig.cluster.tableId(table).orElseThrow();
            rig.cluster
                    .agents()
                    .forEach(agent -> out.add(agent.dataFiles(table, id).size()));
        }
        return out;
    }

    @ParameterizedTest
    @CsvSource({"NOT_DONE", "LOST", "NOT_DONE_ONCE"})
    void exportCutAtAnyCallLeavesNothingHalfAndTheNextOneIsRight(Answer answer) {
        CutRig counting = new CutRig(source, copy(repositoryWithBackup), directory("scratch"), Side.STORE);
        counting.export(temp.resolve("export-" + made++));
        int n = next(0, answer, counting);
        while (true) {
            CutRig rig = new CutRig(source, copy(repositoryWithBackup), directory("scratch"), Side.STORE);
            Path out = temp.resolve("export-" + made++);
            rig.cut(n, answer);
            Optional<ExportReport> first = CutRig.attempt(() -> rig.export(out));
            boolean uncut = rig.cutter.calls() < n;
            String calls = "export, call " + n + " " + answer + " " + rig.cutter.log();
            rig.heal();
            assertThat(rig.leftInScratch()).as(calls).isEmpty();
            if (uncut || first.isPresent()) {
                requireRightExport(out, calls);
            } else {
                requireOnlyWholeSSTables(out, calls);
                if (Files.exists(out) && !CutRig.files(out).isEmpty()) {
                    assertThatThrownBy(() -> rig.export(out)).as(calls).isInstanceOf(TargetUnsafeException.class);
                }
                Path again = temp.resolve("export-" + made++);
                rig.export(again);
                requireRightExport(again, calls);
                assertThat(rig.leftInScratch()).as(calls).isEmpty();
            }
            if (uncut) {
                break;
            }
            n = next(n, answer, counting);
        }
        assertThat(n).as("calls of an export").isGreaterThan(8);
    }

    @ParameterizedTest
    @CsvSource({"NOT_DONE", "NOT_DONE_ONCE"})
    void verificationCutAtAnyCallNeverSaysGoodAndHarmsNothing(Answer answer) {
        VerifyReport whole = new CutRig(source, copy(repositoryWithBackup), directory("scratch"), Side.STORE).verify();
        int n = 1;
        while (true) {
            Path repository = copy(repositoryWithBackup);
            List<Path> before = withoutClaims(repository);
            CutRig rig = new CutRig(source, repository, directory("scratch"), Side.STORE);
            rig.cut(n, answer);
            Optional<VerifyReport> report = CutRig.attempt(rig::verify);
            boolean uncut = rig.cutter.calls() < n;
            String calls = "verify, call " + n + " " + rig.cutter.log();
            rig.heal();
            assertThat(rig.leftInScratch()).as(calls).isEmpty();
            assertThat(withoutClaims(repository)).as(calls).isEqualTo(before);
            if (report.map(VerifyReport::good).orElse(false)) {
                // What may fail then is the claim, which only keeps others from deleting meanwhile.
                assertThat(report).as(calls).contains(whole);
            }
            if (uncut) {
                assertThat(report).as(calls).contains(whole);
                break;
            }
            n++;
        }
        CutRig rig = new CutRig(source, copy(repositoryWithBackup), directory("scratch"), Side.STORE);
        assertThat(rig.verify().problems()).isEmpty();
        assertThat(n).as("calls of a verification").isGreaterThan(8);
    }

    @Test
    void runsCutTwiceEndRightWithTheThirdAttempt() {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < DOUBLE_CUTS; i++) {
            cutTwice(random, Side.EVERYTHING, 2);
        }
    }

    /** About a thousand pairs of cuts, also into a ring whose nodes own different ranges. */
    @Test
    @Tag("nightly")
    void runsCutTwiceAnywhereEndRight() {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < 500; i++) {
            Side[] sides = Side.values();
            cutTwice(random, sides[random.nextInt(sides.length)], 2 + random.nextInt(3));
        }
    }

    private static void cutTwice(SplittableRandom random, Side side, int targetNodes) {
        CutRig backup = new CutRig(source, copy(emptyRepository), directory("scratch"), side);
        StringBuilder story = new StringBuilder("seed " + SEED + " " + side);
        for (int attempt = 1; attempt <= 2; attempt++) {
            cutSomewhere(random, backup, 110, story);
            CutRig.attempt(backup::backup);
            backup.heal();
        }
        backup.visible().forEach(manifest -> requireRightBackup(backup, manifest, story.toString()));
        requireNextBackupIsRight(backup, story.toString());

        CutRig restore = new CutRig(target(targetNodes), copy(repositoryWithBackup), directory("scratch"), side);
        Optional<RestoreReport> last = Optional.empty();
        for (int attempt = 1; attempt <= 2 && last.isEmpty(); attempt++) {
            cutSomewhere(random, restore, 140, story);
            last = CutRig.attempt(restore::restore);
            restore.heal();
            requireNoWrongRows(restore.cluster, story.toString());
        }
        finishRestore(restore, last, story.toString());
    }

    private static void cutSomewhere(SplittableRandom random, CutRig rig, int calls, StringBuilder story) {
        int n = 1 + random.nextInt(calls);
        Answer answer = random.nextBoolean() ? Answer.LOST : Answer.NOT_DONE;
        story.append(", cut at ").append(n).append(' ').append(answer);
        rig.cut(n, answer);
    }

    private static void requireNextBackupIsRight(CutRig rig, String what) {
        int before = rig.visible().size();
        BackupReport second = rig.backup();
        List<BackupManifest> visible = rig.visible();
        assertThat(visible).as(what).hasSize(before + 1);
        BackupManifest last = visible.get(before);
        assertThat(last.id()).as(what).isEqualTo(second.manifest().id());
        assertThat(last.state()).as(what).isEqualTo(BackupManifest.State.COMPLETE);
        assertThat(allReplicasRead(last)).as(what).isTrue();
        requireRightBackup(rig, last, what);
        requireNothingLeft(rig, what);
    }

    private static boolean allReplicasRead(BackupManifest manifest) {
        return manifest.tables().stream()
                .flatMap(table -> table.coverage().stream())
                .allMatch(coverage -> coverage.missing().isEmpty());
    }

    /** Exactly the rows, unless the manifest itself says that replicas were not read; then at least whole objects. */
    private static void requireRightBackup(CutRig rig, BackupManifest manifest, String what) {
        for (TableName table : TABLES) {
            MergedRows stored = rig.stored(manifest, table);
            if (allReplicasRead(manifest)) {
                assertThat(manifest.state()).as(what).isEqualTo(BackupManifest.State.COMPLETE);
                assertThat(stored).as("%s of %s", table, what).isEqualTo(expected.get(table));
            }
        }
    }

    private static void requireNothingLeft(CutRig rig, String what) {
        assertThat(rig.cluster.agents())
                .as("snapshots and staged files after %s", what)
                .flatMap(DirectoryAgent::leftovers)
                .isEmpty();
        assertThat(rig.leftInScratch()).as("scratch after %s", what).isEmpty();
    }

    /**
     * The next call to cut at. To lose the answer of a call that only reads is the same as not to do it, so those are
     * left out; their neighbours are kept, since parallel calls arrive in any order.
     *
     * @param counting has run the same verb uncut
     */
    private static int next(int n, Answer answer, CutRig counting) {
        return next(n, answer, 1, counting);
    }

    /** @param every looks at one call of so many only; the others are looked at nightly */
    private static int next(int n, Answer answer, int every, CutRig counting) {
        List<String> calls = counting.cutter.log();
        int next = n == 0 ? 1 : n + every;
        while (answer.lost() && next <= calls.size() && !changesNear(calls, next)) {
            next++;
        }
        return next;
    }

    private static boolean changesNear(List<String> calls, int number) {
        return calls.subList(Math.max(0, number - 3), Math.min(calls.size(), number + 2)).stream()
                .map(call -> call.substring(call.indexOf('.') + 1))
                .anyMatch(CHANGING::contains);
    }

    /** The same command again; it may only be refused when everything was done and just the last answer was lost. */
    private static void finishRestore(CutRig rig, Optional<RestoreReport> first, String what) {
        if (first.isEmpty()) {
            try {
                assertThat(rig.restore().complete()).as(what).isTrue();
            } catch (TargetUnsafeException e) {
                assertThat(e).as(what).hasMessageContaining("finished");
            }
        }
        requireRestored(rig, what);
    }

    private static void requireRestored(CutRig rig, String what) {
        for (TableName table : TABLES) {
            UUID id = rig.cluster.tableId(table).orElseThrow();
            for (DirectoryAgent agent : rig.cluster.agents()) {
                assertThat(MergedRows.of(table, agent.dataFiles(table, id)))
                        .as("%s on %s after %s", table, agent.address(), what)
                        .isEqualTo(expectedOn(rig.cluster, agent, table));
            }
        }
        requireNothingLeft(rig, what);
    }

    /** A node has all of a table or nothing of it. */
    private static void requireNoWrongRows(FakeCluster target, String what) {
        for (TableName table : TABLES) {
            target.tableId(table).ifPresent(id -> {
                for (DirectoryAgent agent : target.agents()) {
                    MergedRows rows = MergedRows.of(table, agent.dataFiles(table, id));
                    if (!rows.isEmpty()) {
                        assertThat(rows)
                                .as("%s on %s, %s", table, agent.address(), what)
                                .isEqualTo(expectedOn(target, agent, table));
                    }
                }
            });
        }
    }

    private static MergedRows expectedOn(FakeCluster target, DirectoryAgent agent, TableName table) {
        TokenRanges owned = Ownership.of(target.ringViews().get(0), new Replication.Simple(2))
                .ownedBy(agent.hostId());
        return Optional.ofNullable(expected.get(table)).orElseThrow().within(owned);
    }

    private static void requireRightExport(Path out, String what) {
        for (TableName table : TABLES) {
            assertThat(MergedRows.of(table, exported(out, table)))
                    .as("%s of %s", table, what)
                    .isEqualTo(expected.get(table));
        }
        assertThat(out.resolve("schema.cql")).as(what).isNotEmptyFile();
        requireOnlyWholeSSTables(out, what);
    }

    /** No temporary files; whatever has a table of contents can be read and holds nothing that is not expected. */
    private static void requireOnlyWholeSSTables(Path out, String what) {
        if (!Files.exists(out)) {
            return;
        }
        assertThat(CutRig.files(out))
                .as(what)
                .noneMatch(path -> path.getFileName().toString().startsWith("."));
        for (TableName table : TABLES) {
            List<Path> whole = exported(out, table).stream()
                    .filter(data -> Files.exists(
                            data.resolveSibling(data.getFileName().toString().replace("Data.db", "TOC.txt"))))
                    .toList();
            assertThat(Optional.ofNullable(expected.get(table)).orElseThrow().byToken())
                    .as("%s of %s", table, what)
                    .containsAllEntriesOf(MergedRows.of(table, whole).byToken());
        }
    }

    private static List<Path> exported(Path out, TableName table) {
        Path directory = out.resolve(table.keyspace()).resolve(table.table());
        return Files.exists(directory)
                ? CutRig.files(directory).stream()
                        .filter(file -> file.toString().endsWith("-Data.db"))
                        .toList()
                : List.of();
    }

    private static List<Path> dataFiles(List<DirectoryAgent> agents, TableName table, FakeCluster cluster) {
        UUID id = cluster.tableId(table).orElseThrow();
        List<Path> out = new ArrayList<>();
        agents.forEach(agent -> out.addAll(agent.dataFiles(table, id)));
        return out;
    }

    /** Its own name, so that restores into it meet nothing of another one. */
    private static FakeCluster target(int nodes) {
        String name = "target" + made++;
        return FakeCluster.create(name, temp.resolve(name), nodes);
    }

    private static Path directory(String kind) {
        try {
            return Files.createDirectory(temp.resolve(kind + made++));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path copy(Path repository) {
        Path to = directory("repository");
        for (Path file : CutRig.files(repository)) {
            Path copy = to.resolve(repository.relativize(file));
            try {
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(file, copy);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return to;
    }
}
