package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DefaultConsistencyLevel;
import dev.hindsight.acceptance.LoggedWrites.Client;
import dev.hindsight.lab.Await;
import dev.hindsight.lab.RingWithAgents;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.testkit.dump.DumpDiff;
import dev.hindsight.testkit.dump.TableDump;
import dev.hindsight.testkit.dump.TableDumper;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes that seal one table at once, and that die while they do: it is sealed once. */
@Tag("nightly")
class KilledSealersTest {
    private static final int KILLED = 137;
    private static final long SEED = Long.getLong("test.seed", System.nanoTime());
    private static final Duration LONG_ENOUGH = Duration.ofMinutes(2);
    private static final TableName TABLE = new TableName("sealers", "t");

    @TempDir
    Path directory;

    @Test
    void whatIsSealedByManyThatDieIsSealedOnce() {
        RingWithAgents source = Rings.source();
        CqlSession session = source.ring().session();
        ProtectedTables tables = ProtectedTables.in(source.ring(), Rings.journal(directory), TABLE, 3);
        tables.protect(TABLE);
        Map<Instant, TableDump> dumps = new LinkedHashMap<>();

        for (String point : List.of("seal.segment=crash", "seal.entry=crash")) {
            Rows.fill(
                    session, TABLE.toString(), 200 * dumps.size(), 200 * dumps.size() + 300, 100, ConsistencyLevel.ALL);
            // What was just written may not be captured yet; then there is nothing to seal, and nobody dies.
            Await.until(
                    "somebody dies at " + point,
                    LONG_ENOUGH,
                    () -> tables.hindsight()
                                    .runProcess(Map.of("HINDSIGHT_FAILPOINTS", point), "window", TABLE.toString())
                                    .exitCode()
                            == KILLED);
            note(session, dumps);
        }
        try (LoggedWrites writes = LoggedWrites.begin(
                session,
                TABLE,
                SEED,
                Client.at(DefaultConsistencyLevel.ONE),
                Client.at(DefaultConsistencyLevel.QUORUM))) {
            List<Hindsight.Started> sealers = new ArrayList<>();
            writes.await(300);
            for (int i = 0; i < 3; i++) {
                sealers.add(tables.hindsight().start(Map.of(), "window", TABLE.toString()));
            }
            for (Hindsight.Started sealer : sealers) {
                sealer.result(sealer.process().awaitExit(LONG_ENOUGH)).expect(0);
            }
        }
        note(session, dumps);
        tables.awaitSealedBeyond(TABLE, Instant.now());

        ProtectedTables.Sealed sealed = ProtectedTables.requireSealedOnce(
                source.captureRepository(), TABLE, ProtectedTables.tableId(session, TABLE));
        assertThat(sealed.records()).as("seed %d", SEED).isGreaterThan(600);
        assertThat(sealed.writers().stream().distinct()).as("who sealed").hasSizeGreaterThanOrEqualTo(2);
        for (Map.Entry<Instant, TableDump> dump : dumps.entrySet()) {
            Instant at = dump.getKey();
            TableName as = new TableName(TABLE.keyspace(), "t" + at.toEpochMilli());
            tables.restore(TABLE, at, as);
            assertThat(DumpDiff.between(dump.getValue(), TableDumper.asOf(at).atAll(session, as))
                            .describe())
                    .as("at %s, seed %d", at, SEED)
                    .isEqualTo("equal");
        }
        tables.unprotect(TABLE);
    }

    /** Nobody writes. */
    private static void note(CqlSession session, Map<Instant, TableDump> dumps) {
        Instant silence = ProtectedTables.silence();
        dumps.put(silence, TableDumper.asOf(silence).atAll(session, TABLE));
        ProtectedTables.silence();
    }
}
