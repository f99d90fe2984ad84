package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.fasterxml.jackson.databind.JsonNode;
import dev.hindsight.lab.CassandraNode;
import dev.hindsight.lab.ChildProcess;
import dev.hindsight.lab.RingWithAgents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is stored or exported can be restored with stock Cassandra alone. */
class StockToolsTest {
    @TempDir
    Path directory;

    @Test
    void anExportIsTakenByNodetoolImportAndTheRepositoryByHandAndSstableloader() throws IOException {
        RingWithAgents source = Rings.source();
        RingWithAgents target = Rings.target();
        CqlSession session = source.ring().session();
        Rows.keyspace(session, "stock", 3);
        Rows.table(source.ring(), "stock.t");
        Rows.fill(session, "stock.t", 0, 6000, 200, ConsistencyLevel.ALL);
        List<String> expected = Rows.all(session, "stock.t");
        Hindsight hindsight =
                new Hindsight(directory.resolve("h"), source, Map.of(), "  workers: 1\n  shard-size: 1MiB\n");
        hindsight.run("init").expect(0);
        hindsight.run("backup", "--keyspace", "stock").expect(0);
        CqlSession there = target.ring().session();
        there.execute("CREATE KEYSPACE stock WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 2}");

        Path out = directory.resolve("export");
        hindsight
                .run("export", "--from", "latest", "--table", "stock.t", "--out", out.toString())
                .expect(0);
        createTables(there, out.resolve("schema.cql"));
        for (CassandraNode node : target.ring().nodes()) {
            Path own = directory.resolve("import-" + node.hostId() + "/stock/t");
            copy(out.resolve("stock/t"), own);
            node.nodetool("import", "stock", "t", own.toString()).orThrow();
            assertThat(Rows.read(node.session(), "stock.t", ConsistencyLevel.ONE))
                    .isEqualTo(expected);
        }
        assertThat(hindsight
                        .run("export", "--from", "latest", "--table", "stock.t", "--out", out.toString())
                        .exitCode())
                .as("an export never writes over what is there")
                .isEqualTo(7);

        there.execute("TRUNCATE stock.t");
        JsonNode newest =
                hindsight.run("--json", "list").expect(0).json().get("backups").get(0);
        Path byHand = directory.resolve("by-hand");
        byHand(hindsight.repository(), newest.get("id").asText(), byHand);
        target.node(0).sstableloader(byHand.resolve("stock/t")).orThrow();
        assertThat(Rows.all(there, "stock.t")).isEqualTo(expected);
        for (CassandraNode node : target.ring().nodes()) {
            assertThat(Rows.read(node.session(), "stock.t", ConsistencyLevel.ONE))
                    .isEqualTo(expected);
        }
    }

    private static void createTables(CqlSession session, Path schema) throws IOException {
        for (String statement : Files.readString(schema).split(";\n")) {
            if (statement.strip().startsWith("CREATE TABLE")) {
                session.execute(statement);
            }
        }
    }

    /** Runs the commands of docs/FORMAT.md, "Restore by hand with stock tools", with this test's settings. */
    private void byHand(Path repository, String backup, Path out) throws IOException {
        StringBuilder script = new StringBuilder("set -euo pipefail\n");
        script.append("REPO=").append(repository.toAbsolutePath()).append('\n');
        script.append("BACKUP=").append(backup).append("\nTABLE=stock/t\n");
        script.append("OUT=").append(out).append('\n');
        Path page = Path.of(System.getProperty("hindsight.root")).resolve("docs/FORMAT.md");
        Matcher block = Pattern.compile("```sh name=(by-hand-[a-z]+)\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(page));
        int blocks = 0;
        while (block.find()) {
            if (!block.group(1).equals("by-hand-settings")) {
                script.append(block.group(2));
                blocks++;
            }
        }
        assertThat(blocks).isGreaterThanOrEqualTo(3);
        Path file = directory.resolve("by-hand.sh");
        Files.writeString(file, script.toString());
        try (ChildProcess bash = ChildProcess.builder(
                        "by hand", directory.resolve("by-hand.log"), List.of("bash", file.toString()))
                .start()) {
            int code = bash.awaitExit(Duration.ofMinutes(2));
            assertThat(code).as(bash.tail(40)).isZero();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(file, to.resolve(file.getFileName().toString()));
            }
        }
    }
}
