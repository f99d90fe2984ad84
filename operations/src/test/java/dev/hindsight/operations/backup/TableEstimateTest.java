package dev.hindsight.operations.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.api.SnapshotListing;
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
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class TableEstimateTest {
    private static final UUID HOST = new UUID(0, 1);
    private static final Instant AT = Instant.parse("2026-11-22T10:00:00Z");
    private static final TableFacts TABLE =
            new TableFacts(new TableName("shop", "orders"), new UUID(9, 9), 864_000, false, false);
    private static final ReplicaMap OWNERS =
            new ReplicaMap(List.of(new ReplicaMap.Entry(TokenRange.FULL, List.of(HOST))));
    private static final TokenRange HIGH = new TokenRange(0, Long.MAX_VALUE);

    @Test
    void ofAWholeTableEveryReplicaIsReadAndEachRecordStoredOnce() {
        assertThat(estimate(TableChoice.whole(TABLE, "asked for"), 0, 3.0, sstable("oa-1-big", 900)))
                .isEqualTo(new TableEstimate(900, 300));
    }

    @Test
    void whatTheChainHasIsNotReadAgain() {
        TableChoice choice = onto(Map.of("oa-1-big", 900L), Cut.whole(TokenRanges.NONE));

        assertThat(estimate(choice, 0, 3.0, sstable("oa-1-big", 900))).isEqualTo(new TableEstimate(0, 0));
        assertThat(estimate(choice, 60, 3.0, sstable("oa-1-big", 900), sstable("oa-2-big", 30)))
                .isEqualTo(new TableEstimate(90, 30));
    }

    @Test
    void whatCompactionRewroteIsReadButNotStored() {
        TableChoice choice =
                onto(Map.of("oa-1-big", 900L, "oa-2-big", 300L, "oa-3-big", 60L), Cut.whole(TokenRanges.NONE));

        assertThat(estimate(choice, 0, 3.0, sstable("oa-3-big", 60), sstable("oa-9-big", 1500)))
                .isEqualTo(new TableEstimate(1500, 100));
        assertThat(estimate(choice, 0, 3.0, sstable("oa-3-big", 60), sstable("oa-9-big", 800)))
                .as("it became smaller")
                .isEqualTo(new TableEstimate(800, 0));
    }

    @Test
    void rangesThatAreNotSafeAreReadWhole() {
        TableChoice choice = onto(Map.of("oa-1-big", 900L), Cut.whole(TokenRanges.of(HIGH)));

        assertThat(estimate(choice, 0, 3.0, sstable("oa-1-big", 900))).isEqualTo(new TableEstimate(450, 150));
    }

    @Test
    void withoutAnyReadableReplicaNothingIsStored() {
        TableEstimate estimate = TableEstimate.of(
                TableChoice.whole(TABLE, "asked for"),
                List.of(NodeSource.missing(HOST, "a:9042", "the node is down")),
                OWNERS,
                0,
                0);

        assertThat(estimate).isEqualTo(new TableEstimate(0, 0));
    }

    private static TableEstimate estimate(
            TableChoice choice, long unlisted, double replicas, SnapshotListing.SSTable... sstables) {
        SnapshotListing listing = new SnapshotListing(
                HOST, "", List.of(new SnapshotListing.Table(TABLE.name(), TABLE.id(), "orders-9", List.of(sstables))));
        AgentClient nobody = (AgentClient) Proxy.newProxyInstance(
                AgentClient.class.getClassLoader(), new Class<?>[] {AgentClient.class}, (proxy, method, arguments) -> {
                    throw new AssertionError("asked " + method);
                });
        return TableEstimate.of(
                choice, List.of(NodeSource.of(HOST, "a:9042", nobody, AT, listing)), OWNERS, unlisted, replicas);
    }

    private static SnapshotListing.SSTable sstable(String descriptor, long bytes) {
        return new SnapshotListing.SSTable(
                0, descriptor, List.of(new SnapshotListing.Component("Data.db", bytes, "crc32:" + descriptor)));
    }

    /** Onto a chain that has these SSTables, but for the ranges of {@code whole}. */
    private static TableChoice onto(Map<String, Long> seen, Cut whole) {
        Map<SSTableId, TokenRanges> sstables = new java.util.HashMap<>();
        seen.forEach((descriptor, bytes) ->
                sstables.put(new SSTableId(descriptor, "crc32:" + descriptor + "/" + bytes), TokenRanges.FULL));
        SeenTable table = new SeenTable(
                TABLE.id(), AT, 864_000, Map.of(HOST, new SeenHost("", List.of(), TokenRanges.NONE, sstables)));
        TokenRanges onto = TokenRanges.FULL.subtract(whole.ranges());
        List<Cut> cuts = whole.ranges().isEmpty()
                ? List.of(new Cut(onto, Optional.of(List.of()), 0))
                : List.of(new Cut(onto, Optional.of(List.of()), 0), whole);
        return new TableChoice(TABLE, new TableDecision(true, "", List.of()), Optional.of(table), cuts);
    }
}
