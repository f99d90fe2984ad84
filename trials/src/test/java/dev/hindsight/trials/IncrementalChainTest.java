package dev.hindsight.trials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.codec.bytes.LocalFile;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.ring.Node;
import dev.hindsight.model.ring.Ownership;
import dev.hindsight.model.ring.Replication;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.backup.BackupReport;
import dev.hindsight.operations.backup.BackupRequest;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.store.DirectoryStore;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.OutputGroup;
import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.SynthesisRequest;
import dev.hindsight.synthesis.Synthesisers;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.TtlPolicy;
import dev.hindsight.testkit.fake.DirectoryAgent;
import dev.hindsight.testkit.fake.FakeCluster;
import dev.hindsight.testkit.fake.SmallTables;
import dev.hindsight.trials.CutRig.Side;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.cassandra.io.sstable.CQLSSTableWriter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A full backup and incrementals of a fake cluster of three nodes with real SSTables, to which writes, deletes, compaction
 * and lost agents happen in between; every restore point is restored and compared with what the nodes held when each was
 * last read, merged by Cassandra.
 */
class IncrementalChainTest {
    private static final long SEED = Long.getLong("test.seed", 20_261_122L);
    private static final int NODES = 3;
    private static final int ROWS = 60;
    private static final List<TableName> TABLES = List.of(SmallTables.PLAIN, SmallTables.CLUSTERED);
    private static final Map<TableName, String> COLUMNS = Map.of(
            SmallTables.PLAIN, "(k int PRIMARY KEY, v text)",
            SmallTables.CLUSTERED, "(p int, c int, s text static, v text, PRIMARY KEY (p, c))");

    @TempDir
    private Path temp;

    private FakeCluster source;
    private Path repository;
    private CutRig rig;
    private final SplittableRandom random = new SplittableRandom(SEED);
    /** Copies of what each node held when it was last read. */
    private final Map<UUID, Map<TableName, List<Path>>> lastRead = new HashMap<>();

    private long micros = 1_000_000;
    private int made;

    @BeforeEach
    void cluster() throws IOException {
        source = FakeCluster.create("source", temp.resolve("source"), NODES);
        SmallTables.of(SEED, ROWS).load(source, new Replication.Simple(NODES));
        repository = temp.resolve("repository");
        Repository.init(DirectoryStore.create(repository), Clock.systemUTC());
        rig = new CutRig(source, repository, Files.createDirectory(temp.resolve("scratch")), Side.EVERYTHING);
    }

    @Test
    void everyRestorePointHoldsWhatTheNodesHeldThen() {
        Map<String, Map<TableName, MergedRows>> expected = new LinkedHashMap<>();
        for (int night = 0; night < 7; night++) {
            Optional<DirectoryAgent> away =
                    night % 3 == 2 ? Optional.of(source.agents().get(random.nextInt(NODES))) : Optional.empty();
            away.ifPresent(DirectoryAgent::fallSilent);
            BackupManifest manifest = rig.backup().manifest();
            assertThat(manifest.kind())
                    .as("seed %d, night %d: %s", SEED, night, manifest.tables())
                    .isEqualTo(night == 0 ? BackupManifest.Kind.FULL : BackupManifest.Kind.INCREMENTAL);
            remember(away);
            away.ifPresent(DirectoryAgent::answerAgain);
            expected.put(manifest.id(), held());
            for (int i = 0; i < 4; i++) {
                change();
            }
        }
        assertThat(rig.verify().problems()).isEmpty();
        expected.forEach(this::requireRestored);
    }

    @Test
    void onlyNewSSTablesAreRead() {
        long full = rig.backup().manifest().totals().fetchedBytes();
        BackupReport nothing = rig.backup();
        write(
                SmallTables.PLAIN,
                0,
                "UPDATE small.plain USING TIMESTAMP ? SET v = ? WHERE k = ?",
                List.of(++micros, "new", 3));
        BackupReport one = rig.backup();

        assertThat(nothing.manifest().totals().fetchedBytes()).isZero();
        assertThat(nothing.manifest().totals().storedBytes()).isZero();
        assertThat(one.manifest().totals().fetchedBytes()).isPositive().isLessThan(full / 2);
        assertThat(one.manifest().totals().rows()).isEqualTo(1);
    }

