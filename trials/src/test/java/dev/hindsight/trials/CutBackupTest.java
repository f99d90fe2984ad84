package dev.hindsight.trials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.ReplacedException;
import dev.hindsight.model.ring.Node;
import dev.hindsight.model.ring.Replication;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.backup.BackupReport;
import dev.hindsight.operations.backup.BackupRequest;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.Author;
import dev.hindsight.repository.catalogue.Catalogue;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.layout.Keys;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/**
 * A backup whose process dies is gone on with by the next one: from the shards that are stored and the snapshots that still
 * stand, or from new snapshots where that would not give what the dead one was to give. Either way the result is the same as
 * of a backup in one go, and nothing is left.
 */
class CutBackupTest {
    private static final long SEED = Long.getLong("test.seed", 20_261_123L);
    private static final int NODES = 3;
    private static final int ROWS = 60;
    private static final List<TableName> TABLES = List.of(SmallTables.PLAIN, SmallTables.CLUSTERED);
    private static final Logger PRODUCT = (Logger) LoggerFactory.getLogger("dev.hindsight");
    private static final Level PRODUCT_LEVEL = PRODUCT.getLevel();

    @TempDir
    private Path temp;

    private FakeCluster source;
    private final Map<TableName, MergedRows> expected = new TreeMap<>();
    private int made;

    @BeforeEach
    void cluster() {
        PRODUCT.setLevel(Level.OFF);
        source = FakeCluster.create("source", temp.resolve("source"), NODES);
        SmallTables.of(SEED, ROWS).load(source, new Replication.Simple(NODES));
        TABLES.forEach(table -> expected.put(table, held(table)));
    }

    @AfterEach
    void logAgain() {
        PRODUCT.setLevel(PRODUCT_LEVEL);
    }

    @ParameterizedTest
    @CsvSource({"EVERYTHING, NOT_DONE, 9", "EVERYTHING, LOST, 13", "STORE, NOT_DONE, 11"})
    void theNextBackupTakesOverWhatIsStored(Side side, Answer answer, int every) {
        cutEverywhere(side, answer, every);
    }

    @ParameterizedTest
    @Tag("nightly")
    @CsvSource({"EVERYTHING, NOT_DONE", "EVERYTHING, LOST", "STORE, NOT_DONE", "STORE, LOST"})
    void theNextBackupTakesOverWhatIsStoredWhereverItIsCut(Side side, Answer answer) {
        cutEverywhere(side, answer, 1);
    }

    private void cutEverywhere(Side side, Answer answer, int every) {
        int calls = callsOfABackup(side);
        int most = 0;
        int afresh = 0;
        for (int n = 1; n <= calls; n += every) {
            Rig rig = new Rig(side);
            rig.cut(n, answer);
            Optional<BackupReport> first = CutRig.attempt(rig.cut::backup);
            String what = "seed " + SEED + ", " + side + " " + answer + " call " + n + " " + rig.cut.cutter.log();
            rig.cut.heal();
            boolean published = !rig.cut.visible().isEmpty();
            int stored = rig.storedShards();
            BackupReport next = rig.cut.backup();

            if (first.isEmpty() && !published && next.resumed().isPresent()) {
                assertThat(next.resumed()).as(what).hasValue(stored);
                most = Math.max(most, stored);
            } else {
                afresh++;
            }
            assertThat(next.manifest().state()).as(what).isEqualTo(BackupManifest.State.COMPLETE);
            requireWhole(rig, next, what);
        }
        assertThat(most).as("shards taken over").isGreaterThan(2);
        assertThat(afresh)
                .as("cut before there is a plan, or after all is done")
                .isPositive();
    }

    /** Of so many calls some come in another order each time. */
    private int callsOfABackup(Side side) {
        Rig counting = new Rig(side);
        counting.cut.backup();
        return counting.cut.cutter.calls();
    }

    @Test
    void whatIsStoredIsNotStoredAgainAndTheNextIncrementalFindsNothingNew() {
        Rig rig = died();
        List<Path> before = rig.data();
        BackupReport next = rig.cut.backup();

        assertThat(next.resumed().orElseThrow()).isPositive();
        assertThat(rig.data()).containsAll(before);
        assertThat(next.notes()).anyMatch(note -> note.contains("goes on with backup " + rig.dead));
        assertThat(next.manifest().id()).isEqualTo(rig.dead);
        requireWhole(rig, next, "continued");
        assertThat(rig.cut.verify().problems()).isEmpty();
        rig.cut.collect();
        requireWhole(rig, next, "continued and collected");
        BackupReport incremental = rig.cut.backup();
        assertThat(incremental.manifest().kind()).isEqualTo(BackupManifest.Kind.INCREMENTAL);
        assertThat(incremental.manifest().totals().fetchedBytes()).isZero();
        requireWhole(rig, incremental, "after it");
    }

