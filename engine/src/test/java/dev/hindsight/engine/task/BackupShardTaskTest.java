package dev.hindsight.engine.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.engine.EngineProgress;
import dev.hindsight.engine.ShardTask;
import dev.hindsight.engine.TaskResult;
import dev.hindsight.engine.fixture.Rig;
import dev.hindsight.engine.fixture.TextSynthesiser;
import dev.hindsight.engine.fixture.TextSynthesiser.Row;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.failure.OutcomeUnknownException;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.repository.document.BackupManifest.Coverage;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.ShardManifest;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.synthesis.PurgePolicy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupShardTaskTest {
    private static final TokenRange LEFT = new TokenRange(Long.MIN_VALUE, 0);
    private static final TokenRange RIGHT = new TokenRange(0, Long.MAX_VALUE);

    @TempDir
    Path directory;

    private Rig rig;
    private TextSynthesiser synthesiser;

    @BeforeEach
    void nodes() {
        rig = new Rig(directory);
        synthesiser = new TextSynthesiser();
        rig.addTextSSTable(1, "oa-1-big", List.of(new Row(-5, 1, "a"), new Row(7, 1, "old")));
        rig.addTextSSTable(2, "oa-1-big", List.of(new Row(-5, 1, "a"), new Row(7, 2, "new")));
        rig.addTextSSTable(2, "oa-2-big", List.of(new Row(9, 1, "only on 2")));
        rig.addTextSSTable(3, "oa-1-big", List.of(new Row(-5, 1, "a")));
    }

    @AfterEach
    void disarm() {
        Failpoints.disarmAll();
    }

    private TaskResult run(ObjectRef plan, int shard) {
        try (ShardTaskRunner runner = new ShardTaskRunner(rig.context(synthesiser))) {
            return runner.run(new ShardTask.Backup(plan, shard), EngineProgress.NONE);
        }
    }

    private ShardManifest manifestOf(TaskResult result) {
        assertThat(result.failure()).isEmpty();
        return rig.loadShard(result.made().orElseThrow());
    }

    private List<Row> stored(ShardManifest manifest) {
        return manifest.sstables().stream()
                .flatMap(sstable -> sstable.components().stream())
                .filter(ref -> ref.key().endsWith("-Data.db"))
                .flatMap(ref -> TextSynthesiser.read(rig.storedFile(ref.key())).stream())
                .toList();
    }

    @Test
    void storesEveryRecordOnceWithDigestsThatHold() {
        ObjectRef plan = rig.putBackupPlan(List.of(Rig.wholeShard(7)));

        ShardManifest manifest = manifestOf(run(plan, 7));

        assertThat(stored(manifest))
                .containsExactly(new Row(-5, 1, "a"), new Row(7, 2, "new"), new Row(9, 1, "only on 2"));
        assertThat(manifest.sstables().get(0).descriptor()).isEqualTo("nb-7001-big");
        manifest.sstables().forEach(one -> one.components().forEach(rig.repository()::check));
        assertThat(manifest.coverage())
                .containsExactly(
                        new Coverage(TokenRange.FULL, List.of(Rig.host(1), Rig.host(2), Rig.host(3)), List.of()));
        assertThat(manifest.counts().rows()).isEqualTo(3);
        assertThat(manifest.counts().storedBytes())
                .isEqualTo(manifest.sstables().stream()
                        .flatMap(one -> one.components().stream())
                        .mapToLong(ObjectRef::sizeBytes)
                        .sum());
        assertThat(synthesiser.requests().get(0).purge()).isInstanceOf(PurgePolicy.KeepTombstones.class);
        assertThat(rig.leftInScratch()).isEmpty();
    }

    @Test
    void readsFromEachReplicaOnlyWhatItOwns() {
        BackupPlan.Shard shard = new BackupPlan.Shard(
                1,
                Rig.TABLE,
                Rig.TABLE_ID,
                List.of(TokenRange.FULL),
                List.of(
                        new BackupPlan.Slice(Rig.host(1), List.of(LEFT)),
                        new BackupPlan.Slice(Rig.host(3), List.of(LEFT, RIGHT))),
                List.of(new BackupPlan.MissingReplica(Rig.host(2), List.of(RIGHT), "down")),
                5,
                1);

        ShardManifest manifest = manifestOf(run(rig.putBackupPlan(List.of(shard)), 1));

        assertThat(stored(manifest)).containsExactly(new Row(-5, 1, "a"));
        assertThat(synthesiser.requests().get(0).purge()).isInstanceOf(PurgePolicy.KeepTombstones.class);
        assertThat(manifest.coverage()).hasSize(2);
        assertThat(manifest.coverage().get(0))
                .isEqualTo(new Coverage(LEFT, List.of(Rig.host(1), Rig.host(3)), List.of()));
        assertThat(manifest.coverage().get(1).read()).containsExactly(Rig.host(3));
        assertThat(manifest.coverage().get(1).missing().get(0).reason()).isEqualTo("down");
    }

    @Test
    void runAgainReturnsTheSameManifestWithoutReading() {
        ObjectRef plan = rig.putBackupPlan(List.of(Rig.wholeShard(1)));
        TaskResult first = run(plan, 1);
        List<String> keys = rig.dataKeys();

        TaskResult second = run(plan, 1);

        assertThat(second.made()).isEqualTo(first.made());
        assertThat(second.bytes()).isZero();
        assertThat(synthesiser.requests()).hasSize(1);
        assertThat(rig.dataKeys()).isEqualTo(keys);
    }

    @Test
    void ofTwoAttemptsOneWinsAndTheOtherLeavesNothing() {
        ObjectRef plan = rig.putBackupPlan(List.of(Rig.wholeShard(1)));
        TextSynthesiser other = new TextSynthesiser();
        synthesiser.onceBeforeReturn(() -> {
            try (ShardTaskRunner rival = new ShardTaskRunner(rig.context(other))) {
                assertThat(rival.run(new ShardTask.Backup(plan, 1), EngineProgress.NONE)
                                .failure())
                        .isEmpty();
            }
        });

        ShardManifest manifest = manifestOf(run(plan, 1));

        List<String> named = manifest.sstables().stream()
                .flatMap(one -> one.components().stream())
                .map(ObjectRef::key)
                .sorted()
                .toList();
        assertThat(rig.dataKeys()).isEqualTo(named);
    }

    @Test
    void aCorruptReplicaIsNamedAndTheOthersAreUsed() throws IOException {
        flip(rig.snapshotDirectory(2).resolve("oa-1-big-Data.db"));
        ObjectRef plan = rig.putBackupPlan(List.of(Rig.wholeShard(1)));

        TaskResult result = run(plan, 1);

        ShardManifest manifest = manifestOf(result);
        assertThat(stored(manifest)).containsExactly(new Row(-5, 1, "a"), new Row(7, 1, "old"));
        assertThat(manifest.damaged()).hasSize(1);
        assertThat(manifest.damaged().get(0).descriptor()).isEqualTo("oa-1-big");
        assertThat(manifest.damaged().get(0).hostId()).isEqualTo(Rig.host(2));
        assertThat(manifest.coverage().get(0).read()).containsExactly(Rig.host(1), Rig.host(3));
        assertThat(manifest.coverage().get(0).missing().get(0).reason()).contains("oa-1-big", "Data.db", "checksum");
        assertThat(result.problems()).hasSize(1);
        assertThat(result.problems().get(0))
                .contains("ks.t", "oa-1-big", Rig.host(2).toString());
        assertThat(synthesiser.requests().get(1).purge()).isInstanceOf(PurgePolicy.KeepTombstones.class);
        assertThat(rig.leftInScratch()).isEmpty();
    }

    @Test
    void aSmallComponentWithAnotherChecksumThanThePlanSaysIsCorrupt() throws IOException {
        ObjectRef plan = rig.putBackupPlan(List.of(Rig.wholeShard(1)));
        flip(rig.snapshotDirectory(3).resolve("oa-1-big-Statistics.db"));

        ShardManifest manifest = manifestOf(run(plan, 1));

        assertThat(manifest.damaged()).hasSize(1);
        assertThat(manifest.damaged().get(0).reason()).contains("Statistics.db", "crc32:");
    }

    @Test
    void whereEveryReplicaIsDamagedTheGoodSSTablesAreKeptAndNobodyIsSaidToBeRead() throws IOException {
        for (int node = 1; node <= 3; node++) {
            flip(rig.snapshotDirectory(node).resolve("oa-1-big-Data.db"));
        }

        ShardManifest manifest = manifestOf(run(rig.putBackupPlan(List.of(Rig.wholeShard(1))), 1));

        assertThat(stored(manifest)).containsExactly(new Row(9, 1, "only on 2"));
        assertThat(manifest.damaged()).hasSize(3);
        assertThat(manifest.coverage()).hasSize(1);
        assertThat(manifest.coverage().get(0).read()).isEmpty();
        assertThat(manifest.coverage().get(0).missing()).hasSize(3);
        assertThat(manifest.coverage().get(0).missing().get(1).reason()).contains("its other SSTables were read");
    }

    @Test
    void anAgentThatIsDownCountsAsAMissingReplica() {
        ObjectRef plan = rig.putBackupPlan(List.of(Rig.wholeShard(1)));
        rig.agent(2).goDown();

        ShardManifest manifest = manifestOf(run(plan, 1));

        assertThat(stored(manifest)).containsExactly(new Row(-5, 1, "a"), new Row(7, 1, "old"));
        assertThat(manifest.damaged().get(0).descriptor()).isEqualTo("*");
        assertThat(manifest.coverage().get(0).missing().get(0).reason()).contains("does not answer");
    }

    @Test
    void anAgentThatStopsAnsweringAtAnyCallCostsOnlyItsReplica() {
        ObjectRef plan = rig.putBackupPlan(List.of(Rig.wholeShard(1)));
        long calls = 0;
        while (true) {
            rig.agent(2).cutAfter(calls++);
            TaskResult result = run(plan, 1);
            ShardManifest manifest = manifestOf(result);
            List<Row> expected = manifest.damaged().isEmpty()
                    ? List.of(new Row(-5, 1, "a"), new Row(7, 2, "new"), new Row(9, 1, "only on 2"))
                    : List.of(new Row(-5, 1, "a"), new Row(7, 1, "old"));
            assertThat(stored(manifest)).as("cut after " + calls).isEqualTo(expected);
            if (manifest.damaged().isEmpty()) {
                break;
            }
            assertThat(manifest.coverage().get(0).read()).containsExactly(Rig.host(1), Rig.host(3));
            rig.store().delete(result.made().orElseThrow().key());
        }
        assertThat(calls).isGreaterThan(3);
    }

    @Test
    void aSnapshotFileThatIsGoneCountsAsAMissingReplica() throws IOException {
        ObjectRef plan = rig.putBackupPlan(List.of(Rig.wholeShard(1)));
        Files.delete(rig.snapshotDirectory(3).resolve("oa-1-big-Data.db"));

        ShardManifest manifest = manifestOf(run(plan, 1));

        assertThat(stored(manifest)).hasSize(3);
        assertThat(manifest.damaged()).hasSize(1);
        assertThat(manifest.coverage().get(0).missing().get(0).hostId()).isEqualTo(Rig.host(3));
    }

    @Test
    void anInterruptedTaskFailsInsteadOfBlamingTheReplicas() {
        ObjectRef plan = rig.putBackupPlan(List.of(Rig.wholeShard(1)));
        List.of(1, 2, 3).forEach(node -> rig.agent(node).goDown());
        Thread.currentThread().interrupt();
        TaskResult result;
        try {
            result = run(plan, 1);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }

        assertThat(result.failure()).isPresent();
        assertThat(result.made()).isEmpty();
        assertThat(rig.leftInScratch()).isEmpty();
    }

    @Test
    void withAllAgentsDownNothingIsReadAndTheManifestSaysSo() {
        ObjectRef plan = rig.putBackupPlan(List.of(Rig.wholeShard(1)));
        List.of(1, 2, 3).forEach(node -> rig.agent(node).goDown());

        ShardManifest manifest = manifestOf(run(plan, 1));

        assertThat(manifest.sstables()).isEmpty();
        assertThat(manifest.coverage().get(0).read()).isEmpty();
        assertThat(manifest.coverage().get(0).missing()).hasSize(3);
    }

    @Test
    void smallComponentsOfOnePlanAreFetchedOnceForAllItsShards() {
        ObjectRef plan = rig.putBackupPlan(List.of(Rig.wholeShard(1, LEFT), Rig.wholeShard(2, RIGHT)));
        long size = directorySize(rig.snapshotDirectory(1).resolve("oa-1-big-Statistics.db"));

        try (ShardTaskRunner runner = new ShardTaskRunner(rig.context(synthesiser))) {
            runner.run(new ShardTask.Backup(plan, 1), EngineProgress.NONE);
            runner.run(new ShardTask.Backup(plan, 2), EngineProgress.NONE);
        }

        assertThat(rig.agent(1).bytesByFile()).containsEntry("oa-1-big-Statistics.db", size);
        assertThat(rig.leftInScratch()).isEmpty();
    }

    @Test
    void exceedingThePlannedScratchFailsTheTaskAndLeavesNothing() {
        TaskResult result = run(rig.putBackupPlan(List.of(Rig.wholeShard(1)), 40), 1);

        assertThat(result.failure().orElseThrow().type()).isEqualTo("CapacityException");
        assertThat(result.failure().orElseThrow().exitCode()).isEqualTo(8);
        assertThat(rig.dataKeys()).isEmpty();
        assertThat(rig.leftInScratch()).isEmpty();
    }

    @Test
    void anAttemptThatFailsTakesItsObjectsBack() {
        ObjectRef plan = rig.putBackupPlan(List.of(Rig.wholeShard(1)));
        for (String point : List.of("shard.fetched", "shard.synthesised", "shard.seal")) {
            Failpoints.arm(point + "=error");

            TaskResult result = run(plan, 1);

            assertThat(result.failure().orElseThrow().type()).as(point).isEqualTo("NotAppliedException");
            assertThat(rig.dataKeys()).as(point).isEmpty();
            assertThat(rig.leftInScratch()).as(point).isEmpty();
        }
        assertThat(run(plan, 1).failure()).isEmpty();
    }

    @Test
    void aManifestWhoseFateIsUnknownKeepsItsObjects() {
        ObjectRef plan = rig.putBackupPlan(List.of(Rig.wholeShard(1)));
        rig.wrapStore(inner -> new ManifestPutUnknown(inner, false));

        assertThat(run(plan, 1).failure().orElseThrow().type()).isEqualTo("OutcomeUnknownException");

        assertThat(rig.dataKeys()).isNotEmpty();
    }

    @Test
    void aManifestThatArrivedThoughItsPutFailedIsTheResult() {
        ObjectRef plan = rig.putBackupPlan(List.of(Rig.wholeShard(1)));
        rig.wrapStore(inner -> new ManifestPutUnknown(inner, true));

        ShardManifest manifest = manifestOf(run(plan, 1));

        manifest.sstables().forEach(one -> one.components().forEach(rig.repository()::check));
    }

    @Test
    void everyCutOfTheStoreLeavesAStateFromWhichTheTaskSucceeds() {
        ObjectRef plan = rig.putBackupPlan(List.of(Rig.wholeShard(1)));
        int cuts = 0;
        while (true) {
            CutStore[] cut = new CutStore[1];
            int calls = cuts;
            ObjectStore whole = rig.store();
            rig.wrapStore(inner -> cut[0] = new CutStore(inner, calls));
            TaskResult result = run(plan, 1);
            rig.wrapStore(inner -> whole);
            if (result.failure().isEmpty()) {
                break;
            }
            cuts++;
        }

        ShardManifest manifest = manifestOf(run(plan, 1));

        assertThat(cuts).isGreaterThan(4);
        assertThat(stored(manifest)).hasSize(3);
        manifest.sstables().forEach(one -> one.components().forEach(rig.repository()::check));
    }

    private static long directorySize(Path file) {
        return file.toFile().length();
    }

    private static void flip(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 2] ^= 1;
        Files.write(file, bytes);
        assertThat(new String(bytes, StandardCharsets.UTF_8)).isNotEmpty();
    }

    private static class Through implements ObjectStore {
        final ObjectStore inner;

        Through(ObjectStore inner) {
            this.inner = inner;
        }

        void before(String key) {}

        @Override
        public String location() {
            return inner.location();
        }

        @Override
        public PutOutcome putIfAbsent(String key, Body body) {
            before(key);
            return inner.putIfAbsent(key, body);
        }

        @Override
        public InputStream get(String key) {
            before(key);
            return inner.get(key);
        }

        @Override
        public void read(String key, long position, byte[] into, int offset, int length) {
            before(key);
            inner.read(key, position, into, offset, length);
        }

        @Override
        public OptionalLong size(String key) {
            before(key);
            return inner.size(key);
        }

        @Override
        public List<String> list(String prefix) {
            return inner.list(prefix);
        }

        @Override
        public void delete(String key) {
            before(key);
            inner.delete(key);
        }
    }

    private static final class ManifestPutUnknown extends Through {
        private final boolean arrives;
        private boolean fired;

        ManifestPutUnknown(ObjectStore inner, boolean arrives) {
            super(inner);
            this.arrives = arrives;
        }

        @Override
        public PutOutcome putIfAbsent(String key, Body body) {
            if (!key.contains("/shards/") || fired) {
                return super.putIfAbsent(key, body);
            }
            fired = true;
            if (arrives) {
                super.putIfAbsent(key, body);
            }
            throw new OutcomeUnknownException("put of " + key + " was cut", "look");
        }
    }

    private static final class CutStore extends Through {
        private int left;

        CutStore(ObjectStore inner, int calls) {
            super(inner);
            this.left = calls;
        }

        @Override
        void before(String key) {
            if (left-- <= 0) {
                throw new NotAppliedException("store cut at " + key, "none");
            }
        }
    }
}
