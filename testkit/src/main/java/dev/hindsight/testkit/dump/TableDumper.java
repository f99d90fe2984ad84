package dev.hindsight.testkit.dump;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DefaultConsistencyLevel;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import dev.hindsight.lab.CassandraNode;
import dev.hindsight.lab.CassandraRing;
import dev.hindsight.lab.NodeJmx;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.TableName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads {@link TableDump}s as of one second, so that dumps of different clusters, read one after the other, agree about
 * what has expired.
 *
 * <p><b>From one replica alone.</b> {@link #ofReplica} reads through a session that talks to that node only, at ONE, and
 * only token ranges that Cassandra itself says the node replicates. Then the coordinator is a replica of everything it is
 * asked for; rings of the lab have no dynamic snitch, so it puts itself first; ONE contacts no second replica, compares
 * no digests and so repairs nothing. That this was so is proven after each dump: the other nodes' own counters of reads
 * served for the table stood still meanwhile. (Nothing else may read the table at that time.)
 *
 * <p><b>At ALL</b> differing replicas would be healed by a blocking read repair, so tables without
 * {@code read_repair = 'NONE'} are refused: a dump must not change what it shows.
 */
public final class TableDumper {
    private static final Duration PAGE_TIMEOUT = Duration.ofSeconds(90);
    private static final int PAGE_ROWS = 500;

    private final long asOfSeconds;

    private TableDumper(long asOfSeconds) {
        this.asOfSeconds = asOfSeconds;
    }

    /** Reads as of this instant, cut to its second; it may lie in the future. */
    public static TableDumper asOf(Instant instant) {
        return new TableDumper(instant.getEpochSecond());
    }

    /** What the cluster as a whole holds. */
    public TableDump atAll(CqlSession session, TableName table) {
        TableReading reading = TableReading.of(session, table);
        if (!reading.readRepair().equals("NONE")) {
            throw new IllegalArgumentException("table " + table + " has read_repair = '" + reading.readRepair()
                    + "': reading it at ALL would heal its replicas; alter it to 'NONE' first");
        }
        TableReading.Gathering gathering = new TableReading.Gathering();
        read(session, reading, TokenRanges.FULL, DefaultConsistencyLevel.ALL, gathering);
        return new TableDump(table, asOfSeconds, gathering.partitions());
    }

    public TableDump atAll(CassandraRing ring, TableName table) {
        return atAll(ring.session(), table);
    }

    /**
     * What {@code node} itself holds of the ranges that it replicates.
     *
     * @throws IllegalStateException another node took part in the reading
     */
    public TableDump ofReplica(CassandraRing ring, CassandraNode node, TableName table) {
        TokenRanges owned = ownedBy(node, table.keyspace());
        List<CassandraNode> others =
                ring.running().stream().filter(other -> other != node).toList();
        List<Long> before = localReads(others, table);
        TableReading.Gathering gathering = new TableReading.Gathering();
        CqlSession session = node.session();
        read(session, TableReading.of(session, table), owned, DefaultConsistencyLevel.ONE, gathering);
        List<Long> after = localReads(others, table);
        if (!before.equals(after)) {
            throw new IllegalStateException("while " + table + " was read from " + node + " alone, other nodes served"
                    + " reads of it too: counters of " + others + " were " + before + " and are " + after);
        }
        return new TableDump(table, asOfSeconds, gathering.partitions());
    }

    /** Token ranges that a node replicates, by Cassandra's own account. */
    public static TokenRanges ownedBy(CassandraNode node, String keyspace) {
        List<TokenRange> owned = new ArrayList<>();
        try (NodeJmx jmx = node.jmx()) {
            jmx.rangeToEndpoints(keyspace).forEach((range, endpoints) -> {
                if (endpoints.contains(node.address())) {
                    long start = Long.parseLong(range.get(0));
                    long end = Long.parseLong(range.get(1));
                    owned.addAll(TokenRange.unwrap(start, end));
                }
            });
        }
        return TokenRanges.of(owned);
    }

    private static List<Long> localReads(List<CassandraNode> nodes, TableName table) {
        return nodes.stream()
                .map(node -> {
                    try (NodeJmx jmx = node.jmx()) {
                        return jmx.localReads(table.keyspace(), table.table());
                    }
                })
                .toList();
    }

    private void read(
            CqlSession session,
            TableReading reading,
            TokenRanges ranges,
            ConsistencyLevel level,
            TableReading.Gathering into) {
        for (TokenRange range : ranges) {
            SimpleStatement select = SimpleStatement.builder(reading.select(range))
                    .setConsistencyLevel(level)
                    .setPageSize(PAGE_ROWS)
                    .setTimeout(PAGE_TIMEOUT)
                    .setNowInSeconds(Math.toIntExact(asOfSeconds))
                    .setIdempotence(true)
                    .build();
            for (Row row : session.execute(select)) {
                reading.add(row, asOfSeconds, into);
            }
        }
    }
}
