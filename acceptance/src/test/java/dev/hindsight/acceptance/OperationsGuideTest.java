package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import dev.hindsight.lab.ChildProcess;
import dev.hindsight.lab.RingWithAgents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docs/OPERATIONS.md is true: its commands do what it says, in the order in which they stand there. */
class OperationsGuideTest {
    private static final Pattern BLOCK = Pattern.compile("^```sh\\n(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Path ROOT = Path.of(System.getProperty("hindsight.root"));
    private static final int ROWS = 300;

    @TempDir
    Path directory;

    @Test
    void everyCommandOfTheGuideRuns() throws IOException {
        RingWithAgents source = Rings.source();
        RingWithAgents target = Rings.target();
        fill(source.ring().session());
        List<String> blocks = BLOCK.matcher(Files.readString(ROOT.resolve("docs/OPERATIONS.md")))
                .results()
                .map((MatchResult found) -> found.group(1))
                .toList();
        Path script = directory.resolve("guide.sh");
        Files.writeString(script, "set -euo pipefail\n" + String.join("\n", blocks));

        try (ChildProcess bash = ChildProcess.builder(
                        "the guide", directory.resolve("guide.out"), List.of("bash", script.toString()))
                .environment("HINDSIGHT", ROOT.resolve("hindsight").toString())
                .environment("HINDSIGHT_NO_BUILD", "1")
                .environment(
                        "WORK",
                        Files.createDirectories(directory.resolve("w o r k")).toString())
                .environment("REPOSITORY", directory.resolve("backups").toString())
                .environment("CLUSTER", source.ring().clusterName())
                .environment("DC", "dc1")
                .environment("NODES", nodes(source))
                .environment("STANDBY", target.ring().clusterName())
                .environment("STANDBY_DC", "dc1")
                .environment("STANDBY_NODES", nodes(target))
                .environment("STANDBY_RF", "2")
                .environment("AGENT_PORT", "9745")
                .environment("SERVE_PORT", "9746")
                .start()) {
            int code = bash.awaitExit(Duration.ofMinutes(6));
            assertThat(code).as(bash.tail(60)).isZero();
        }

        assertThat(rows(source.ring().session(), "shop.orders_restored")).isEqualTo(ROWS);
        assertThat(rows(target.ring().session(), "shop.orders")).isEqualTo(ROWS);
        try (Stream<Path> files = Files.list(directory.resolve("w o r k/exported/shop/orders"))) {
            assertThat(files).anyMatch(file -> file.toString().endsWith("-Data.db"));
        }
        source.ring().session().execute("DROP KEYSPACE shop");
        target.ring().session().execute("DROP KEYSPACE shop");
    }

    @Test
    void launcherRunsThroughASymbolicLinkWithSpacesFromAnywhere() throws IOException {
        Path link = Files.createDirectories(directory.resolve("a b")).resolve("hs");
        Files.createSymbolicLink(link, ROOT.resolve("hindsight"));

        try (ChildProcess launcher = ChildProcess.builder(
                        "launcher", directory.resolve("launcher.out"), List.of(link.toString(), "--version"))
                .environment("HINDSIGHT_NO_BUILD", "1")
                .directory(directory)
                .start()) {
            assertThat(launcher.awaitExit(Duration.ofMinutes(1))).isZero();
            assertThat(launcher.outputText()).startsWith("hindsight ");
        }
    }

    private static void fill(CqlSession session) {
        session.execute("CREATE KEYSPACE shop WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 3}");
        session.execute("CREATE TABLE shop.orders (id int PRIMARY KEY, item text)");
        PreparedStatement insert = session.prepare("INSERT INTO shop.orders (id, item) VALUES (?, ?)");
        for (int i = 0; i < ROWS; i++) {
            session.execute(insert.bind(i, "item " + i));
        }
    }

    private static String nodes(RingWithAgents site) {
        return site.ring().nodes().stream()
                .map(node -> node.address() + ":" + node.jmxPort())
                .collect(Collectors.joining(" "));
    }

    private static long rows(CqlSession session, String table) {
        return session.execute("SELECT id FROM " + table).all().size();
    }
}
