package dev.hindsight.operations.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.api.AgentInfo;
import dev.hindsight.agent.api.ImportResult;
import dev.hindsight.agent.api.ImportTarget;
import dev.hindsight.agent.api.SnapshotFile;
import dev.hindsight.agent.api.SnapshotListing;
import dev.hindsight.agent.api.SnapshotRequest;
import dev.hindsight.agent.api.SnapshotResult;
import dev.hindsight.agent.api.StagedFile;
import dev.hindsight.agent.api.TableSize;
import dev.hindsight.model.chain.SeenHost;
import dev.hindsight.model.chain.SeenHost.SSTableId;
import dev.hindsight.model.chain.SeenTable;
import dev.hindsight.model.chain.TableDecision;
import dev.hindsight.model.ring.ReplicaMap;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.TableFacts;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.backup.TableChoice.Cut;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.StoredLayer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ShardPlannerTest {
    private static final UUID A = new UUID(0, 1);
    private static final UUID B = new UUID(0, 2);
    private static final UUID C = new UUID(0, 3);
    private static final Instant EARLY = Instant.parse("2026-11-22T10:00:00Z");
    private static final TableFacts TABLE =
            new TableFacts(new TableName("shop", "orders"), new UUID(9, 9), 864_000, false, false);
    private static final TableChoice WHOLE = TableChoice.whole(TABLE, "a full backup was asked for");
    private static final TokenRange LOW = new TokenRange(Long.MIN_VALUE, 0);
    private static final TokenRange HIGH = new TokenRange(0, Long.MAX_VALUE);
    private static final ReplicaMap OWNERS = new ReplicaMap(
            List.of(new ReplicaMap.Entry(LOW, List.of(A, B)), new ReplicaMap.Entry(HIGH, List.of(B, C))));

    @Test
    void eachReplicaGivesOnlyWhatItOwns() {
        List<BackupPlan.Shard> shards =
                planner(1 << 20, node(A, 100), node(B, 100), node(C, 100)).plan(List.of(WHOLE));

        assertThat(shards).hasSize(1);
        assertThat(shards.get(0).slices())
                .containsExactlyInAnyOrder(
                        new BackupPlan.Slice(A, List.of(LOW)),
                        new BackupPlan.Slice(B, List.of(TokenRange.FULL)),
                        new BackupPlan.Slice(C, List.of(HIGH)));
        assertThat(shards.get(0).missing()).isEmpty();
        assertThat(shards.get(0).gcBeforeEpochSeconds()).as("tombstones stay").isZero();
    }

    @Test
    void aReplicaWithoutASnapshotIsMissing() {
        NodeSource down = NodeSource.missing(C, "c:9042", "the node is down");

        List<BackupPlan.Shard> shards =
                planner(1 << 20, node(A, 100), node(B, 100), down).plan(List.of(WHOLE));

        assertThat(shards.get(0).missing())
                .containsExactly(new BackupPlan.MissingReplica(C, List.of(HIGH), "the node is down"));
    }

    @Test
    void aBigTableIsCutAndEveryTokenIsInExactlyOneShard() {
        List<BackupPlan.Shard> shards =
                planner(100, node(A, 1000), node(B, 1000), node(C, 1000)).plan(List.of(WHOLE));

        assertThat(shards).hasSize(30);
        TokenRanges seen = TokenRanges.NONE;
        for (BackupPlan.Shard shard : shards) {
            TokenRanges ranges = TokenRanges.of(shard.ranges());
            assertThat(seen.intersect(ranges).isEmpty()).isTrue();
            seen = seen.union(ranges);
        }
        assertThat(seen).isEqualTo(TokenRanges.FULL);
        assertThat(shards).extracting(BackupPlan.Shard::number).doesNotHaveDuplicates();
    }

    @Test
    void theSchemasTableIdDecidesNotTheName() {
        SnapshotListing ofDroppedTable = new SnapshotListing(
                A,
                "tag",
                List.of(new SnapshotListing.Table(TABLE.name(), new UUID(1, 1), "orders-old", List.of(sstable(5000)))));
        NodeSource node = NodeSource.of(A, "a:9042", new NoAgent(), EARLY, ofDroppedTable);

        assertThat(ShardPlanner.tableBytes(ofDroppedTable, TABLE)).isZero();
        assertThat(planner(1 << 20, node).source(node, List.of(WHOLE)).tables()).isEmpty();
    }

    @Test
    void anIncrementalShardReadsOnlyWhatTheChainHasNotSeen() {
        NodeSource node = node(A, named("oa-1-big", 300), named("oa-2-big", 50));
        ShardPlanner planner = planner(1 << 20, node);
        TableChoice choice = choice(onto(LOW), onto(HIGH));

        List<BackupPlan.Shard> shards = planner.plan(List.of(choice));
        BackupPlan.Source source = planner.source(node, List.of(choice));

        assertThat(shards).hasSize(2).allMatch(shard -> shard.onto().isPresent());
        assertThat(shards.stream()
                        .mapToLong(BackupPlan.Shard::estimatedInputBytes)
                        .sum())
                .as("A owns the lower half")
                .isEqualTo(50);
        assertThat(source.tables().get(0).sstables())
                .extracting(BackupPlan.SourceSSTable::descriptor)
                .containsExactly("oa-2-big");
        assertThat(source.tables().get(0).sstables().get(0).seen()).isEmpty();
    }

    @Test
    void aShardThatIsReadWholeBesideBringsSeenSSTablesBackForItselfAlone() {
        NodeSource node = node(B, named("oa-1-big", 300), named("oa-2-big", 50));
        ShardPlanner planner = planner(1 << 20, node);
        TableChoice choice = choice(Cut.whole(TokenRanges.of(LOW)), onto(HIGH));

        List<BackupPlan.Shard> shards = planner.plan(List.of(choice));
        BackupPlan.Source source = planner.source(node, List.of(choice));

        assertThat(shards).extracting(shard -> shard.onto().isPresent()).containsExactly(false, true);
        assertThat(shards).extracting(BackupPlan.Shard::estimatedInputBytes).containsExactly(175L, 25L);
        assertThat(source.tables().get(0).sstables())
                .extracting(BackupPlan.SourceSSTable::seen)
                .containsExactly(Optional.of(List.of(TokenRange.FULL)), Optional.empty());
    }

    @Test
    void aChainsShardThatHasGrownIsCutAndItsLayersWithIt() {
        ShardPlanner planner = planner(100, node(A, named("oa-2-big", 1_000)));

        List<BackupPlan.Shard> shards = planner.plan(List.of(choice(onto(LOW), onto(HIGH))));

        assertThat(shards).hasSize(11);
        assertThat(shards)
                .allSatisfy(shard -> assertThat(shard.onto().orElseThrow())
                        .allSatisfy(layer -> assertThat(layer.ranges()).isEqualTo(shard.ranges())));
    }

    /** The chain has seen all of {@code oa-1-big} on every node, and nothing else. */
    private static TableChoice choice(Cut... cuts) {
        SSTableId id = TableInputs.id(named("oa-1-big", 300)).orElseThrow();
        SeenHost host = new SeenHost("", List.of(), TokenRanges.NONE, Map.of(id, TokenRanges.FULL));
        SeenTable seen = new SeenTable(TABLE.id(), EARLY, 864_000, Map.of(A, host, B, host, C, host));
        return new TableChoice(TABLE, new TableDecision(true, "", List.of()), Optional.of(seen), List.of(cuts));
    }

    private static Cut onto(TokenRange range) {
        StoredLayer layer = new StoredLayer(new ObjectRef("backups/x/shards/1.json", 1, "d"), List.of(range));
        return new Cut(TokenRanges.of(range), Optional.of(List.of(layer)), 0);
    }

    private static SnapshotListing.SSTable named(String descriptor, long bytes) {
        return new SnapshotListing.SSTable(
                0, descriptor, List.of(new SnapshotListing.Component("Data.db", bytes, "crc32:00000001")));
    }

    private static ShardPlanner planner(long shardBytes, NodeSource... nodes) {
        return new ShardPlanner(List.of(nodes), keyspace -> OWNERS, shardBytes);
    }

    private static NodeSource node(UUID host, long bytes) {
        return node(host, sstable(bytes));
    }

    private static NodeSource node(UUID host, SnapshotListing.SSTable... sstables) {
        SnapshotListing listing = new SnapshotListing(
                host,
                "tag",
                List.of(new SnapshotListing.Table(TABLE.name(), TABLE.id(), "orders-9", List.of(sstables))));
        return NodeSource.of(host, host + ":9042", new NoAgent(), EARLY, listing);
    }

    private static SnapshotListing.SSTable sstable(long bytes) {
        return new SnapshotListing.SSTable(0, "oa-1-big", List.of(new SnapshotListing.Component("Data.db", bytes, "")));
    }

    /** Planning asks nothing of an agent. */
    private static final class NoAgent implements AgentClient {
        @Override
        public String address() {
            return "http://agent";
        }

        @Override
        public AgentInfo info() {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<TableSize> tableSizes(Collection<String> keyspaces) {
            throw new UnsupportedOperationException();
        }

        @Override
        public SnapshotResult takeSnapshot(SnapshotRequest request) {
            throw new UnsupportedOperationException();
        }

        @Override
        public SnapshotListing listSnapshot(String tag) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<String> snapshotTags(String prefix) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void clearSnapshot(String tag) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void read(SnapshotFile file, long position, byte[] into, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public StagedFile stage(ImportTarget target, Path file) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<StagedFile> staged(ImportTarget target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public ImportResult commitImport(ImportTarget target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<ImportResult> finishedImport(ImportTarget target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void discardImport(String importId) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<String> importIds() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }
}
