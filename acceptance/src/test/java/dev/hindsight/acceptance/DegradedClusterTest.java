package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.fasterxml.jackson.databind.JsonNode;
import dev.hindsight.lab.CassandraNode;
import dev.hindsight.lab.RingWithAgents;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DegradedClusterTest {
    @TempDir
    Path directory;

    private RingWithAgents source;
    private CqlSession session;

    @BeforeEach
    void rings() {
        source = Rings.source();
        session = source.ring().session();
    }

    @Test
    void aNodeThatIsDownIsNamedAndItsRangesComeFromTheOthers() throws IOException {
        Rows.keyspace(session, "down3", 3);
        Rows.keyspace(session, "down1", 1);
        Rows.table(source.ring(), "down3.t");
        Rows.table(source.ring(), "down1.t");
        Rows.fill(session, "down3.t", 0, 300, 60, ConsistencyLevel.ALL);
        Rows.fill(session, "down1.t", 0, 300, 60, ConsistencyLevel.ALL);
        List<String> expected = Rows.all(session, "down3.t");
        Hindsight hindsight = new Hindsight(directory.resolve("partial"), source, Map.of(), "  workers: 1\n");
        Hindsight strict =
                new Hindsight(directory.resolve("fail"), source, Map.of(), "  workers: 1\n  uncovered: fail\n");
        hindsight.run("init").expect(0);
        strict.run("init").expect(0);
        CassandraNode down = source.node(2);
        down.kill();
        source.ring().awaitSeenDown(down);
        try {
            JsonNode whole = hindsight
                    .run("--json", "backup", "--keyspace", "down3")
                    .expect(0)
                    .json();
            assertThat(hindsight.run("--json", "show", "latest").out())
                    .as("coverage names the replica that was not read")
                    .contains(down.hostId().toString());
            Hindsight.Result partial =
                    hindsight.run("--json", "backup", "--keyspace", "down1").expect(3);
            Hindsight.Result refused =
                    strict.run("backup", "--keyspace", "down1").expect(3);

            assertThat(whole.get("notes").toString()).contains(down.address()).contains("down");
            assertThat(partial.json().get("backup").get("state").asText()).isEqualTo("partial");
            assertThat(refused.err()).contains("down1").contains("hint:");
            assertThat(strict.run("--json", "list").expect(0).json().get("backups"))
                    .isEmpty();
            assertThat(strict.repository().resolve("data")).doesNotExist();
        } finally {
            down.restart();
        }
        hindsight
                .run("restore", "--from", backupOf(hindsight, "complete"), "--table", "down3.t", "--as", "down3.back")
                .expect(0);
        assertThat(Rows.all(session, "down3.back")).isEqualTo(expected);
        Hindsight.Result incomplete = hindsight.run(
                "restore", "--from", backupOf(hindsight, "partial"), "--table", "down1.t", "--as", "down1.back");
        assertThat(incomplete.exitCode()).isEqualTo(3);
        assertThat(hindsight.leftInScratch()).isEmpty();
    }

    @Test
    void aCorruptSSTableIsNamedAndTheOtherReplicasAreUsed() throws IOException {
        Rows.keyspace(session, "corrupt", 3);
        Rows.table(source.ring(), "corrupt.t");
        Rows.fill(session, "corrupt.t", 0, 500, 200, ConsistencyLevel.ALL);
        source.ring().flush("corrupt");
        List<String> expected = Rows.all(session, "corrupt.t");
        Path data = source.node(1).dataFiles("corrupt", "t").get(0);
        flipByte(data, Files.size(data) / 2);
        Hindsight hindsight = new Hindsight(directory, source, Map.of(), "  workers: 1\n");
        hindsight.run("init").expect(0);

        Hindsight.Result backup =
                hindsight.run("backup", "--keyspace", "corrupt").expect(0);

        assertThat(backup.out() + backup.err())
                .contains(source.node(1).hostId().toString())
                .contains(descriptor(data));
        hindsight
                .run("restore", "--from", "latest", "--table", "corrupt.t", "--as", "corrupt.back")
                .expect(0);
        assertThat(Rows.all(session, "corrupt.back")).isEqualTo(expected);
    }

    static void flipByte(Path file, long position) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, position);
            one.put(0, (byte) (one.get(0) ^ 0x41));
            channel.write(one.rewind(), position);
        }
    }

    private static String descriptor(Path data) {
        String name = data.getFileName().toString();
        return name.substring(0, name.length() - "-Data.db".length());
    }

    private static String backupOf(Hindsight hindsight, String state) {
        for (JsonNode backup : hindsight.run("--json", "list").expect(0).json().get("backups")) {
            if (backup.get("state").asText().equals(state)) {
                return backup.get("id").asText();
            }
        }
        throw new AssertionError("no backup is " + state);
    }
}
