package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.fasterxml.jackson.databind.JsonNode;
import dev.hindsight.lab.CassandraNode;
import dev.hindsight.lab.RingWithAgents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes that die as kill -9 kills them, at named points; then the same command again. */
class KilledRunsTest {
    private static final int KILLED = 137;

    @TempDir
    Path directory;

    @Test
    void backupsAndRestoresSurviveDeathAtNamedPoints() {
        RingWithAgents source = Rings.source();
        CqlSession session = source.ring().session();
        Rows.keyspace(session, "killed", 3);
        Rows.table(source.ring(), "killed.t");
        Rows.fill(session, "killed.t", 0, 400, 100, ConsistencyLevel.ALL);
        List<String> expected = Rows.all(session, "killed.t");
        Hindsight hindsight = new Hindsight(directory, source, Map.of(), "  workers: 1\n");
        hindsight.run("init").expect(0);

        for (String point : List.of("snapshot.after", "publish.before")) {
            hindsight.runProcess(armed(point), "backup", "--keyspace", "killed").expect(KILLED);
            assertThat(hindsight.run("--json", "list").expect(0).json().get("backups"))
                    .as("nothing is visible after death at " + point)
                    .isEmpty();
        }
        JsonNode next = hindsight
                .run("--json", "backup", "--keyspace", "killed")
                .expect(0)
                .json();
        assertThat(next.get("continued").asBoolean())
                .as("%s", next.get("notes"))
                .isTrue();
        assertThat(next.get("resumedShards").asInt()).isPositive();
        assertThat(hindsight.leftInScratch()).isEmpty();
        for (CassandraNode node : source.ring().nodes()) {
            assertThat(node.nodetool("listsnapshots").orThrow()).doesNotContain("hindsight-");
        }

        String[] restore = {"restore", "--from", "latest", "--table", "killed.t", "--as", "killed.back"};
        for (String point : List.of("restore.schema", "restore.staged", "import.after")) {
            hindsight.runProcess(armed(point), restore).expect(KILLED);
        }
        hindsight.run(restore).expect(0);
        assertThat(Rows.all(session, "killed.back")).isEqualTo(expected);
        assertThat(hindsight.leftInScratch()).isEmpty();
        assertThat(hindsight.run(restore).exitCode())
                .as("a restore that is done is not done again over its data")
                .isEqualTo(7);

        String[] again = {"restore", "--from", "latest", "--table", "killed.t", "--as", "killed.again"};
        hindsight.runProcess(armed("restore.done"), again).expect(KILLED);
        assertThat(Rows.all(session, "killed.again")).isEqualTo(expected);
        session.execute("TRUNCATE killed.again");
        Hindsight.Result afresh = hindsight.run(again).expect(0);
        assertThat(afresh.out()).contains("does not go on with restore", "TRUNCATE of killed.again on node");
        assertThat(Rows.all(session, "killed.again")).isEqualTo(expected);
    }

    @Test
    void aKilledWorkersShardsAreDoneByTheOthers() {
        RingWithAgents source = Rings.source();
        CqlSession session = source.ring().session();
        Rows.keyspace(session, "killworker", 3);
        Rows.table(source.ring(), "killworker.t");
        Rows.fill(session, "killworker.t", 0, 8000, 300, ConsistencyLevel.ALL);
        source.ring().flush("killworker");
        Hindsight hindsight = new Hindsight(directory, source, Map.of(), "  workers: 2\n  shard-size: 1MiB\n");
        hindsight.run("init").expect(0);

        Hindsight.Started run = hindsight.start(Map.of(), "--json", "backup", "--keyspace", "killworker");
        long[] killed = new long[1];
        run.process().await("a worker runs and a shard is done", java.time.Duration.ofMinutes(2), () -> {
            boolean oneShardDone = hindsight.storedShards() > 0;
            if (oneShardDone && killed[0] == 0) {
                killed[0] = killOneWorker(run.process().pid());
            }
            return killed[0] != 0;
        });
        Hindsight.Result result = run.result(run.process().awaitExit(java.time.Duration.ofMinutes(5)));

        result.expect(0);
        assertThat(result.out() + result.err()).contains("lost");
        assertThat(hindsight
                        .run("--json", "show", "latest")
                        .json()
                        .get("backup")
                        .get("totals")
                        .get("rows")
                        .asLong())
                .isEqualTo(8000);
        assertThat(hindsight.leftInScratch()).isEmpty();
        hindsight.run("verify").expect(0);
    }

    private static long killOneWorker(long parent) {
        return ProcessHandle.of(parent).stream()
                .flatMap(ProcessHandle::descendants)
                .filter(KilledRunsTest::isWorker)
                .findFirst()
                .map(child -> {
                    child.destroyForcibly();
                    return child.pid();
                })
                .orElse(0L);
    }

    /** ProcessHandle gives no command line as long as a class path makes it. */
    private static boolean isWorker(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"))
                    .contains("\0worker\0");
        } catch (IOException e) {
            return false;
        }
    }

    private static Map<String, String> armed(String point) {
        return Map.of("HINDSIGHT_FAILPOINTS", point + "=crash");
    }
}
