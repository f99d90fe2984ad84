package dev.hindsight.trials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.ring.Replication;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.RunSettings;
import dev.hindsight.operations.backup.BackupReport;
import dev.hindsight.operations.backup.BackupRequest;
import dev.hindsight.operations.verify.VerifyReport;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.document.ChainState;
import dev.hindsight.repository.document.ShardManifest;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.cassandra.io.sstable.CQLSSTableWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** What a backup has to be compared with is damaged: the shards concerned are stored whole, and nobody is stopped. */
class DamagedChainTest {
    private static final long SEED = Long.getLong("test.seed", 20_261_124L);
    private static final int NODES = 2;
    private static final int ROWS = 900;
    private static final List<TableName> TABLES = List.of(SmallTables.PLAIN, SmallTables.CLUSTERED);
    private static final Logger PRODUCT = (Logger) LoggerFactory.getLogger("dev.hindsight");
    private static final Level PRODUCT_LEVEL = PRODUCT.getLevel();

    /** What happens to a stored object. */
    enum Damage {
        FLIPPED {
            @Override
            void apply(Path object) throws IOException {
                byte[] bytes = Files.readAllBytes(object);
                bytes[bytes.length / 2] ^= 1;
                Files.delete(object);
                Files.write(object, bytes);
            }
        },
        SHORTER {
            @Override
            void apply(Path object) throws IOException {
                byte[] bytes = Files.readAllBytes(object);
                Files.delete(object);
                Files.write(object, Arrays.copyOf(bytes, bytes.length / 2));
            }
        },
        DELETED {
            @Override
            void apply(Path object) throws IOException {
                Files.delete(object);
            }
        };

        abstract void apply(Path object) throws IOException;
    }

    @TempDir
    private Path temp;

    private FakeCluster source;
    private Path repository;
    private CutRig rig;
    private BackupManifest full;
    private int made;

    @BeforeEach
    void oneFullBackupAndOldWritesAfterIt() throws IOException {
        PRODUCT.setLevel(Level.OFF);
        source = FakeCluster.create("source", temp.resolve("source"), NODES);
        SmallTables.of(SEED, ROWS).load(source, new Replication.Simple(NODES));
        repository = temp.resolve("repository");
        Repository.init(DirectoryStore.create(repository), Clock.systemUTC());
        rig = rig(repository);
        full = rig.backup().manifest();
        writeOlderThanTheChain();
    }

    @AfterEach
    void logAgain() {
        PRODUCT.setLevel(PRODUCT_LEVEL);
    }

    private CutRig rig(Path place) throws IOException {
        return new CutRig(source, place, Files.createDirectory(temp.resolve("scratch" + made++)), Side.EVERYTHING);
    }

    /** So that nobody can tell without looking whether the chain has something newer. */
    private void writeOlderThanTheChain() throws IOException {
        UUID id = source.tableId(SmallTables.PLAIN).orElseThrow();
        Path directory = source.agents().get(0).tableDirectory(SmallTables.PLAIN, id);
        try (CQLSSTableWriter writer = CQLSSTableWriter.builder()
                .inDirectory(directory.toString())
                .forTable("CREATE TABLE small.plain (k int PRIMARY KEY, v text)")
                .using("UPDATE small.plain USING TIMESTAMP ? SET v = ? WHERE k = ?")
                .build()) {
            for (int k = 0; k < ROWS; k += 2) {
                writer.addRow(List.of(500L, "too late", k));
            }
        }
    }

