package dev.hindsight.engine.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.agent.api.ImportTarget;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.sstable.PartitionSink;
import dev.hindsight.codec.sstable.PartitionStatistics;
import dev.hindsight.engine.EngineProgress;
import dev.hindsight.engine.ShardTask;
import dev.hindsight.engine.TaskResult;
import dev.hindsight.engine.fixture.Rig;
import dev.hindsight.engine.fixture.SmallJournal;
import dev.hindsight.engine.local.InProcessEngine;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.RestorePlan;
import dev.hindsight.repository.document.RestoreStep;
import dev.hindsight.repository.document.ShardManifest;
import dev.hindsight.synthesis.ContentTap;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.Synthesisers;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.cursor.ContentScan;
import dev.hindsight.synthesis.cursor.LocalSSTables;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A restore of stored shards and of what a journal adds to them. */
class RestoreToInstantTest {
    private static final String DDL = "CREATE TABLE ks.t (k int PRIMARY KEY, v text);";
    private static final String WIDER = "CREATE TABLE ks.t (k int PRIMARY KEY, v text, w text);";
    private static final String WITHOUT_V = "CREATE TABLE ks.t (k int PRIMARY KEY, v text, w text);\n"
            + "ALTER TABLE ks.t DROP v USING TIMESTAMP 1600000000000500;";
    private static final long T0 = 1_600_000_000_000_000L;

    @TempDir
    Path directory;

    private Rig rig;

    @BeforeEach
    void open() {
        rig = new Rig(directory, DDL);
    }

    private static RestorePlan.Journal journal(
            List<RestorePlan.Segment> segments, int schema, long first, long last, boolean alone) {
        return new RestorePlan.Journal(
                segments,
                Stream.of(DDL, WIDER, WITHOUT_V)
                        .map(ddl -> new RestorePlan.Schema(List.of(), ddl))
                        .toList(),
                schema,
                first,
                last,
                alone);
    }

    /** What was restored: bytes of each partition as text, which holds its values. */
    private Map<Integer, String> restored(ObjectRef plan, String ddl) {
        TaskResult result = run(plan);
        assertThat(result.failure()).isEmpty();
        assertThat(rig.leftInScratch()).isEmpty();
        RestoreStep step = rig.repository().load(result.made().orElseThrow(), RestoreStep.class);
        Path staging = rig.agent(1).staging(new ImportTarget(Rig.RESTORE, Rig.TARGET, Rig.TARGET_ID));
        Map<String, List<Path>> sstables = new TreeMap<>();
        for (RestoreStep.File file : step.files()) {
            String name = file.name().substring(file.name().lastIndexOf('/') + 1);
            sstables.computeIfAbsent(name.substring(0, name.lastIndexOf('-')), key -> new ArrayList<>())
                    .add(staging.resolve(name));
        }
        List<OutputSSTable> outputs = new ArrayList<>();
        sstables.forEach((descriptor, files) ->
                outputs.add(new OutputSSTable("all", descriptor, files, Long.MIN_VALUE, Long.MAX_VALUE, 0, 0)));
        Content content = new Content();
        try (LocalSSTables local = new LocalSSTables()) {
            List<InputSSTable> inputs = local.open(outputs, TokenRanges.FULL);
            ContentScan.run(
                    new TableDefinition(Rig.TARGET, List.of(), ddl.replace("ks.t ", "ks2.t2 ")),
                    inputs,
                    0,
                    content,
                    new Scratch(directory.resolve("reading"), 1 << 30));
        }
        return content.partitions;
    }

    private TaskResult run(ObjectRef plan) {
        try (InProcessEngine engine = new InProcessEngine(rig.context(Synthesisers.named(Synthesisers.DEFAULT)))) {
            return engine.run(List.of(new ShardTask.Restore(plan, 1)), EngineProgress.NONE)
                    .get(0);
        }
    }

    private ObjectRef emptyManifest() {
        return rig.putManifest(rig.putBackupPlan(List.of(Rig.wholeShard(1))), List.of());
    }

