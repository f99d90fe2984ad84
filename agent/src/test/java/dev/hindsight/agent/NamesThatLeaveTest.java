package dev.hindsight.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.agent.api.HttpAgentClient;
import dev.hindsight.agent.api.ImportTarget;
import dev.hindsight.agent.api.SnapshotFile;
import dev.hindsight.agent.api.SnapshotRequest;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.schema.TableName;
import java.io.ByteArrayOutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NamesThatLeaveTest {
    private static final String SECRET = "live data that nobody may read";

    private static final List<String> EVIL = List.of(
            "..",
            ".",
            "../x",
            "../../../etc/passwd",
            "/etc/passwd",
            "a/b",
            "a\\b",
            "..\\..",
            "a\0b",
            "nb-1-big-Data.db\0.txt",
            "%2e%2e",
            "%2e%2e%2f",
            "..%2f..",
            "..;/",
            "a b",
            "a\nb",
            "\u2024\u2024",
            "\uff0e\uff0e",
            "a\u2215b",
            "c\u0430rts",
            "'; DROP TABLE x; --",
            "\"quoted\"",
            "*",
            "~",
            "-x/..",
            "x".repeat(300));

    @TempDir
    Path dir;

    private AgentFixture agent;
    private HttpAgentClient client;
    private SnapshotFile good;
    private TableName table;

    @BeforeEach
    void start() throws Exception {
        agent = new AgentFixture(dir, 1);
        client = agent.client();
        table = agent.node.table("shop", "carts");
        agent.node.sstable(table, 0, "nb-1-big", SECRET.getBytes(StandardCharsets.UTF_8));
        client.takeSnapshot(new SnapshotRequest("t1", List.of(table), Optional.empty()));
        good = new SnapshotFile("t1", "shop", agent.node.directoryName(table), 0, "nb-1-big-Data.db");
    }

    @AfterEach
    void stop() {
        agent.close();
    }

    private void refused(SnapshotFile file) {
        assertThatThrownBy(() -> client.read(file, 0, new byte[5], 0, 5))
                .as("%s", file)
                .isInstanceOf(HindsightException.class)
                .message()
                .doesNotContain(SECRET);
    }

    @Test
    void everyPartOfARangeIsChecked() {
        byte[] five = new byte[5];
        client.read(good, 0, five, 0, 5);
        assertThat(new String(five, StandardCharsets.UTF_8)).isEqualTo("live ");
        for (String evil : EVIL) {
            refused(new SnapshotFile(evil, good.keyspace(), good.table(), 0, good.file()));
            refused(new SnapshotFile(good.tag(), evil, good.table(), 0, good.file()));
            refused(new SnapshotFile(good.tag(), good.keyspace(), evil, 0, good.file()));
            refused(new SnapshotFile(good.tag(), good.keyspace(), good.table(), 0, evil));
            refused(new SnapshotFile(good.tag(), good.keyspace(), good.table(), 0, "../../" + good.file()));
        }
        refused(new SnapshotFile(good.tag(), good.keyspace(), good.table(), 1, good.file()));
        refused(new SnapshotFile(good.tag(), good.keyspace(), good.table(), -1, good.file()));
        refused(new SnapshotFile(good.tag(), good.keyspace(), good.table(), 0, "manifest.json"));
        refused(new SnapshotFile(good.tag(), good.keyspace(), good.table(), 0, "schema.cql"));
    }

    @Test
    void everyPartOfAnImportIsChecked() throws Exception {
        UUID id = agent.node.tables.getOrDefault(table, new UUID(0, 0));
        Path file = agent.outgoing("nb-1-big", new byte[10]).get(0);
        List<Path> before = tree();
        for (String evil : EVIL) {
            for (ImportTarget target : List.of(
                    new ImportTarget(evil, table, id),
                    new ImportTarget("r1", new TableName(evil, "carts"), id),
                    new ImportTarget("r1", new TableName("shop", evil), id))) {
                assertThatThrownBy(() -> client.stage(target, file)).isInstanceOf(HindsightException.class);
                assertThatThrownBy(() -> client.commitImport(target)).isInstanceOf(HindsightException.class);
            }
            assertThatThrownBy(() -> client.discardImport(evil)).isInstanceOf(HindsightException.class);
            assertThatThrownBy(() -> client.clearSnapshot(evil)).isInstanceOf(HindsightException.class);
            assertThatThrownBy(() -> client.takeSnapshot(new SnapshotRequest(evil, List.of(table), Optional.empty())))
                    .isInstanceOf(HindsightException.class);
            assertThatThrownBy(() -> client.tableSizes(List.of(evil))).isInstanceOf(HindsightException.class);
            assertThatThrownBy(() -> client.liveSSTables(List.of(evil))).isInstanceOf(HindsightException.class);
        }
        Path odd = Files.writeString(dir.resolve("evil.sh"), "x");
        assertThatThrownBy(() -> client.stage(agent.target("r1", table), odd)).isInstanceOf(UsageException.class);
        assertThat(tree()).containsExactlyInAnyOrderElementsOf(with(before, odd));
    }

    private static List<Path> with(List<Path> paths, Path more) {
        return java.util.stream.Stream.concat(paths.stream(), java.util.stream.Stream.of(more))
                .toList();
    }

    private List<Path> tree() throws Exception {
        try (var files = Files.walk(dir)) {
            return files.toList();
        }
    }

    @Test
    void rawRequestsThatNoClientWouldSendServeNothing() throws Exception {
        String base = "/v1/snapshots/t1/0/shop/" + good.table();
        for (String path : List.of(
                base + "/../../nb-1-big-Data.db",
                base + "/%2e%2e/%2e%2e/nb-1-big-Data.db",
                base + "/..%2f..%2fnb-1-big-Data.db",
                base + "/%252e%252e%252fnb-1-big-Data.db",
                base + "/..;/nb-1-big-Data.db",
                base + "//nb-1-big-Data.db",
                base + "/nb-1-big-Data.db%00",
                base + "/%c0%ae%c0%ae/nb-1-big-Data.db",
                base + "/nb-1-big-Data.db/",
                base + "/%zz",
                "/v1/../../../../../etc/passwd",
                "//etc/passwd",
                "/v1/snapshots/../../etc/passwd",
                "/%2e%2e/%2e%2e/etc/passwd")) {
            String answer = raw("GET " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + AgentFixture.READ
                    + "\r\nConnection: close\r\n\r\n");

            assertThat(answer)
                    .as(path)
                    .startsWith("HTTP/1.1 4")
                    .doesNotContain(SECRET)
                    .doesNotContain("root:");
        }
    }

    private String raw(String request) throws Exception {
        try (Socket socket = new Socket("127.0.0.1", agent.server.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            socket.getInputStream().transferTo(out);
            return out.toString(StandardCharsets.ISO_8859_1);
        }
    }

    @Test
    void linksThatLeaveTheSnapshotAreNotFollowed() throws Exception {
        Path live = agent.node.directories(table).get(0);
        Path snapshot = live.resolve("snapshots/t1");
        Files.createSymbolicLink(snapshot.resolve("nb-2-big-Data.db"), live.resolve("nb-1-big-Data.db"));
        Files.createSymbolicLink(snapshot.resolve("nb-3-big-Data.db"), Path.of("/etc/passwd"));
        Files.createSymbolicLink(live.resolve("snapshots/t2"), live);

        refused(new SnapshotFile("t1", "shop", good.table(), 0, "nb-2-big-Data.db"));
        refused(new SnapshotFile("t1", "shop", good.table(), 0, "nb-3-big-Data.db"));
        refused(new SnapshotFile("t2", "shop", good.table(), 0, "nb-1-big-Data.db"));
        assertThat(client.listSnapshot("t1").tables().get(0).sstables()).hasSize(1);
        assertThat(client.snapshotTags("")).containsExactly("t1");
        client.clearSnapshot("t2");
        client.clearSnapshot("t1");
        assertThat(live.resolve("nb-1-big-Data.db")).exists();
    }
}