    @Test
    void anIncrementalIsGoneOnWithOntoTheSameParent() {
        Rig rig = new Rig(Side.EVERYTHING);
        BackupReport full = rig.cut.backup();
        compactNothingButAddTheSameAgain();
        rig.dieHalfWay();
        BackupReport next = rig.cut.backup();

        assertThat(next.resumed()).isPresent();
        assertThat(next.manifest().parent()).contains(full.manifest().id());
        requireWhole(rig, next, "incremental");
    }

    @Test
    void aRunMayDieAgainAndAgain() {
        Rig rig = died();
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < 4; i++) {
            rig.cut.cut(20 + random.nextInt(25), i % 2 == 0 ? Answer.NOT_DONE : Answer.LOST);
            assertThat(CutRig.attempt(rig.cut::backup)).isEmpty();
            rig.cut.heal();
        }
        BackupReport next = rig.cut.backup();

        assertThat(next.resumed().orElseThrow()).isPositive();
        assertThat(next.manifest().id()).isEqualTo(rig.dead);
        requireWhole(rig, next, "died five times");
    }

    @Test
    void anotherSchemaBeginsAfresh() {
        Rig rig = died();
        source.executeDdl("CREATE TABLE small.more (k int PRIMARY KEY)");

        requireAfresh(rig, "the schema has changed");
    }

    @Test
    void anotherRingBeginsAfresh() {
        Rig rig = died();
        List<Node> nodes = source.ringViews().get(0).nodes();
        source.setNodes(List.of(
                nodes.get(0),
                nodes.get(1),
                source.node(nodes.get(2).hostId(), 3, nodes.get(2).tokens().get(0) - 1)));

        requireAfresh(rig, "the ring has changed");
    }

    @Test
    void aSnapshotThatIsGoneBeginsAfresh() {
        Rig rig = died();
        DirectoryAgent agent = source.agents().get(1);
        agent.snapshotTags("").forEach(agent::clearSnapshot);

        requireAfresh(rig, "its snapshot on node");
    }

    @Test
    void aNodeThatIsDownBeginsAfreshAndItsSnapshotGoesLater() {
        Rig rig = died();
        source.agents().get(1).fallSilent();
        BackupReport next = rig.cut.backup();
        assertThat(next.resumed()).isEmpty();
        assertThat(next.notes()).anyMatch(note -> note.contains("cannot be read now"));
        source.agents().get(1).answerAgain();

        requireWhole(rig, rig.cut.backup(BackupRequest.Kind.FULL), "with all nodes again");
    }

    @Test
    void aNodeThatCouldNotBeReadAndCanBeNowBeginsAfresh() {
        Rig rig = new Rig(Side.EVERYTHING);
        source.agents().get(2).fallSilent();
        rig.dieHalfWay();
        source.agents().get(2).answerAgain();

        requireAfresh(rig, "can be read now");
    }

    @Test
    void anotherRequestBeginsAfresh() {
        Rig rig = died();
        BackupReport next = rig.cut.backup(new BackupRequest(Set.of(), Set.of(SmallTables.PLAIN)));

        assertThat(next.resumed()).isEmpty();
        assertThat(next.notes()).anyMatch(note -> note.contains("other tables"));
        requireNothingLeft(rig, "another request");
        assertThat(rig.cut.stored(next.manifest(), SmallTables.PLAIN)).isEqualTo(expected.get(SmallTables.PLAIN));
    }

    @Test
    void whatIsAskedToBeginAfreshDoes() {
        Rig rig = died();
        BackupReport next = rig.cut.backup(new BackupRequest(Set.of(), Set.of(), BackupRequest.Kind.AUTO, true));

        assertThat(next.resumed()).isEmpty();
        assertThat(next.manifest().id()).isNotEqualTo(rig.dead);
        requireWhole(rig, next, "afresh");
    }

    @Test
    void whatIsTooOldBeginsAfresh() {
        Rig rig = died();
        rig.cut.clock = Clock.offset(Clock.systemUTC(), Duration.ofHours(13));

        requireAfresh(rig, "at most 720 min old");
    }

    @Test
    void aCollectionInBetweenTakesEverythingAndTheNextBackupBeginsAfresh() {
        Rig rig = died();
        rig.cut.collect();
        assertThat(rig.storedShards()).isZero();

        BackupReport next = rig.cut.backup();

        assertThat(next.resumed()).isEmpty();
        requireWhole(rig, next, "after a collection");
    }

    @Test
    void aDamagedPlanOrShardBeginsAfresh() throws IOException {
        for (String which : List.of("plan.json", "shards")) {
            Rig rig = died();
            Path damaged = CutRig.files(rig.repository.resolve("backups")).stream()
                    .filter(Files::isRegularFile)
                    .filter(file -> file.toString().contains(which))
                    .findFirst()
                    .orElseThrow();
            byte[] bytes = Files.readAllBytes(damaged);
            bytes[bytes.length / 2] ^= 1;
            Files.delete(damaged);
            Files.write(damaged, bytes);

            requireAfresh(rig, which.equals("shards") ? "a shard of it is damaged" : "its plan cannot be read");
        }
    }

    @Test
    void aTruncateInBetweenIsSeenByTheNextIncremental() {
        Rig rig = died();
        source.truncateTable(SmallTables.PLAIN);
        BackupReport next = rig.cut.backup();
        assertThat(next.resumed()).isPresent();
        requireWhole(rig, next, "what the snapshots have");

        BackupReport after = rig.cut.backup();

        assertThat(after.manifest().tables())
                .filteredOn(table -> table.name().equals(SmallTables.PLAIN))
                .allMatch(table -> table.how().orElseThrow().reason().contains("truncated"));
        assertThat(rig.cut.stored(after.manifest(), SmallTables.PLAIN)).isEqualTo(MergedRows.NONE);
    }

    /** Only the next backup knows what it goes on with. */
    @Test
    void aRestoreInBetweenLeavesTheSnapshots() {
        Rig rig = new Rig(Side.EVERYTHING);
        rig.cut.backup();
        rig.dieHalfWay(BackupRequest.Kind.FULL);
        assertThatThrownBy(rig.cut::restore).isInstanceOf(HindsightException.class);
        assertThat(rig.cut.leftInScratch()).as("all but the owner").hasSize(2);

        BackupReport next = rig.cut.backup(BackupRequest.Kind.FULL);

        assertThat(next.resumed()).isPresent();
        requireWhole(rig, next, "after a restore");
    }

    /** It stood still for so long that another process went on with it: what that reads must stay. */
    @Test
    void aRunThatWasTakenOnLeavesItsSnapshotsToWhoGoesOn() {
        Rig rig = new Rig(Side.EVERYTHING);
        int calls = callsOfABackup(Side.EVERYTHING);
        rig.cut.cutter.before(calls / 2, () -> takeOver(rig, rig.claimed()));
        assertThatThrownBy(rig.cut::backup).isInstanceOf(ReplacedException.class);
        assertThat(source.agents()).noneMatch(DirectoryAgent::isClean);
        rig.cut.heal();

        BackupReport next = rig.cut.backup();
        assertThat(next.resumed()).isPresent();
        requireWhole(rig, next, "taken on twice");
    }

    /** The other one begins with something else: nobody needs them. */
    @Test
    void aRunThatWasReplacedByAnotherClearsItsSnapshots() {
        Rig rig = new Rig(Side.EVERYTHING);
        int calls = callsOfABackup(Side.EVERYTHING);
        rig.cut.cutter.before(calls / 2, () -> takeOver(rig, "20261123T000000Z-abcd"));
        assertThatThrownBy(rig.cut::backup).isInstanceOf(ReplacedException.class);

        requireNothingLeft(rig, "replaced");
    }

    /** As a process on another machine does that has watched the holder in vain. */
    private static void takeOver(Rig rig, String run) {
        Catalogue catalogue = new Catalogue(DirectoryStore.open(rig.repository));
        CatalogueEntry holder = catalogue.view().claims().stream()
                .filter(claim -> claim.claim().scope().startsWith("backup "))
                .findFirst()
                .orElseThrow()
                .entry();
        CatalogueEntry.Claim claim = holder.claim().orElseThrow();
        catalogue.append(
                new Change.Claim(new CatalogueEntry.Claim(
                        claim.scope(), run, claim.verb(), List.of(), claim.host(), claim.boot(), 4_194_305, 1)),
                new Author(catalogue.nextEpoch(), "other", Clock.systemUTC().instant()));
    }

    private Rig died() {
        Rig rig = new Rig(Side.EVERYTHING);
        rig.dieHalfWay();
        return rig;
    }

    private void requireAfresh(Rig rig, String why) {
        BackupReport next = rig.cut.backup();
        assertThat(next.resumed()).as(why).isEmpty();
        assertThat(next.manifest().id()).isNotEqualTo(rig.dead);
        assertThat(next.notes())
                .anyMatch(note -> note.contains("does not go on with backup " + rig.dead) && note.contains(why));
        requireWhole(rig, next, why);
        rig.cut.collect();
        assertThat(rig.cut.files(rig.repository))
                .as("objects of the run that was given up")
                .noneMatch(path -> path.toString().contains(rig.dead));
    }

    private void requireWhole(Rig rig, BackupReport report, String what) {
        BackupManifest manifest = rig.cut.visible().stream()
                .filter(one -> one.id().equals(report.manifest().id()))
                .findFirst()
                .orElseThrow();
        assertThat(manifest.state()).as(what).isEqualTo(BackupManifest.State.COMPLETE);
        TABLES.forEach(table -> assertThat(rig.cut.stored(manifest, table))
                .as("%s, %s", table, what)
                .isEqualTo(expected.get(table)));
        assertThat(manifest.tables().stream().flatMap(table -> table.coverage().stream()))
                .as(what)
                .allMatch(part -> part.missing().isEmpty());
        requireNothingLeft(rig, what);
    }

    private void requireNothingLeft(Rig rig, String what) {
        assertThat(source.agents())
                .as("snapshots after %s", what)
                .flatMap(DirectoryAgent::leftovers)
                .isEmpty();
        assertThat(rig.cut.leftInScratch()).as("scratch after %s", what).isEmpty();
    }

    /** SSTables under new names, as after streaming; the chain has not seen them, and they change nothing. */
    private void compactNothingButAddTheSameAgain() {
        for (DirectoryAgent agent : source.agents()) {
            for (TableName table : TABLES) {
                UUID id = source.tableId(table).orElseThrow();
                Path directory = agent.tableDirectory(table, id);
                for (Path file : CutRig.files(directory)) {
                    String[] name = file.getFileName().toString().split("-", 3);
                    copy(file, directory.resolve(name[0] + "-9" + name[1] + "-" + name[2]));
                }
            }
        }
    }

    private MergedRows held(TableName table) {
        UUID id = source.tableId(table).orElseThrow();
        List<Path> data = new ArrayList<>();
        source.agents().forEach(agent -> data.addAll(agent.dataFiles(table, id)));
        return MergedRows.of(table, data);
    }

    private static void copy(Path from, Path to) {
        try {
            Files.copy(from, to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A new repository with the cluster before it. */
    private final class Rig {
        final Path repository = temp.resolve("repository" + ++made);
        final CutRig cut;
        /** Id of the run that died. */
        String dead = "";

        Rig(Side side) {
            Repository.init(DirectoryStore.create(repository), Clock.systemUTC());
            try {
                this.cut = new CutRig(source, repository, Files.createDirectory(temp.resolve("scratch" + made)), side);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void cut(int n, Answer answer) {
            cut.cut(n, answer);
        }

        void dieHalfWay() {
            dieHalfWay(BackupRequest.Kind.AUTO);
        }

        /** When some shards are stored, and not all. */
        void dieHalfWay(BackupRequest.Kind kind) {
            int before = storedShards();
            for (int n = 30; ; n += 5) {
                cut.cut(n, Answer.NOT_DONE);
                assertThat(CutRig.attempt(() -> cut.backup(kind)))
                        .as("a backup cut at call %d", n)
                        .isEmpty();
                cut.heal();
                if (storedShards() > before) {
                    dead = claimed();
                    return;
                }
            }
        }

        int storedShards() {
            return (int) CutRig.files(repository).stream()
                    .filter(file -> Keys.shardOfManifest(
                                    repository.relativize(file).toString())
                            .isPresent())
                    .count();
        }

        List<Path> data() {
            return CutRig.files(repository.resolve("data"));
        }

        /** Id of the backup that has the claim. */
        String claimed() {
            return new Catalogue(DirectoryStore.open(repository))
                    .view().claims().stream()
                            .map(claim -> claim.claim())
                            .filter(claim -> claim.scope().startsWith("backup "))
                            .findFirst()
                            .orElseThrow()
                            .run();
        }
    }
}
