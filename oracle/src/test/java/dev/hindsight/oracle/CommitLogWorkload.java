package dev.hindsight.oracle;

import com.datastax.oss.driver.api.core.CqlSession;
import java.util.List;
import java.util.Random;

/** CQL statements of all kinds, with few keys. */
final class CommitLogWorkload {
    static final String KEYSPACE = "w";

    private final CqlSession session;
    private final Random random;
    private final boolean five;

    /** @param five whether there are vectors */
    CommitLogWorkload(CqlSession session, Random random, boolean five) {
        this.session = session;
        this.five = five;
        this.random = random;
    }

    void create() {
        for (String statement : List.of(
                "CREATE KEYSPACE w WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
                "CREATE TYPE w.pt (x int, y text, z frozen<set<int>>)",
                "CREATE TABLE w.kv (k int, c text, v int, b blob, l list<int>, s set<text>, m map<text, int>, u"
                        + " frozen<pt>, n pt, t tuple<int, text>, st text static, sm map<int, int> static, PRIMARY KEY"
                        + " (k, c)) WITH CLUSTERING ORDER BY (c DESC)",
                "CREATE TABLE w.twin (k int, c text, v int, PRIMARY KEY (k, c))",
                "CREATE TABLE w.counts (k int, c int, n counter, o counter, PRIMARY KEY (k, c))",
                "CREATE TABLE w.wide (a text, b int, c timestamp, d uuid, e double, v varint, w decimal, x inet, y"
                        + " duration, z " + (five ? "vector<float, 3>" : "frozen<list<float>>")
                        + ", PRIMARY KEY ((a, b), c, d, e)) WITH CLUSTERING ORDER BY (c"
                        + " DESC, d ASC, e DESC)")) {
            session.execute(statement);
        }
    }

    void run(int statements) {
        for (int i = 0; i < statements; i++) {
            session.execute(next());
        }
    }

    private String next() {
        String at = " WHERE k = " + key() + " AND c = '" + clustering() + "'";
        switch (random.nextInt(22)) {
            case 0:
                return "INSERT INTO w.kv (k, c, v, b) VALUES (" + key() + ", '" + clustering() + "', " + number()
                        + ", 0x"
                        + Integer.toHexString(0x10000000 | random.nextInt(0x0fffffff))
                                .repeat(random.nextInt(2000)) + ")";
            case 1:
                return "INSERT INTO w.kv (k, c, l, s, m, u, n, t) VALUES (" + key() + ", '" + clustering()
                        + "', [1, 2],"
                        + " {'a', 'b'}, {'x': " + number() + "}, {x: 1, y: 'u', z: {3, 4}}, {x: " + number()
                        + ", y: null}, (1, null)) USING TTL " + (100 + random.nextInt(100_000));
            case 2:
                return "UPDATE w.kv USING TIMESTAMP " + (1_600_000_000_000_000L + random.nextInt(1000))
                        + " SET l = l + [" + number() + "], s = s - {'a'}, m['k" + number() + "'] = 3" + at;
            case 3:
                return "UPDATE w.kv SET l = [" + number() + "] + l, n.x = " + number() + ", st = 's" + number() + "'"
                        + at;
            case 4:
                return "UPDATE w.kv USING TTL 5000 SET m = {'only': 1}, s = {}, n = null, v = " + number() + at;
            case 5:
                return "UPDATE w.kv SET sm[" + number() + "] = 1, st = null WHERE k = " + key();
            case 6:
                return "DELETE v, l, m['k1'], st FROM w.kv" + at;
            case 7:
                return "DELETE FROM w.kv" + at;
            case 8:
                return "DELETE FROM w.kv WHERE k = " + key() + " AND c >= '" + clustering() + "' AND c < 'zz'";
            case 9:
                return "DELETE FROM w.kv USING TIMESTAMP 1500000000000000 WHERE k = " + key();
            case 10:
                return "INSERT INTO w.twin (k, c, v) VALUES (" + key() + ", '" + clustering() + "', 1) IF NOT EXISTS";
            case 11:
                return "UPDATE w.twin SET v = " + number() + at + " IF v != " + number();
            case 12:
            case 13:
                int key = key();
                return "BEGIN " + (random.nextBoolean() ? "" : "UNLOGGED ")
                        + "BATCH INSERT INTO w.twin (k, c, v) VALUES ("
                        + key + ", '', 1); INSERT INTO w.kv (k, c, v) VALUES (" + key
                        + ", '', 2); DELETE FROM w.twin WHERE"
                        + " k = " + key + " AND c > 'm'; UPDATE w.kv SET v = 3 WHERE k = " + key() + " AND c = 'q';"
                        + " APPLY BATCH";
            case 14:
            case 15:
                return "UPDATE w.counts SET n = n + " + number() + ", o = o - 1 WHERE k = " + key() + " AND c = "
                        + random.nextInt(5);
            case 16:
                return "DELETE n FROM w.counts WHERE k = " + key() + " AND c = " + random.nextInt(5);
            case 17:
                return "DELETE FROM w.wide WHERE a = 'a' AND b = " + key() + " AND c > " + number() + " AND c <= "
                        + (1000 + number());
            case 18:
                return "DELETE FROM w.wide WHERE a = 'a' AND b = " + key() + " AND c = " + number();
            default:
                return "INSERT INTO w.wide (a, b, c, d, e, v, w, x, y, z) VALUES ('a', " + key() + ", " + number()
                        + ", uuid(), " + number() + ".5, " + "9".repeat(1 + random.nextInt(40)) + ", 1."
                        + random.nextInt(1000)
                        + ", '10.1.2.3', 1mo2d3h, [1.0, 2.0, " + number() + "])";
        }
    }

    private int key() {
        return random.nextInt(30);
    }

    private int number() {
        return random.nextInt(500);
    }

    private String clustering() {
        return random.nextInt(10) == 0 ? "" : Integer.toString(random.nextInt(2000), 36);
    }
}