    @Test
    void aMajorCompactionWithoutWritesStoresNextToNothing() {
        BackupManifest full = rig.backup().manifest();
        for (int node = 0; node < NODES; node++) {
            compact(node, SmallTables.PLAIN);
            compact(node, SmallTables.CLUSTERED);
        }
        remember(Optional.empty());

        BackupReport again = rig.backup();

        assertThat(again.manifest().totals().fetchedBytes())
                .as("everything is new to the chain")
                .isPositive();
        assertThat(again.manifest().totals().storedBytes())
                .isLessThanOrEqualTo(full.totals().storedBytes() / 100);
        assertThat(again.redundantPartitions()).isGreaterThan(ROWS / 2);
        assertThat(again.comparedBytes()).isLessThan(full.totals().storedBytes() / 10);
        requireRestored(again.manifest().id(), held());
    }

    /** What compaction by size does night after night: the base, which is older throughout, has nothing to tell. */
    @Test
    void aCompactionOfRecentSSTablesIsComparedWithRecentBackupsOnly() {
        List<Path> base = source.agents().get(0).dataFiles(SmallTables.PLAIN, id(SmallTables.PLAIN));
        BackupManifest full = rig.backup().manifest();
        long stored = 0;
        for (int night = 0; night < 2; night++) {
            for (int k = night; k < ROWS; k += 2) {
                write(
                        SmallTables.PLAIN,
                        0,
                        "UPDATE small.plain USING TIMESTAMP ? SET v = ? WHERE k = ?",
                        List.of(++micros, "night " + night, k));
            }
            stored += rig.backup().manifest().totals().storedBytes();
        }
        List<Path> recent = new ArrayList<>(source.agents().get(0).dataFiles(SmallTables.PLAIN, id(SmallTables.PLAIN)));
        recent.removeAll(base);
        compact(0, SmallTables.PLAIN, recent);
        remember(Optional.empty());

        BackupReport again = rig.backup();

        assertThat(again.manifest().totals().fetchedBytes()).isPositive();
        assertThat(again.manifest().totals().rows()).isZero();
        assertThat(again.redundantPartitions()).isEqualTo(ROWS);
        assertThat(again.comparedBytes())
                .as("fingerprints of %s, and what the two nights stored", full.id())
                .isPositive()
                .isLessThan(stored + full.totals().storedBytes() / 10);
        requireRestored(again.manifest().id(), held());
    }

    /** Its deletes of any age were never read; the chain may have what they took away. */
    @Test
    void aNodeThatWasAwayWhenTheChainBeganIsReadWithAllOthersOnce() {
        DirectoryAgent away = source.agents().get(2);
        away.fallSilent();
        rig.backup();
        BackupManifest stillAway = rig.backup().manifest();
        away.answerAgain();
        BackupManifest back = rig.backup().manifest();
        remember(Optional.empty());
        BackupManifest after = rig.backup().manifest();

        assertThat(stillAway.kind()).isEqualTo(BackupManifest.Kind.INCREMENTAL);
        assertThat(reasons(back).get(SmallTables.PLAIN)).startsWith("node " + away.hostId() + " held");
        assertThat(after.kind()).isEqualTo(BackupManifest.Kind.INCREMENTAL);
        assertThat(after.totals().fetchedBytes()).isZero();
        requireRestored(after.id(), held());
    }

    @Test
    void backupsOfDifferentTablesTakeTurns() {
        BackupManifest plain = backupOf(SmallTables.PLAIN);
        BackupManifest clustered = backupOf(SmallTables.CLUSTERED);
        BackupManifest again = backupOf(SmallTables.PLAIN);
        BackupManifest both = rig.backup().manifest();
        BackupManifest last = rig.backup().manifest();
        remember(Optional.empty());

        assertThat(clustered.parent()).isEmpty();
        assertThat(again.parent()).contains(plain.id());
        assertThat(both.parent()).contains(again.id());
        assertThat(reasons(both).get(SmallTables.PLAIN)).isEmpty();
        assertThat(reasons(both).get(SmallTables.CLUSTERED)).endsWith("do not have this table");
        assertThat(last.parent()).contains(both.id());
        assertThat(last.totals().fetchedBytes()).isZero();
        requireRestored(last.id(), held());
    }

