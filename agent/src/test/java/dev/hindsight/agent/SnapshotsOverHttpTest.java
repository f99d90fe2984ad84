package dev.hindsight.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.agent.api.AgentInfo;
import dev.hindsight.agent.api.HttpAgentClient;
import dev.hindsight.agent.api.SnapshotListing;
import dev.hindsight.agent.api.SnapshotRequest;
import dev.hindsight.agent.api.SnapshotResult;
import dev.hindsight.agent.api.TableSize;
import dev.hindsight.agent.config.AgentConfig;
import dev.hindsight.model.failure.AlreadyExistsException;
import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.schema.TableName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotsOverHttpTest {
    @TempDir
    Path dir;

    private AgentFixture agent;
    private HttpAgentClient client;
    private TableName table;

    @BeforeEach
    void start() throws Exception {
        agent = new AgentFixture(dir, 2);
        client = agent.client();
        table = agent.node.table("shop", "carts");
        agent.node.sstable(table, 0, "nb-1-big", new byte[1000]);
        agent.node.sstable(table, 1, "nb-1-big", new byte[70_000]);
    }

    @AfterEach
    void stop() {
        agent.close();
    }

    private static SnapshotRequest request(String tag, TableName table) {
        return new SnapshotRequest(tag, List.of(table), Optional.of(3600L));
    }

    @Test
    void listsEqualIdsOfSeveralDataDirectoriesApart() {
        SnapshotResult taken = client.takeSnapshot(request("t1", table));

        SnapshotListing listing = client.listSnapshot("t1");

        assertThat(taken.hostId()).isEqualTo(agent.node.hostId);
        assertThat(taken.finishedAt()).isAfterOrEqualTo(taken.startedAt());
        assertThat(agent.node.lastTtl).contains(3600L);
        assertThat(listing.hostId()).isEqualTo(agent.node.hostId);
        SnapshotListing.Table only = listing.tables().get(0);
        assertThat(only.name()).isEqualTo(table);
        assertThat(only.tableId()).isEqualTo(agent.node.tables.get(table));
        assertThat(only.sstables())
                .extracting(SnapshotListing.SSTable::dataDirectory, SnapshotListing.SSTable::descriptor)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(0, "nb-1-big"),
                        org.assertj.core.groups.Tuple.tuple(1, "nb-1-big"));
        assertThat(only.sstables().get(1).dataBytes()).isEqualTo(70_000);
    }

    @Test
    void checksumOfDataIsTheNodesOwnAndOfTheOthersComputed() throws Exception {
        client.takeSnapshot(request("t1", table));

        List<SnapshotListing.Component> components =
                client.listSnapshot("t1").tables().get(0).sstables().get(0).components();

        java.util.zip.CRC32 data = new java.util.zip.CRC32();
        data.update(new byte[1000]);
        java.util.zip.CRC32 index = new java.util.zip.CRC32();
        index.update("index of nb-1-big".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        assertThat(components)
                .contains(
                        new SnapshotListing.Component(
                                "Data.db", 1000, String.format(java.util.Locale.ROOT, "crc32:%08x", data.getValue())),
                        new SnapshotListing.Component(
                                "Index.db", 17, String.format(java.util.Locale.ROOT, "crc32:%08x", index.getValue())));
    }

    @Test
    void whatIsNoComponentIsNotListed() throws Exception {
        client.takeSnapshot(request("t1", table));
        Path snapshot = agent.node.directories(table).get(0).resolve("snapshots/t1");
        Files.writeString(snapshot.resolve("nb-1-big-SAI+aa+carts_idx+TermsData.db"), "sai");
        Files.writeString(snapshot.resolve("nb_txn_compaction_1.log"), "txn");
        FakeNode.components(snapshot.resolve(".carts_by_owner"), "nb-7-big", new byte[5]);

        List<SnapshotListing.SSTable> sstables =
                client.listSnapshot("t1").tables().get(0).sstables();

        assertThat(sstables).hasSize(2);
        assertThat(sstables.get(0).components())
                .extracting(SnapshotListing.Component::name)
                .containsExactly("Data.db", "Digest.crc32", "Index.db", "Statistics.db", "TOC.txt");
    }

    @Test
    void droppedTableOfTheSameNameKeepsItsOwnId() throws Exception {
        client.takeSnapshot(request("t1", table));
        UUID dropped = agent.node.tables.get(table);
        agent.node.tables.remove(table);
        agent.node.table("shop", "other");
        TableName again = agent.node.table("shop", "carts");
        agent.node.sstable(again, 0, "nb-1-big", new byte[10]);
        client.takeSnapshot(request("t2", again));

        assertThat(client.listSnapshot("t1").tables().get(0).tableId()).isEqualTo(dropped);
        assertThat(client.listSnapshot("t2").tables().get(0).tableId())
                .isEqualTo(agent.node.tables.get(again))
                .isNotEqualTo(dropped);
        assertThat(client.snapshotTags("t")).containsExactly("t1", "t2");
        assertThat(client.snapshotTags("t2")).containsExactly("t2");
    }

    @Test
    void sizesCountLiveFilesOfPresentTablesOnly() throws Exception {
        client.takeSnapshot(request("t1", table));
        FakeNode.components(
                agent.node.dataDirectories.get(0).resolve("shop/carts-" + "0".repeat(32)), "nb-9-big", new byte[5000]);

        List<TableSize> sizes = client.tableSizes(List.of("shop"));

        assertThat(sizes).hasSize(1);
        assertThat(sizes.get(0).dataBytes()).isEqualTo(71_000);
        assertThat(sizes.get(0).sstables()).isEqualTo(2);
        assertThat(client.tableBytes(table))
                .isEqualTo(sizes.get(0).componentBytes())
                .isGreaterThan(71_000);
    }

    @Test
    void liveSSTablesAreThoseThatASnapshotWouldHave() throws Exception {
        client.takeSnapshot(request("t1", table));
        SnapshotListing snapshot = client.listSnapshot("t1");
        Path directory = agent.node.directories(table).get(0);
        Files.write(directory.resolve("nb-99-big-Data.db"), new byte[70]);
        FakeNode.components(
                agent.node.dataDirectories.get(0).resolve("shop/carts-" + "0".repeat(32)), "nb-9-big", new byte[5000]);

        SnapshotListing live = client.liveSSTables(List.of("shop")).orElseThrow();

        assertThat(live.hostId()).isEqualTo(snapshot.hostId());
        assertThat(live.tag()).isEmpty();
        assertThat(live.tables()).as("none is of a table that was dropped").hasSize(1);
        assertThat(live.tables().get(0).sstables())
                .as("what is half written is left out, and only Data.db has its checksum")
                .isEqualTo(snapshot.tables().get(0).sstables().stream()
                        .map(sstable -> new SnapshotListing.SSTable(
                                sstable.dataDirectory(),
                                sstable.descriptor(),
                                sstable.components().stream()
                                        .map(one -> new SnapshotListing.Component(
                                                one.name(),
                                                one.sizeBytes(),
                                                one.name().equals("Data.db") ? one.checksum() : ""))
                                        .toList()))
                        .toList());
        assertThat(client.liveSSTables(List.of("other")).orElseThrow().tables()).isEmpty();
    }

    @Test
    void existingTagIsRefused() {
        client.takeSnapshot(request("t1", table));

        assertThatThrownBy(() -> client.takeSnapshot(request("t1", table)))
                .isInstanceOf(AlreadyExistsException.class)
                .hasMessageContaining("t1");
    }

    @Test
    void shortTtlIsRefusedBeforeTheNodeIsAsked() {
        assertThatThrownBy(() -> client.takeSnapshot(new SnapshotRequest("t1", List.of(table), Optional.of(59L))))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("60");
    }

    @Test
    void oldNodeGetsNoTtl() {
        agent.node.releaseVersion = "4.0.17";

        client.takeSnapshot(request("t1", table));

        assertThat(agent.node.lastTtl).isEmpty();
        assertThat(client.info().snapshotTtlSupported()).isFalse();
    }

    @Test
    void clearingIsRepeatableAndLeavesLiveFiles() {
        client.takeSnapshot(request("t1", table));

        client.clearSnapshot("t1");
        client.clearSnapshot("t1");

        assertThat(client.snapshotTags("")).isEmpty();
        assertThatThrownBy(() -> client.listSnapshot("t1")).isInstanceOf(NotFoundException.class);
        assertThat(client.tableBytes(table)).isGreaterThan(71_000);
    }

    @Test
    void snapshotsOfADownNodeAreServedAndClearedAlsoAfterARestartOfTheAgent() {
        client.takeSnapshot(request("t1", table));
        agent.node.up = false;
        agent.restart();
        client = agent.client();

        AgentInfo info = client.info();
        SnapshotListing listing = client.listSnapshot("t1");
        client.clearSnapshot("t1");

        assertThat(info.nodeUp()).isFalse();
        assertThat(info.hostId()).isEqualTo(agent.node.hostId);
        assertThat(info.dataDirectories()).hasSize(2);
        assertThat(listing.tables()).hasSize(1);
        assertThat(client.snapshotTags("")).isEmpty();
        assertThat(client.tableBytes(table)).isGreaterThan(71_000);
        assertThatThrownBy(() -> client.takeSnapshot(request("t2", table)))
                .isInstanceOf(ClusterUnreachableException.class);
    }

    @Test
    void infoTellsWhatTheNodeTells() {
        AgentInfo info = client.info();

        assertThat(info.nodeUp()).isTrue();
        assertThat(info.clusterName()).isEqualTo("fake");
        assertThat(info.releaseVersion()).isEqualTo("5.0.9");
        assertThat(info.operationMode()).isEqualTo("NORMAL");
        assertThat(info.unreachableNodes()).containsExactly("127.0.0.9");
        assertThat(info.dataDirectories()).allMatch(directory -> directory.usableBytes() > 0);
        assertThat(info.agentVersion()).isNotEqualTo("unknown").doesNotContain("$");
    }

    @Test
    void nodeOfAnotherClusterIsNotServed() {
        agent.node.clusterName = "somebody-elses";

        assertThatThrownBy(() -> client.takeSnapshot(request("t1", table)))
                .isInstanceOf(PreconditionFailedException.class)
                .hasMessageContaining("somebody-elses")
                .hasMessageContaining("fake");
        assertThatThrownBy(agent::restart).isInstanceOf(PreconditionFailedException.class);
    }

    @Test
    void snapshotThatLeavesTooLittleSpaceIsRefused() {
        agent.restart(agent.config(
                AgentConfig.Import.off(), new AgentConfig.Limits(0, 4, Long.MAX_VALUE / 2), Optional.empty()));
        client = agent.client();

        assertThatThrownBy(() -> client.takeSnapshot(request("t1", table)))
                .isInstanceOf(CapacityException.class)
                .hasMessageContaining("must stay free");
        assertThat(client.snapshotTags("")).isEmpty();
    }

    @Test
    void memtablesCountAgainstTheSpace() {
        agent.node.memtableBytes = Long.MAX_VALUE / 2;

        assertThatThrownBy(() -> client.takeSnapshot(request("t1", table))).isInstanceOf(CapacityException.class);
    }

    /** Deletes that are not flushed yet would hide what is restored into a table that reads as empty. */
    @Test
    void sizesCountWhatIsNotFlushed() {
        long flushed = client.tableBytes(table);

        agent.node.memtableBytes = 248;

        assertThat(client.tableBytes(table)).isEqualTo(flushed + 248);
    }
}
