package dev.hindsight.testkit.data;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlIdentifier;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.BoundStatement;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Statement;
import com.datastax.oss.driver.api.core.metadata.schema.TableMetadata;
import dev.hindsight.lab.CassandraNode;
import dev.hindsight.lab.CassandraRing;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.schema.TableName;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Writes rounds of adversarial data into an {@link AdversarialSchema}. A round depends only on seed, base time and round
 * number, not on the session, so that a test may stop nodes in between, write at ONE and so make replicas differ; {@link
 * #loadDiffering} does that. One thread at a time.
 */
public final class AdversarialData {
    private static final int IN_FLIGHT = 48;
    private static final Set<String> EMPTY = Set.of("empty_table");
    // A dropped column's drop time is the server's: explicit older write times would be hidden only after a flush.
    private static final Set<String> SERVER_TIMES = Set.of("evolved");

    private final AdversarialSchema schema;
    private final long seed;
    private final Instant base;
    private final int operationsPerTable;
    private final int wideRows;
    private final boolean longTtls;

    private AdversarialData(
            AdversarialSchema schema, long seed, Instant base, int operationsPerTable, int wideRows, boolean longTtls) {
        this.schema = schema;
        this.seed = seed;
        this.base = base;
        this.operationsPerTable = operationsPerTable;
        this.wideRows = wideRows;
        this.longTtls = longTtls;
    }

    /**
     * @param base around which explicit write times lie; in the past, so that later writes without one win
     */
    public static AdversarialData of(AdversarialSchema schema, long seed, Instant base) {
        return new AdversarialData(schema, seed, base, 60, 1500, true);
    }

    /** Operations per table and round; default 60. */
    public AdversarialData withOperations(int perTable) {
        return new AdversarialData(schema, seed, base, perTable, wideRows, longTtls);
    }

    /** Rows that each round adds to each of the two wide partitions; default 1500. */
    public AdversarialData withWideRows(int rows) {
        return new AdversarialData(schema, seed, base, operationsPerTable, rows, longTtls);
    }

    /** Nothing expires after 2038, for clusters in compatibility mode. */
    public AdversarialData withoutLongTtls() {
        return new AdversarialData(schema, seed, base, operationsPerTable, wideRows, false);
    }

    /** Writes one round through this session. */
    public void apply(CqlSession session, int round, ConsistencyLevel level) {
        session.refreshSchema();
        Writing writing = new Writing(session, level);
        for (TableName table : schema.tables()) {
            if (EMPTY.contains(table.table())) {
                continue;
            }
            Random random =
                    new Random(seed ^ (round * 7_919L) ^ table.toString().hashCode());
            switch (table.table()) {
                case "wide" -> wide(writing, table, round, random);
                case "large_values" -> large(writing, table, round, random);
                default -> shapes(writing, table, random);
            }
        }
        writing.await();
    }

    /**
     * Three rounds at ONE, in each of which another node takes no part (hinted handoff must be off), with a flush of all
     * nodes and schema changes between; so replicas differ and every table has several SSTables.
     */
    public void loadDiffering(CassandraRing ring) {
        for (int round = 0; round < 3; round++) {
            CassandraNode absent = ring.node(round % ring.nodes().size());
            CassandraNode coordinator = ring.node((round + 1) % ring.nodes().size());
            boolean alone = ring.nodes().size() == 1;
            if (!alone) {
                absent.leaveGossip();
            }
            try {
                apply(coordinator.session(), round, ConsistencyLevel.ONE);
            } finally {
                if (!alone) {
                    absent.rejoinGossip();
                }
            }
            ring.flush(schema.keyspace());
            ring.flush(schema.mixedKeyspace());
            schema.alter(ring.session(), round);
        }
    }

    private void shapes(Writing writing, TableName table, Random random) {
        WriteTimes times = new WriteTimes(base, SERVER_TIMES.contains(table.table()), longTtls);
        TableWriter writer = new TableWriter(writing.session, metadata(writing.session, table), times, seed);
        for (int i = 0; i < operationsPerTable; i++) {
            writing.send(writer.next(random));
        }
    }

    private void wide(Writing writing, TableName table, int round, Random random) {
        PreparedStatement insert = writing.session.prepare(
                "INSERT INTO " + table.asCql() + " (p, c, v) VALUES (?, ?, ?) USING TIMESTAMP ?");
        PreparedStatement delete = writing.session.prepare(
                "DELETE FROM " + table.asCql() + " USING TIMESTAMP ? WHERE p = ? AND c >= ? AND c < ?");
        long micros = base.toEpochMilli() * 1000;
        for (int partition = 0; partition < 2; partition++) {
            for (int i = 0; i < wideRows; i++) {
                long c = (long) random.nextInt(wideRows * 3);
                writing.send(insert.bind(
                        partition, c, "round " + round + " row " + c + " " + random.nextInt(), micros + round));
            }
            for (int i = 0; i < 10; i++) {
                long from = random.nextInt(wideRows * 3);
                writing.send(delete.bind(micros + random.nextInt(3), partition, from, from + random.nextInt(40)));
            }
        }
    }

    private static void large(Writing writing, TableName table, int round, Random random) {
        PreparedStatement insert =
                writing.session.prepare("INSERT INTO " + table.asCql() + " (p, c, v, t) VALUES (?, ?, ?, ?)");
        for (int i = 0; i < 6; i++) {
            ByteBuffer blob = RandomValues.blob(random, 20_000 + random.nextInt(300_000));
            writing.send(insert.bind(i % 3, round * 2 + i, blob, "x".repeat(random.nextInt(30_000))));
        }
    }

    private static TableMetadata metadata(CqlSession session, TableName table) {
        return session.getMetadata()
                .getKeyspace(CqlIdentifier.fromInternal(table.keyspace()))
                .flatMap(keyspace -> keyspace.getTable(CqlIdentifier.fromInternal(table.table())))
                .orElseThrow(() -> new IllegalStateException("the driver knows no table " + table));
    }

    /** Statements in flight; the first failure ends all. */
    private static final class Writing {
        private final CqlSession session;
        private final ConsistencyLevel level;
        private final Semaphore free = new Semaphore(IN_FLIGHT);
        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

        Writing(CqlSession session, ConsistencyLevel level) {
            this.session = session;
            this.level = level;
        }

        void send(BoundStatement statement) {
            free.acquireUninterruptibly();
            check(statement);
            Statement<?> sent = statement.setConsistencyLevel(level);
            session.executeAsync(sent).whenComplete((result, e) -> {
                if (e != null) {
                    failure.compareAndSet(
                            null,
                            new IllegalStateException(
                                    statement.getPreparedStatement().getQuery() + ": " + e, e));
                }
                free.release();
            });
        }

        void await() {
            free.acquireUninterruptibly(IN_FLIGHT);
            check(null);
        }

        private void check(@Nullable BoundStatement next) {
            Throwable e = failure.get();
            if (e != null) {
                throw new NotAppliedException(
                        "adversarial write failed: " + e.getMessage(),
                        "seed and statement say which; next was "
                                + (next == null
                                        ? "nothing"
                                        : next.getPreparedStatement().getQuery()),
                        e);
            }
        }
    }
}