    @Test
    void aCopyOfTheClusterAtOtherAddressesIsNotTakenForIt() {
        rig.backup();
        BackupManifest original = rig.backup().manifest();
        List<Node> nodes = source.ringViews().get(0).nodes();
        source.setNodes(nodes.stream()
                .map(node -> source.node(
                        node.hostId(), 10 + nodes.indexOf(node), node.tokens().get(0)))
                .toList());
        change();

        assertThatThrownBy(() -> rig.backup(BackupRequest.Kind.INCREMENTAL))
                .isInstanceOfSatisfying(
                        PreconditionFailedException.class,
                        refused -> assertThat(refused.getMessage() + refused.hint())
                                .contains(original.id(), "is a copy of that cluster", "repository of its own"));
        BackupManifest copy = rig.backup().manifest();
        change();
        BackupManifest again = rig.backup().manifest();
        remember(Optional.empty());
        Map<TableName, MergedRows> ofTheCopy = held();
        source.setNodes(nodes);
        BackupManifest back = rig.backup().manifest();

        assertThat(copy.parent()).isEmpty();
        assertThat(reasons(copy).values()).allMatch(reason -> reason.contains("is a copy of that cluster"));
        assertThat(again.parent()).contains(copy.id());
        requireRestored(again.id(), ofTheCopy);
        assertThat(back.parent()).contains(original.id());
    }

    private BackupManifest backupOf(TableName table) {
        return rig.backup(new BackupRequest(Set.of(), Set.of(table))).manifest();
    }

    @Test
    void aTruncatedAndACreatedAgainTableAreReadWhole() {
        rig.backup();
        source.truncateTable(SmallTables.PLAIN);
        write(
                SmallTables.PLAIN,
                1,
                "INSERT INTO small.plain (k, v) VALUES (?, ?) USING TIMESTAMP ?",
                List.of(1, "after", 5L));
        BackupManifest truncated = rig.backup().manifest();
        remember(Optional.empty());
        Map<TableName, MergedRows> afterTruncate = held();
        source.dropTable(SmallTables.CLUSTERED);
        source.executeDdl("CREATE TABLE " + SmallTables.CLUSTERED.asCql() + " " + COLUMNS.get(SmallTables.CLUSTERED));
        write(
                SmallTables.CLUSTERED,
                2,
                "INSERT INTO small.clustered (p, c, v) VALUES (?, ?, ?) USING TIMESTAMP ?",
                List.of(1, 1, "again", 5L));
        BackupManifest again = rig.backup().manifest();
        remember(Optional.empty());

        assertThat(reasons(truncated).get(SmallTables.PLAIN)).startsWith("the table was truncated since");
        assertThat(reasons(truncated).get(SmallTables.CLUSTERED)).isEmpty();
        assertThat(reasons(again).get(SmallTables.CLUSTERED)).startsWith("the table was dropped and created again");
        assertThat(reasons(again).get(SmallTables.PLAIN)).isEmpty();
        requireRestored(truncated.id(), afterTruncate);
        requireRestored(again.id(), held());
    }

    private static Map<TableName, String> reasons(BackupManifest manifest) {
        Map<TableName, String> out = new TreeMap<>();
        manifest.tables()
                .forEach(
                        table -> out.put(table.name(), table.how().orElseThrow().reason()));
        return out;
    }

    private void change() {
        int node = random.nextInt(NODES);
        int k = random.nextInt(ROWS);
        int p = random.nextInt(10);
        int c = random.nextInt(20);
        String value = "changed " + ++made;
        switch (random.nextInt(7)) {
            case 0 ->
                write(
                        SmallTables.PLAIN,
                        node,
                        "UPDATE small.plain USING TIMESTAMP ? SET v = ? WHERE k = ?",
                        List.of(++micros, value, k));
            case 1 ->
                write(
                        SmallTables.PLAIN,
                        node,
                        "DELETE FROM small.plain USING TIMESTAMP ? WHERE k = ?",
                        List.of(++micros, k));
            case 2 ->
                write(
                        SmallTables.CLUSTERED,
                        node,
                        "INSERT INTO small.clustered (p, c, s, v) VALUES (?, ?, ?, ?) USING TIMESTAMP ?",
                        List.of(p, c, value, value, ++micros));
            case 3 ->
                write(
                        SmallTables.CLUSTERED,
                        node,
                        "DELETE FROM small.clustered USING TIMESTAMP ? WHERE p = ? AND c >= ? AND c < ?",
                        List.of(++micros, p, c, c + 3));
            case 4 ->
                write(
                        SmallTables.CLUSTERED,
                        node,
                        "DELETE FROM small.clustered USING TIMESTAMP ? WHERE p = ?",
                        List.of(++micros, p));
            default -> compact(node, TABLES.get(random.nextInt(TABLES.size())));
        }
    }

