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
import dev.hindsight.model.ring.ReplicaMap;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.TableFacts;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.document.BackupPlan;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
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

    private static ShardPlanner planner(long shardBytes, NodeSource... nodes) {
        return new ShardPlanner(List.of(nodes), keyspace -> OWNERS, shardBytes);
    }

    private static NodeSource node(UUID host, long bytes) {
        SnapshotListing listing = new SnapshotListing(
                host,
                "tag",
                List.of(new SnapshotListing.Table(TABLE.name(), TABLE.id(), "orders-9", List.of(sstable(bytes)))));
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
