package dev.hindsight.cli.demo;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.AsyncResultSet;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import dev.failsafe.Failsafe;
import dev.failsafe.RetryPolicy;
import dev.hindsight.lab.CassandraNode;
import dev.hindsight.lab.CassandraRing;
import dev.hindsight.model.failure.PlanStaleException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The data of a small shop: customers with a UDT and collections, a wide table of orders with a static column, TTLs and
 * every kind of deletion, counters of visits. From a seed, so that a run can be repeated.
 */
final class Shop {
    static final String KEYSPACE = "shop";
    static final List<String> TABLES = List.of("customers", "orders", "visits");

    /** Row of an order that {@link #ship} ships and {@link #ruin} hurts. */
    static final String HURT = "customer=10 AND day='2026-01-01' AND number=1";

    /** The first day of the shop; orders are spread over the days from here. */
    private static final LocalDate OPENING = LocalDate.of(2026, 1, 1);

    private static final int IN_FLIGHT = 64;
    private static final int DAY_SECONDS = 86_400;
    /** Reads of one replica must be of that replica alone: nothing repairs, nobody else is asked in haste. */
    private static final String ALONE = "read_repair = 'NONE' AND speculative_retry = 'NEVER'";

    private static final RetryPolicy<Object> UNTIL_KNOWN = RetryPolicy.builder()
            .handle(PlanStaleException.class)
            .withMaxRetries(240)
            .withDelay(Duration.ofMillis(250))
            .build();

    private final CqlSession session;
    private final Random random;
    private final List<CompletionStage<AsyncResultSet>> pending = new ArrayList<>();
    private int statements;

    Shop(CqlSession session, long seed) {
        this.session = session;
        this.random = new Random(seed);
    }

    /** Through one node, which knows its own changes at once; returns when every node has them too. */
    static void createSchema(CassandraRing ring, int replicas) {
        CqlSession one = ring.node(0).session();
        List.of(
                        "CREATE KEYSPACE shop WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': "
                                + replicas + "}",
                        "CREATE TYPE shop.address (street text, city text, zip text)",
                        "CREATE TABLE shop.customers (id int PRIMARY KEY, name text, home frozen<address>,"
                                + " phones map<text, text>, interests set<text>, notes list<text>, remark text) WITH "
                                + ALONE,
                        "CREATE TABLE shop.orders (customer int, day date, number int, customer_name text static,"
                                + " status text, total decimal, items list<frozen<tuple<text, int>>>, remark text,"
                                + " PRIMARY KEY (customer, day, number)) WITH CLUSTERING ORDER BY (day DESC, number ASC)"
                                + " AND " + ALONE,
                        "CREATE TABLE shop.visits (page text PRIMARY KEY, count counter) WITH " + ALONE)
                .forEach(one::execute);
        ring.nodes().forEach(node -> Failsafe.with(UNTIL_KNOWN).run(() -> requireTables(node)));
    }

    private static void requireTables(CassandraNode node) {
        int tables = node.session()
                .execute("SELECT table_name FROM system_schema.tables WHERE keyspace_name = '" + KEYSPACE + "'")
                .all()
                .size();
        if (tables < TABLES.size()) {
            throw new PlanStaleException(
                    "node " + node.address() + " knows " + tables + " of " + TABLES.size() + " tables",
                    "run the demo on a less loaded machine");
        }
    }

    /** Customers {@code from} to {@code to}, each with orders. */
    void open(int from, int to, int ordersEach) {
        for (int id = from; id < to; id++) {
            send("INSERT INTO shop.customers (id, name, home, phones, interests, notes, remark) VALUES (" + id
                    + ", 'Customer " + id + "', {street: 'Main Street " + id + "', city: 'Springfield', zip: '"
                    + (10_000 + id) + "'}, {'home': '" + random.nextInt(1_000_000) + "'}, {'books', 'area-"
                    + id % 7 + "'}, ['first', 'second'], '" + noise(120) + "')");
            send("UPDATE shop.orders SET customer_name = 'Customer " + id + "' WHERE customer = " + id);
            for (int n = 0; n < ordersEach; n++) {
                order(id, n);
            }
        }
        settle();
    }

