package dev.hindsight.acceptance;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * Deletions of every kind and, for each, a write that is older: it must stay invisible wherever the deletion was restored
 * to. The keys are none that the generator uses.
 */
final class Graves {
    private static final String FULL_KEY = "k1 = 1 AND k2 = 1 AND k3 = 'x'";

    private record Grave(String deletion, String older) {}

    private static final List<Grave> ALL = List.of(
            new Grave(
                    "DELETE FROM %1$s.ranges USING TIMESTAMP %2$d WHERE p = 770001",
                    "INSERT INTO %1$s.ranges (p, k1, k2, k3, s, v) VALUES (770001, 1, 1, 'x', 5, 5)"
                            + " USING TIMESTAMP %2$d"),
            new Grave(
                    "DELETE FROM %1$s.ranges USING TIMESTAMP %2$d WHERE p = 770002 AND k1 >= 1 AND k1 < 5",
                    "INSERT INTO %1$s.ranges (p, k1, k2, k3, v) VALUES (770002, 4, 1, 'x', 5) USING TIMESTAMP %2$d"),
            new Grave(
                    "DELETE FROM %1$s.ranges USING TIMESTAMP %2$d WHERE p = 770003 AND k1 = 1 AND k2 > 3",
                    "INSERT INTO %1$s.ranges (p, k1, k2, k3, v) VALUES (770003, 1, 9, 'x', 5) USING TIMESTAMP %2$d"),
            new Grave(
                    "DELETE FROM %1$s.ranges USING TIMESTAMP %2$d WHERE p = 770004 AND " + FULL_KEY,
                    "INSERT INTO %1$s.ranges (p, k1, k2, k3, v) VALUES (770004, 1, 1, 'x', 5) USING TIMESTAMP %2$d"),
            new Grave(
                    "DELETE v FROM %1$s.ranges USING TIMESTAMP %2$d WHERE p = 770005 AND " + FULL_KEY,
                    "UPDATE %1$s.ranges USING TIMESTAMP %2$d SET v = 5 WHERE p = 770005 AND " + FULL_KEY),
            new Grave(
                    "DELETE s FROM %1$s.ranges USING TIMESTAMP %2$d WHERE p = 770006",
                    "UPDATE %1$s.ranges USING TIMESTAMP %2$d SET s = 5 WHERE p = 770006"),
            new Grave(
                    "INSERT INTO %1$s.ranges (p, k1, k2, k3, v) VALUES (770007, 1, 1, 'x', 5)"
                            + " USING TIMESTAMP %2$d AND TTL 1",
                    "INSERT INTO %1$s.ranges (p, k1, k2, k3, v) VALUES (770007, 1, 1, 'x', 5) USING TIMESTAMP %2$d"),
            new Grave(
                    "DELETE m FROM %1$s.collections USING TIMESTAMP %2$d WHERE p = 770008 AND c = 'x'",
                    "UPDATE %1$s.collections USING TIMESTAMP %2$d SET m = m + {'a': 0x01} WHERE p = 770008 AND c = 'x'"),
            new Grave(
                    "DELETE m['a'] FROM %1$s.collections USING TIMESTAMP %2$d WHERE p = 770009 AND c = 'x'",
                    "UPDATE %1$s.collections USING TIMESTAMP %2$d SET m['a'] = 0x01 WHERE p = 770009 AND c = 'x'"),
            new Grave(
                    "UPDATE %1$s.user_types USING TIMESTAMP %2$d SET u.name = null WHERE p = 770010 AND c = 1",
                    "UPDATE %1$s.user_types USING TIMESTAMP %2$d SET u.name = 'x' WHERE p = 770010 AND c = 1"));

    private final long micros;

    /** @param deletedAt write time of the deletions */
    Graves(Instant deletedAt) {
        this.micros = deletedAt.toEpochMilli() * 1000;
    }

    void bury(CqlSession session, String keyspace) {
        ALL.forEach(grave -> execute(session, grave.deletion(), keyspace, micros));
    }

    /** Writes what the deletions hide, on all replicas. */
    void writeWhatIsHidden(CqlSession session, String keyspace) {
        ALL.forEach(grave -> execute(session, grave.older(), keyspace, micros - 1));
    }

    private static void execute(CqlSession session, String statement, String keyspace, long writeTimeMicros) {
        session.execute(SimpleStatement.newInstance(String.format(Locale.ROOT, statement, keyspace, writeTimeMicros))
                .setConsistencyLevel(ConsistencyLevel.ALL));
    }
}
