package dev.hindsight.acceptance;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import dev.hindsight.lab.CassandraNode;
import dev.hindsight.lab.CassandraRing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import org.awaitility.Awaitility;

/** A plain table of this suite: {@code (id int, c int, v text)}, filled with text that does not compress away. */
final class Rows {
    static final String COLUMNS = " (id int, c int, v text, PRIMARY KEY (id, c))";

    private Rows() {}

    static void keyspace(CqlSession session, String name, int replicas) {
        session.execute("CREATE KEYSPACE " + name + " WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': "
                + replicas + "}");
    }

    /** Returns when every running node knows the table: a PREPARE may go to any of them. */
    static void table(CassandraRing ring, String table) {
        ring.session().execute("CREATE TABLE " + table + COLUMNS + " WITH read_repair = 'NONE'");
        awaitTable(ring, table);
    }

    static void awaitTable(CassandraRing ring, String table) {
        for (CassandraNode node : ring.running()) {
            Awaitility.await()
                    .atMost(Duration.ofMinutes(1))
                    .ignoreExceptions()
                    .until(() -> node.session().prepare("SELECT * FROM " + table) != null);
        }
    }

    /** Rows {@code from} to {@code to}, five to a partition, with about {@code bytes} of text each. */
    static void fill(CqlSession session, String table, int from, int to, int bytes, ConsistencyLevel level) {
        PreparedStatement insert = session.prepare("INSERT INTO " + table + " (id, c, v) VALUES (?, ?, ?)");
        List<CompletionStage<?>> pending = new ArrayList<>();
        for (int i = from; i < to; i++) {
            pending.add(session.executeAsync(
                    insert.bind(i / 5, i % 5, text(i, bytes)).setConsistencyLevel(level)));
            if (pending.size() == 128 || i == to - 1) {
                pending.forEach(one -> one.toCompletableFuture().join());
                pending.clear();
            }
        }
    }

    static String text(int seed, int bytes) {
        SplittableRandom random = new SplittableRandom(seed);
        StringBuilder out = new StringBuilder(bytes);
        while (out.length() < bytes) {
            out.append(Long.toString(random.nextLong(), Character.MAX_RADIX));
        }
        return out.substring(0, bytes);
    }

    /** Every row with its write time, read at ALL, sorted. */
    static List<String> all(CqlSession session, String table) {
        return read(session, table, ConsistencyLevel.ALL);
    }

    static List<String> read(CqlSession session, String table, ConsistencyLevel level) {
        SimpleStatement select = SimpleStatement.newInstance("SELECT id, c, v, writetime(v) AS w FROM " + table)
                .setConsistencyLevel(level)
                .setPageSize(1000);
        List<String> out = new ArrayList<>();
        for (Row row : session.execute(select)) {
            out.add(row.getInt("id") + "/" + row.getInt("c") + "=" + row.getString("v") + "@" + row.getLong("w"));
        }
        out.sort(null);
        return out;
    }
}