    private void order(int customer, int number) {
        String ttl = number % 10 == 3 ? " USING TTL " + (DAY_SECONDS + random.nextInt(DAY_SECONDS)) : "";
        send("INSERT INTO shop.orders (customer, day, number, status, total, items, remark) VALUES (" + customer + ", '"
                + day(number) + "', " + number + ", 'new', " + random.nextInt(100_000) + "."
                + String.format(Locale.ROOT, "%02d", random.nextInt(100)) + ", [('thing-" + random.nextInt(500) + "', "
                + (1 + random.nextInt(9)) + ")], '" + noise(450) + "')" + ttl);
    }

    /** What goes on in a shop: statuses, added phones, removed notes, cancelled orders, closed accounts, late writes. */
    void trade(int from, int to, int ordersEach) {
        for (int id = from; id < to; id++) {
            switch (id % 5) {
                case 0 -> {
                    send("UPDATE shop.customers SET phones['mobile'] = '" + random.nextInt(1_000_000)
                            + "', interests = interests - {'books'}, notes = notes + ['later'] WHERE id = " + id);
                    send("UPDATE shop.orders SET status = 'paid' WHERE customer = " + id + " AND day = '" + day(1)
                            + "' AND number = 1");
                }
                case 1 -> send("DELETE FROM shop.orders WHERE customer = " + id + " AND day = '" + day(0) + "'");
                case 2 ->
                    send("DELETE remark, total FROM shop.orders WHERE customer = " + id + " AND day = '" + day(2)
                            + "' AND number = 2");
                case 3 ->
                    send("UPDATE shop.customers USING TIMESTAMP 1000 SET name = 'a write that comes too late'"
                            + " WHERE id = " + id);
                default ->
                    send("DELETE FROM shop.orders WHERE customer = " + id + " AND day >= '" + day(0) + "' AND day < '"
                            + day(1) + "'");
            }
            if (id % 40 == 7) {
                send("DELETE FROM shop.orders WHERE customer = " + id);
                send("DELETE FROM shop.customers WHERE id = " + id);
            }
            order(id, ordersEach + 1);
        }
        settle();
    }

    /**
     * One order of each customer goes out, each with a mark of its own.
     *
     * @return when each was acknowledged, by its mark's number
     */
    Map<Integer, Instant> ship(int customers) {
        Map<Integer, Instant> acknowledged = new ConcurrentHashMap<>();
        Clock clock = Clock.systemUTC();
        for (int id = 0; id < customers; id++) {
            int number = id;
            add(stage("UPDATE shop.orders SET status = 'shipped', remark = '" + CaptureLag.mark(number)
                            + "' WHERE customer = " + id + " AND day = '" + day(1) + "' AND number = 1")
                    .thenApply(rows -> {
                        acknowledged.put(number, clock.instant());
                        return rows;
                    }));
            order(id, 20);
        }
        settle();
        return Map.copyOf(acknowledged);
    }

    void visit(int times) {
        for (int i = 0; i < times; i++) {
            send("UPDATE shop.visits SET count = count + " + (1 + i % 3) + " WHERE page = '/page/" + i % 97 + "'");
        }
        settle();
    }

    /** The bad deploy: half of the orders gone, all names wrong. */
    void ruin(int customers) {
        for (int id = 0; id < customers; id++) {
            send(
                    id % 2 == 0
                            ? "DELETE FROM shop.orders WHERE customer = " + id
                            : "UPDATE shop.orders SET customer_name = 'NULL' WHERE customer = " + id);
        }
        settle();
    }

    int statements() {
        return statements;
    }

    private static LocalDate day(int number) {
        return OPENING.plusDays(number / 3);
    }

    /** Text that does not compress to nothing. */
    private String noise(int bytes) {
        byte[] out = new byte[bytes];
        random.nextBytes(out);
        return Base64.getEncoder().encodeToString(out);
    }

    private void send(String cql) {
        add(stage(cql));
    }

    private CompletionStage<AsyncResultSet> stage(String cql) {
        statements++;
        return session.executeAsync(SimpleStatement.newInstance(cql).setConsistencyLevel(ConsistencyLevel.QUORUM));
    }

    private void add(CompletionStage<AsyncResultSet> one) {
        pending.add(one);
        if (pending.size() >= IN_FLIGHT) {
            settle();
        }
    }

    private void settle() {
        pending.forEach(one -> one.toCompletableFuture().join());
        pending.clear();
    }
}