    private void write(TableName table, int node, String statement, List<Object> values) {
        Path directory = source.agents().get(node).tableDirectory(table, id(table));
        try (CQLSSTableWriter writer = CQLSSTableWriter.builder()
                .inDirectory(directory.toString())
                .forTable("CREATE TABLE " + table.keyspace() + "." + table.table() + " " + COLUMNS.get(table))
                .using(statement)
                .build()) {
            writer.addRow(values);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private UUID id(TableName table) {
        return source.tableId(table).orElseThrow();
    }

    /** All SSTables of one table on one node become one. */
    private void compact(int node, TableName table) {
        compact(node, table, source.agents().get(node).dataFiles(table, id(table)));
    }

    private void compact(int node, TableName table, List<Path> data) {
        DirectoryAgent agent = source.agents().get(node);
        TableDefinition definition = TableDefinition.of(source.schema().get(0), table.table());
        List<InputSSTable> inputs =
                data.stream().map(IncrementalChainTest::input).toList();
        Path out = temp.resolve("compaction" + made++);
        List<OutputSSTable> outputs = Synthesisers.named(Synthesisers.DEFAULT)
                .synthesise(
                        new SynthesisRequest(
                                definition,
                                definition,
                                inputs,
                                new PurgePolicy.KeepTombstones(),
                                new TtlPolicy.Keep(),
                                Clock.systemUTC().instant().getEpochSecond(),
                                List.of(new OutputGroup("all", TokenRanges.FULL)),
                                out,
                                1_000 + made,
                                1L << 30),
                        new Scratch(out, 1L << 30),
                        SynthesisProgress.NONE)
                .outputs();
        try {
            for (Path file : data) {
                for (Path component : components(file)) {
                    Files.delete(component);
                }
            }
            for (OutputSSTable output : outputs) {
                for (Path file : output.files()) {
                    Files.move(file, agent.tableDirectory(table, id(table)).resolve(file.getFileName()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputSSTable input(Path data) {
        Map<String, ByteSource> components = new HashMap<>();
        String descriptor = data.getFileName().toString().replace("-Data.db", "");
        for (Path file : components(data)) {
            components.put(file.getFileName().toString().substring(descriptor.length() + 1), LocalFile.open(file));
        }
        return new InputSSTable("node", descriptor, components, TokenRanges.FULL);
    }

    private static List<Path> components(Path data) {
        String prefix = data.getFileName().toString().replace("Data.db", "");
        return CutRig.files(Optional.ofNullable(data.getParent()).orElseThrow()).stream()
                .filter(file -> file.getFileName().toString().startsWith(prefix))
                .toList();
    }

    private void remember(Optional<DirectoryAgent> away) {
        for (DirectoryAgent agent : source.agents()) {
            if (away.filter(agent::equals).isPresent()) {
                continue;
            }
            Map<TableName, List<Path>> copies = new TreeMap<>();
            for (TableName table : TABLES) {
                List<Path> files = new ArrayList<>();
                for (Path data : agent.dataFiles(table, id(table))) {
                    Path directory = temp.resolve("copy" + made++);
                    try {
                        Files.createDirectory(directory);
                        for (Path file : components(data)) {
                            Files.copy(file, directory.resolve(file.getFileName()));
                        }
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    files.add(directory.resolve(data.getFileName()));
                }
                copies.put(table, files);
            }
            lastRead.put(agent.hostId(), copies);
        }
    }

    private Map<TableName, MergedRows> held() {
        Map<TableName, MergedRows> out = new TreeMap<>();
        for (TableName table : TABLES) {
            List<Path> all = lastRead.values().stream()
                    .flatMap(copies -> Optional.ofNullable(copies.get(table)).orElse(List.of()).stream())
                    .toList();
            out.put(table, MergedRows.of(table, all));
        }
        return out;
    }

    private void requireRestored(String backup, Map<TableName, MergedRows> expected) {
        FakeCluster target = FakeCluster.create("target", temp.resolve("target" + made), 2);
        CutRig restoring = new CutRig(target, repository, scratch(), Side.EVERYTHING);
        assertThat(restoring.restore(backup).complete()).isTrue();
        for (TableName table : TABLES) {
            UUID id = target.tableId(table).orElseThrow();
            for (DirectoryAgent agent : target.agents()) {
                TokenRanges owned = Ownership.of(target.ringViews().get(0), new Replication.Simple(2))
                        .ownedBy(agent.hostId());
                assertThat(MergedRows.of(table, agent.dataFiles(table, id)))
                        .as("seed %d: %s of backup %s", SEED, table, backup)
                        .isEqualTo(Optional.ofNullable(expected.get(table))
                                .orElseThrow()
                                .within(owned));
            }
        }
    }

    private Path scratch() {
        try {
            return Files.createDirectory(temp.resolve("scratch" + made++));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