    private Path someData(Path place) {
        return CutRig.files(place.resolve("data/small")).stream()
                .filter(file -> file.toString().contains("/plain-")
                        && file.toString().contains(full.id())
                        && file.toString().endsWith("-Data.db"))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @EnumSource
    void theShardsConcernedAreStoredWholeAndTheRunSaysSo(Damage damage) throws IOException {
        Path object = someData(repository);
        damage.apply(object);

        BackupReport report = rig.backup();

        String place = repository.relativize(object.getParent()).toString();
        assertThat(report.damage())
                .singleElement()
                .asString()
                .contains(
                        "table small.plain: layer ",
                        "stored whole instead: shard ",
                        place,
                        "Data.db",
                        "restore points of " + full.id());
        BackupManifest.How how = how(report.manifest(), SmallTables.PLAIN);
        assertThat(how.incremental()).as("the other shards are").isTrue();
        assertThat(how.reason()).contains("1 shard is read whole because ", place);
        assertThat(report.manifest().parent()).contains(full.id());
        assertThat(report.manifest().totals().storedBytes())
                .isPositive()
                .isLessThan(full.totals().storedBytes());
        assertThat(rig.leftInScratch()).isEmpty();
        VerifyReport verified = rig.verify();
        assertThat(verified.good()).isFalse();
        assertThat(verified.hurt()).extracting(point -> point.backup()).containsOnly(full.id());
        TABLES.forEach(table -> assertThat(rig.stored(report.manifest(), table))
                .as("seed %d: %s", SEED, table)
                .isEqualTo(held(table)));
    }

    @Test
    void theNextBackupBuildsOnWhatWasStoredInstead() throws IOException {
        Damage.DELETED.apply(someData(repository));
        rig.backup();
        writeOlderThanTheChain();

        BackupReport next = rig.backup();

        assertThat(next.damage()).isEmpty();
        assertThat(how(next.manifest(), SmallTables.PLAIN)).isEqualTo(new BackupManifest.How(true, ""));
        assertThat(next.manifest().totals().rows()).isZero();
        TABLES.forEach(table -> assertThat(rig.stored(next.manifest(), table)).isEqualTo(held(table)));
    }

    @Test
    void anIncrementalThatWasAskedForIsRefused() throws IOException {
        Damage.FLIPPED.apply(someData(repository));

        assertThatThrownBy(() -> rig.backup(BackupRequest.Kind.INCREMENTAL))
                .isInstanceOfSatisfying(HindsightException.class, failure -> {
                    assertThat(failure.getMessage()).contains("is damaged", "Data.db");
                    assertThat(failure.exitCode()).isEqualTo(ExitCode.VERIFICATION_FAILED);
                    assertThat(failure.hint()).contains("hindsight verify", "--kind full");
                });
        assertThat(rig.visible()).hasSize(1);
    }

    @Test
    void cutAnywhereTheNextOneEndsTheSame() throws IOException {
        Damage.DELETED.apply(someData(repository));
        CutRig counting = rig(copy());
        counting.backup();
        int calls = counting.cutter.calls();
        int resumed = 0;
        for (int n = calls / 4; n <= calls; n += 9) {
            CutRig cut = rig(copy());
            cut.cut(n, Answer.NOT_DONE);
            CutRig.attempt(cut::backup);
            cut.heal();
            String what = "seed " + SEED + ", call " + n + " of " + calls + " " + cut.cutter.log();

            BackupReport next = cut.backup();

            resumed += next.resumed().isPresent() ? 1 : 0;
            assertThat(next.manifest().state()).as(what).isEqualTo(BackupManifest.State.COMPLETE);
            if (cut.visible().size() == 2) {
                assertThat(next.damage()).as(what).singleElement().asString().contains("Data.db", full.id());
            }
            TABLES.forEach(table ->
                    assertThat(cut.stored(next.manifest(), table)).as(what).isEqualTo(held(table)));
        }
        assertThat(resumed).isPositive();
    }

    @Test
    void shardsThatHadNothingToCompareNeedTheDamagedLayerNoMoreAndAreCutAsThoseOfAFullBackup() throws IOException {
        BackupManifest second = rig.backup().manifest();
        writeOneBigRowOlderThanTheChain();
        deleteAllDataOf(repository, "plain");

        rig.limit(1, RunSettings.DEFAULT_SCRATCH_LIMIT_BYTES, 4 << 10);
        BackupReport report = rig.backup();

        assertThat(report.damage()).hasSize(1);
        Matcher layer = Pattern.compile("layer (backups/[^ ]+) of the chain")
                .matcher(report.damage().get(0));
        assertThat(layer.find()).as(report.damage().get(0)).isTrue();
        TokenRanges hurt = TokenRanges.of(shard(layer.group(1)).ranges());
        TokenRanges whole = TokenRanges.NONE;
        List<Integer> numbers = new ArrayList<>();
        for (ShardManifest shard : shards(report.manifest(), SmallTables.PLAIN)) {
            if (!shard.incremental()) {
                whole = whole.union(TokenRanges.of(shard.ranges()));
                numbers.add(shard.number());
            }
        }
        assertThat(whole).isEqualTo(hurt);
        assertThat(numbers).hasSizeGreaterThan(2);
        assertThat(report.damage().get(0))
                .endsWith("instead: shard "
                        + numbers.stream().map(String::valueOf).collect(Collectors.joining(", "))
                        + "; it hurts the restore points of " + full.id() + ", " + second.id());
    }

    @Test
    void theSecondPassHasAsManyWorkersAsItsOwnShardsAndScratchAllow() throws IOException {
        deleteAllDataOf(repository, "plain");
        CutRig measured = rig(copy());
        BackupReport sample = measured.backup();
        Repository plain = measured.plainly();
        BackupPlan first = plain.load(sample.manifest().plan(), BackupPlan.class);
        BackupPlan later = plain.find(Keys.laterPlan(first.id(), 1), BackupPlan.class)
                .orElseThrow()
                .document();
        assertThat(later.damage().orElseThrow()).hasSizeGreaterThan(1);
        assertThat(later.limits().scratchBytesPerTask())
                .isGreaterThan(first.limits().scratchBytesPerTask());

        rig.limit(2, 2 * first.limits().scratchBytesPerTask(), CutRig.SHARD_BYTES);
        rig.workers.clear();
        BackupReport report = rig.backup();

        assertThat(rig.workers).containsExactly(2, 1);
        assertThat(report.workers()).isEqualTo(2);
    }

    @Test
    void whatTheDamageHurtsIsLookedUpOnceForAllOfIt() throws IOException {
        CutRig one = rig(copy());
        Damage.DELETED.apply(someData(one.place()));
        deleteAllDataOf(repository, "plain");

        assertThat(manifestsRead(rig)).isEqualTo(manifestsRead(one));
    }

    private long manifestsRead(CutRig of) {
        AtomicLong reads = new AtomicLong();
        of.watch = (call, key) -> {
            if (call.equals("get") && key.equals(Keys.backupManifest(full.id()))) {
                reads.incrementAndGet();
            }
        };
        assertThat(of.backup().damage()).isNotEmpty();
        return reads.get();
    }

    @Test
    void aLateProcessOfTheSameRunSpoilsNothing() {
        deleteAllDataOf(repository, "plain");
        AtomicBoolean done = new AtomicBoolean();
        rig.watch = (call, key) -> {
            Matcher plan = Pattern.compile("backups/(.*)/plan-[0-9]+[.]json").matcher(key);
            if (call.equals("putIfAbsent") && plan.matches() && !done.getAndSet(true)) {
                storeAsIfNothingWereDamaged(plan.group(1));
            }
        };

        BackupReport report = rig.backup();

        assertThat(done).isTrue();
        assertThat(report.damage()).isNotEmpty();
        assertThat(report.manifest().chain().orElseThrow().key()).contains("/chain-");
        TABLES.forEach(table -> assertThat(rig.stored(report.manifest(), table)).isEqualTo(held(table)));
        rig.watch = (call, key) -> {};
        assertThat(rig.backup().damage()).isEmpty();
    }

    /** What a process whose store was whole for it would store for the shards that failed here. */
    private void storeAsIfNothingWereDamaged(String run) {
        Repository plain = rig.plainly();
        BackupPlan plan =
                plain.find(Keys.backupPlan(run), BackupPlan.class).orElseThrow().document();
        for (BackupPlan.Shard shard : plan.shards()) {
            if (plain.find(Keys.shardManifest(run, shard.number()), ShardManifest.class)
                    .isEmpty()) {
                plain.put(Keys.shardManifest(run, shard.number()), nothingChanged(plan, shard));
            }
        }
        ChainState parent = plain.load(full.chain().orElseThrow(), ChainState.class);
        plain.put(Keys.chainState(run), new ChainState(parent.format(), run, parent.tables()));
    }

    private ShardManifest nothingChanged(BackupPlan plan, BackupPlan.Shard shard) {
        ShardManifest any = shards(full, shard.table()).get(0);
        return new ShardManifest(
                any.format(),
                plan.id(),
                shard.number(),
                shard.table(),
                shard.tableId(),
                shard.ranges(),
                any.coverage(),
                List.of(),
                List.of(),
                any.expiry(),
                any.counts(),
                any.layer()
                        .map(layer -> new ShardManifest.Layer(
                                true,
                                layer.maxTimestampMicros(),
                                Optional.empty(),
                                layer.comparedBytes(),
                                layer.redundantPartitions(),
                                layer.redundantRows())));
    }

    @Test
    void damageFoundWhilePlanningIsReportedAsWell() throws IOException {
        BackupManifest second = rig.backup().manifest();
        Files.delete(repository.resolve(Keys.backupManifest(second.id())));

        BackupReport report = rig.backup();

        assertThat(report.manifest().parent()).contains(full.id());
        assertThat(report.damage())
                .singleElement()
                .asString()
                .contains("backup " + second.id() + " is damaged and not built on", "manifest.json is missing");
        assertThat(report.notes()).noneMatch(note -> note.contains(second.id()));
        BackupReport again = rig.backup();
        assertThat(again.damage()).as("named once").isEmpty();

        BackupManifest last = again.manifest();
        ShardManifest shard = shards(last, SmallTables.CLUSTERED).get(0);
        Files.delete(repository.resolve(Keys.shardManifest(last.id(), shard.number())));
        BackupReport next = rig.backup();

        assertThat(next.damage())
                .singleElement()
                .asString()
                .contains("table small.clustered is read and stored whole: the chain below is damaged", last.id());
        TABLES.forEach(table -> assertThat(rig.stored(next.manifest(), table)).isEqualTo(held(table)));
    }

    @Test
    void aRunThatGoesOnNamesWhatTheDeadOneFound() throws IOException {
        Path object = someData(repository);
        Damage.DELETED.apply(object);
        rig.watch = (call, key) -> {
            if (call.equals("putIfAbsent") && key.contains("/plan-")) {
                rig.cutter.cutAfter(rig.cutter.calls() + 2);
            }
        };
        assertThat(CutRig.attempt(rig::backup)).isEmpty();
        rig.watch = (call, key) -> {};
        rig.heal();

        assertThat(rig.plan(new BackupRequest(Set.of(), Set.of(), BackupRequest.Kind.INCREMENTAL))
                        .onward())
                .hasValueSatisfying(onward ->
                        assertThat(onward.reason()).contains("found the chain below damaged", "was asked for"));
        BackupReport report = rig.backup();

        assertThat(report.resumed()).isPresent();
        assertThat(report.damage())
                .singleElement()
                .asString()
                .contains("layer ", "Data.db", "stored whole instead: shard ", "restore points of " + full.id());
    }

    @Test
    void anIncrementalThatWasAskedForDoesNotGoOnWithARunThatFoundDamage() throws IOException {
        Damage.DELETED.apply(someData(repository));
        rig.watch = (call, key) -> {
            if (call.equals("putIfAbsent") && key.contains("/plan-")) {
                rig.cutter.cutAfter(rig.cutter.calls() + 2);
            }
        };
        assertThat(CutRig.attempt(rig::backup)).isEmpty();
        rig.watch = (call, key) -> {};
        rig.heal();

        assertThatThrownBy(() -> rig.backup(BackupRequest.Kind.INCREMENTAL))
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.VERIFICATION_FAILED));
        assertThat(rig.visible()).hasSize(1);
    }

    private void writeOneBigRowOlderThanTheChain() throws IOException {
        byte[] noise = new byte[24 << 10];
        new Random(SEED).nextBytes(noise);
        UUID id = source.tableId(SmallTables.PLAIN).orElseThrow();
        Path directory = source.agents().get(0).tableDirectory(SmallTables.PLAIN, id);
        try (CQLSSTableWriter writer = CQLSSTableWriter.builder()
                .inDirectory(directory.toString())
                .forTable("CREATE TABLE small.plain (k int PRIMARY KEY, v text)")
                .using("UPDATE small.plain USING TIMESTAMP ? SET v = ? WHERE k = ?")
                .build()) {
            writer.addRow(List.of(500L, HexFormat.of().formatHex(noise), 0));
        }
    }

    private void deleteAllDataOf(Path place, String table) {
        CutRig.files(place.resolve("data/small")).stream()
                .filter(file -> file.toString().contains("/" + table + "-")
                        && file.toString().endsWith("-Data.db"))
                .forEach(file -> {
                    try {
                        Files.delete(file);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
    }

    private ShardManifest shard(String key) {
        return rig.plainly().find(key, ShardManifest.class).orElseThrow().document();
    }

    private List<ShardManifest> shards(BackupManifest of, TableName table) {
        return of.tables().stream()
                .filter(one -> one.name().equals(table))
                .flatMap(one -> one.shards().stream())
                .map(ref -> rig.plainly().load(ref, ShardManifest.class))
                .toList();
    }

    private Path copy() {
        Path to = temp.resolve("copy" + made++);
        try {
            Files.createDirectory(to);
            for (Path path : CutRig.files(repository)) {
                Path there = to.resolve(repository.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectory(there);
                } else {
                    Files.copy(path, there);
                }
            }
            return to;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private MergedRows held(TableName table) {
        UUID id = source.tableId(table).orElseThrow();
        return MergedRows.of(
                table,
                source.agents().stream()
                        .map((DirectoryAgent agent) -> agent.dataFiles(table, id))
                        .flatMap(List::stream)
                        .toList());
    }

    private static BackupManifest.How how(BackupManifest manifest, TableName table) {
        return manifest.tables().stream()
                .filter(one -> one.name().equals(table))
                .findFirst()
                .orElseThrow()
                .how()
                .orElseThrow();
    }
}