    /** A backup of what a journal alone gives. */
    private ObjectRef backupOf(SmallJournal content) throws IOException {
        RestorePlan.Segment segment = content.put(rig, 1_000_000, 0);
        ObjectRef alone = rig.putRestorePlan(
                emptyManifest(),
                List.of(),
                journal(List.of(segment), 0, 1, Long.MAX_VALUE, true),
                List.of(TokenRange.FULL));
        restored(alone, DDL);
        Path staging = rig.agent(1).staging(new ImportTarget(Rig.RESTORE, Rig.TARGET, Rig.TARGET_ID));
        Path snapshot = Files.createDirectories(rig.snapshotDirectory(1));
        String descriptor = "";
        try (Stream<Path> files = Files.list(staging)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                descriptor = name.substring(0, name.lastIndexOf('-'));
                Files.move(file, snapshot.resolve(name));
            }
        }
        rig.listSSTable(1, descriptor);
        rig = new Rig(directory.resolve("again"), DDL);
        Path copy = Files.createDirectories(rig.snapshotDirectory(1));
        try (Stream<Path> files = Files.list(snapshot)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName().toString()));
            }
        }
        rig.listSSTable(1, descriptor);
        ObjectRef plan = rig.putBackupPlan(List.of(Rig.wholeShard(1)));
        try (InProcessEngine engine = new InProcessEngine(rig.context(Synthesisers.named(Synthesisers.DEFAULT)))) {
            TaskResult stored = engine.run(List.of(new ShardTask.Backup(plan, 1)), EngineProgress.NONE)
                    .get(0);
            assertThat(stored.failure()).isEmpty();
            ObjectRef shard = stored.made().orElseThrow();
            ShardManifest manifest = rig.loadShard(shard);
            assertThat(manifest.sstables()).isNotEmpty();
            return rig.putManifest(plan, List.of(shard));
        }
    }

    @Test
    void recordsUpToTheLastCountAndNoneBehindIt() throws IOException {
        ObjectRef manifest = backupOf(new SmallJournal()
                .insert(1, "v", "base-1", T0)
                .insert(2, "v", "base-2", T0)
                .insert(3, "v", "base-3", T0));
        RestorePlan.Segment segment = new SmallJournal()
                .insert(1, "v", "second-1", T0 + 10)
                .delete(2, T0 + 20)
                .insert(4, "v", "first-4", T0 + 30)
                .insert(1, "v", "third-1", T0 + 40)
                .insert(5, "v", "first-5", T0 + 50)
                .put(rig, 7, 0);

        Map<Integer, String> content = restored(
                rig.putRestorePlan(
                        manifest, List.of(1), journal(List.of(segment), 0, 7, 9, false), List.of(TokenRange.FULL)),
                DDL);

        assertThat(content).containsOnlyKeys(1, 2, 3, 4);
        assertThat(content.get(1)).contains("second-1");
        assertThat(content.get(2)).doesNotContain("base-2");
        assertThat(content.get(3)).contains("base-3");
        assertThat(content.get(4)).contains("first-4");
    }

    @Test
    void afterATruncationNothingOfTheBackupCounts() throws IOException {
        ObjectRef manifest = backupOf(new SmallJournal().insert(1, "v", "base-1", T0));
        RestorePlan.Segment before =
                new SmallJournal().insert(2, "v", "before-2", T0 + 10).put(rig, 1, 0);
        RestorePlan.Segment after =
                new SmallJournal().insert(3, "v", "after-3", T0 + 20).put(rig, 2, 0);

        Map<Integer, String> content = restored(
                rig.putRestorePlan(
                        manifest, List.of(1), journal(List.of(before, after), 0, 2, 2, true), List.of(TokenRange.FULL)),
                DDL);

        assertThat(content).containsOnlyKeys(3);
    }

    @Test
    void segmentsAreDecodedWithTheirOwnSchemaAndMergedWithThatOfTheInstant() {
        RestorePlan.Segment early = new SmallJournal()
                .insert(1, "v", "old-v", T0)
                .insert(2, "v", "newer-v", T0 + 1000)
                .put(rig, 1, 0);
        RestorePlan.Segment late =
                new SmallJournal().insert(1, "w", "new-w", T0 + 2000).put(rig, 3, 2);
        List<RestorePlan.Segment> both = List.of(early, late);

        assertThatRestored(both, 2, WITHOUT_V).satisfies(content -> {
            assertThat(content.get(1)).contains("new-w").doesNotContain("old-v");
            assertThat(content.get(2)).doesNotContain("newer-v");
        });
    }

    @Test
    void schemasWithMoreColumnsTakeOlderRecords() {
        RestorePlan.Segment early =
                new SmallJournal().insert(1, "v", "old-v", T0).put(rig, 1, 0);
        RestorePlan.Segment late =
                new SmallJournal().insert(1, "w", "new-w", T0 + 2000).put(rig, 2, 1);

        assertThatRestored(List.of(early, late), 1, WIDER)
                .satisfies(
                        content -> assertThat(content.get(1)).contains("old-v").contains("new-w"));
    }

    private org.assertj.core.api.ObjectAssert<Map<Integer, String>> assertThatRestored(
            List<RestorePlan.Segment> segments, int schema, String ddl) {
        return org.assertj.core.api.Assertions.assertThatObject(restored(
                rig.putRestorePlan(
                        emptyManifest(), List.of(), journal(segments, schema, 1, 1000, true), List.of(TokenRange.FULL)),
                ddl));
    }

    @Test
    void onlyRecordsOfTheShardsRangesAreRestored() {
        SmallJournal many = new SmallJournal();
        for (int k = 0; k < 2000; k++) {
            many.insert(k, "v", "value-" + k, T0 + k);
        }
        RestorePlan.Segment segment = many.put(rig, 1, 0);
        List<TokenRange> ranges = List.of(
                new TokenRange(Long.MIN_VALUE, -5_000_000_000_000_000_000L),
                new TokenRange(0, 4_000_000_000_000_000_000L));

        Map<Integer, String> content = restored(
                rig.putRestorePlan(emptyManifest(), List.of(), journal(List.of(segment), 0, 1, 2000, true), ranges),
                DDL);

        TokenRanges wanted = TokenRanges.of(ranges);
        for (int k = 0; k < 2000; k++) {
            assertThat(content.containsKey(k))
                    .isEqualTo(wanted.contains(dev.hindsight.codec.bytes.Tokens.of(
                            ByteBuffer.allocate(4).putInt(k).array())));
        }
    }

    @Test
    void aRecordThatCannotBeIsNamedAndNothingIsStaged() {
        RestorePlan.Segment segment =
                new SmallJournal().insert(1, "v", "one", T0).garbage(2).put(rig, 5, 0);

        TaskResult result = run(rig.putRestorePlan(
                emptyManifest(), List.of(), journal(List.of(segment), 0, 5, 6, true), List.of(TokenRange.FULL)));

        assertThat(result.failure().orElseThrow().type()).isEqualTo("CorruptException");
        assertThat(result.failure().orElseThrow().message())
                .contains("record 6", segment.object().key());
        assertThat(rig.agent(1).stagedNow()).isEmpty();
        assertThat(rig.leftInScratch()).isEmpty();
    }

    @Test
    void aFlippedByteInASegmentStopsTheRestore() throws IOException {
        SmallJournal many = new SmallJournal();
        for (int k = 0; k < 500; k++) {
            many.insert(k, "v", "value-" + k, T0 + k);
        }
        RestorePlan.Segment segment = many.put(rig, 1, 0);
        Path file = rig.storedFile(segment.object().key());
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 3] ^= 4;
        Files.delete(file);
        Files.write(file, bytes);

        TaskResult result = run(rig.putRestorePlan(
                emptyManifest(), List.of(), journal(List.of(segment), 0, 1, 500, true), List.of(TokenRange.FULL)));

        assertThat(result.failure().orElseThrow().type()).isEqualTo("CorruptException");
        assertThat(rig.agent(1).stagedNow()).isEmpty();
    }

    @Test
    void anotherSegmentInItsPlaceStopsTheRestoreThatReadsAllOfIt() throws IOException {
        SmallJournal many = new SmallJournal();
        SmallJournal others = new SmallJournal();
        for (int k = 0; k < 50; k++) {
            many.insert(k, "v", "value-" + k, T0 + k);
            others.insert(k, "v", "other-" + k, T0 + k);
        }
        Path file = rig.storedFile(others.put(rig, 1, 0).object().key());
        byte[] other = Files.readAllBytes(file);
        Files.delete(file);
        RestorePlan.Segment segment = many.put(rig, 1, 0);
        assertThat(rig.storedFile(segment.object().key())).isEqualTo(file);
        assertThat(other).hasSize((int) Files.size(file));
        Files.delete(file);
        Files.write(file, other);

        TaskResult result = run(rig.putRestorePlan(
                emptyManifest(), List.of(), journal(List.of(segment), 0, 1, 50, true), List.of(TokenRange.FULL)));

        assertThat(result.failure().orElseThrow().type()).isEqualTo("CorruptException");
        assertThat(result.failure().orElseThrow().message())
                .contains(segment.object().key());
        assertThat(result.failure().orElseThrow().hint()).contains("take a new base");
        assertThat(rig.agent(1).stagedNow()).isEmpty();
    }

    @Test
    void withoutRecordsThereIsNothingToStage() {
        TaskResult result = run(rig.putRestorePlan(
                emptyManifest(), List.of(), journal(List.of(), 0, 1, 0, true), List.of(TokenRange.FULL)));

        assertThat(result.failure()).isEqualTo(Optional.empty());
        assertThat(rig.agent(1).stagedNow()).isEmpty();
    }

    /** Keeps each partition's bytes. */
    private static final class Content implements ContentTap, PartitionSink {
        final Map<Integer, String> partitions = new TreeMap<>();
        private int key;

        @Override
        public PartitionSink over(PartitionSink to, RowLayout layout) {
            return this;
        }

        @Override
        public void end() {}

        @Override
        public void begin(byte[] bytes, int keyLength, long token, long deletedAt, long deletionTime) {
            key = ByteBuffer.wrap(bytes).getInt();
            partitions.put(key, "");
        }

        @Override
        public void append(byte[] bytes, int offset, int length) {
            String text = new String(Arrays.copyOfRange(bytes, offset, offset + length), StandardCharsets.ISO_8859_1);
            partitions.merge(key, text, String::concat);
        }

        @Override
        public void endHeader() {}

        @Override
        public void unfiltered(
                int kind, byte[] clustering, int offset, int length, int values, long openAt, long openTime) {}

        @Override
        public void add(PartitionStatistics statistics) {}

        @Override
        public void end(PartitionStatistics statistics) {}
    }
}
