package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DefaultConsistencyLevel;
import com.fasterxml.jackson.databind.JsonNode;
import dev.hindsight.acceptance.LoggedWrites.Checked;
import dev.hindsight.acceptance.LoggedWrites.Client;
import dev.hindsight.model.schema.TableName;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Instants at which nobody was silent: what clients of a real ring were told, against what a restore gives. */
class MiddleOfTheLoadTest {
    private static final System.Logger LOG = System.getLogger(MiddleOfTheLoadTest.class.getName());
    private static final long SEED = Long.getLong("test.seed", System.nanoTime());
    private static final TableName TABLE = new TableName("midst", "t");
    private static final Duration HOUR = Duration.ofHours(1);
    /** More than an instant is off by. */
    private static final Duration LEAD = Duration.ofSeconds(3);

    private static final int INSTANTS = 2;

    @TempDir
    Path directory;

    @Test
    void whatWasAcknowledgedBeforeIsInAndWhatWasBegunAfterIsNot() {
        CqlSession session = Rings.source().ring().session();
        ProtectedTables tables = ProtectedTables.in(Rings.source().ring(), Rings.journal(directory), TABLE, 3);
        tables.protect(TABLE);
        SplittableRandom random = new SplittableRandom(SEED);
        List<Instant> instants = new ArrayList<>();
        try (LoggedWrites writes = LoggedWrites.begin(
                session,
                TABLE,
                SEED,
                Client.at(DefaultConsistencyLevel.ONE),
                Client.at(DefaultConsistencyLevel.QUORUM),
                Client.at(DefaultConsistencyLevel.ALL),
                new Client(DefaultConsistencyLevel.ONE, HOUR),
                new Client(DefaultConsistencyLevel.QUORUM, HOUR.negated()))) {
            writes.await(300, LEAD);
            Instant first = Instant.now();
            writes.await(300, LEAD);
            Duration load = Duration.between(first, Instant.now());
            // Sealed while it goes on: each of these numbers what there is, and what comes later has to fit behind it.
            tables.awaitSealedBeyond(TABLE, first.plus(load));
            writes.await(300, LEAD);
            writes.close();
            for (int i = 0; i < INSTANTS; i++) {
                instants.add(first.plusNanos(random.nextLong(load.toNanos())).truncatedTo(ChronoUnit.MICROS));
            }
            tables.awaitSealedBeyond(TABLE, Instant.now());

            for (Instant at : instants) {
                requireExact(tables, writes, at, new TableName("midst", "t" + (instants.indexOf(at) + 1)));
            }
        }
        ProtectedTables.requireSealedOnce(
                Rings.source().captureRepository(), TABLE, ProtectedTables.tableId(session, TABLE));
        tables.unprotect(TABLE);
    }

    private static void requireExact(ProtectedTables tables, LoggedWrites writes, Instant at, TableName as) {
        JsonNode span = tables.asked(TABLE, at).at("/asked/span");
        assertThat(span.path("guarantee").asText())
                .as("seed %d: %s", SEED, span)
                .isIn("ONE", "QUORUM");

        Checked checked = tables.requireExact(writes, TABLE, at, as);

        LOG.log(System.Logger.Level.INFO, "seed {0}, {1}: {2}", SEED, at, checked);
        assertThat(checked.in()).as("%s", checked).isPositive();
        assertThat(checked.out()).as("%s", checked).isPositive();
    }
}
