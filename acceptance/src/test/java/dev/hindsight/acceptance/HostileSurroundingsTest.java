package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import dev.hindsight.lab.RingWithAgents;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostileSurroundingsTest {
    @TempDir
    Path directory;

    @Test
    void aMissingObjectAndAFlippedByteAreFoundByVerifyAndByRestoreAndNamed() throws IOException {
        RingWithAgents source = Rings.source();
        CqlSession session = source.ring().session();
        Rows.keyspace(session, "damaged", 3);
        Rows.table(source.ring(), "damaged.t");
        Rows.fill(session, "damaged.t", 0, 500, 200, ConsistencyLevel.ALL);
        Hindsight hindsight = new Hindsight(directory, source, Map.of(), "  workers: 1\n");
        hindsight.run("init").expect(0);
        hindsight.run("backup", "--keyspace", "damaged").expect(0);
        hindsight.run("verify").expect(0);
        Path data = stored(hindsight, "-Data.db").get(0);
        byte[] whole = Files.readAllBytes(data);

        DegradedClusterTest.flipByte(data, whole.length / 2);
        Hindsight.Result flipped = hindsight.run("verify").expect(4);
        Hindsight.Result restoreOfFlipped =
                hindsight.run("restore", "--from", "latest", "--table", "damaged.t", "--as", "damaged.flipped");
        Files.delete(data);
        Hindsight.Result missing = hindsight.run("verify").expect(4);
        Hindsight.Result restoreOfMissing =
                hindsight.run("restore", "--from", "latest", "--table", "damaged.t", "--as", "damaged.missing");
        Files.write(data, whole);
        hindsight.run("verify").expect(0);

        String name = data.getFileName().toString();
        assertThat(flipped.out() + flipped.err()).contains(name).contains("damaged.t");
        assertThat(restoreOfFlipped.exitCode()).isEqualTo(4);
        assertThat(restoreOfFlipped.err()).contains(name.replace("-Data.db", ""));
        assertThat(missing.out() + missing.err()).contains(name).contains("missing");
        assertThat(restoreOfMissing.exitCode()).isNotZero();
        assertThat(restoreOfMissing.err()).contains(name.replace("-Data.db", ""));
        assertThat(session.execute("SELECT * FROM damaged.missing").all()).isEmpty();
        assertThat(hindsight.leftInScratch()).isEmpty();
    }

    @Test
    void aWrongTokenIsRefusedByNameAndNothingIsStored() throws IOException {
        RingWithAgents source = Rings.source();
        CqlSession session = source.ring().session();
        Rows.keyspace(session, "tokens", 3);
        Rows.table(source.ring(), "tokens.t");
        Hindsight hindsight = new Hindsight(directory, source, Map.of(), "  workers: 1\n");
        hindsight.run("init").expect(0);
        Path yaml = directory.resolve("hindsight.yaml");
        Path wrong = directory.resolve("wrong.token");
        Files.writeString(wrong, "a-token-that-nobody-gave-out\n");
        Files.setPosixFilePermissions(wrong, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        Files.writeString(
                yaml,
                Files.readString(yaml).replaceAll("(read|import|admin): \\{file: [^}]*}", "$1: {file: wrong.token}"));

        Hindsight.Result backup = hindsight.run("backup", "--keyspace", "tokens");
        Hindsight.Result doctor = hindsight.run("doctor");

        assertThat(backup.exitCode()).isNotZero();
        assertThat(backup.err()).contains("token").doesNotContain("a-token-that-nobody-gave-out");
        assertThat(hindsight.repository().resolve("data")).doesNotExist();
        assertThat(doctor.exitCode()).isEqualTo(1);
    }

    @Test
    void scratchThatIsTooSmallFailsTheRunAndLeavesNothing() {
        RingWithAgents source = Rings.source();
        CqlSession session = source.ring().session();
        Rows.keyspace(session, "scratch", 3);
        Rows.table(source.ring(), "scratch.t");
        Rows.fill(session, "scratch.t", 0, 1000, 100, ConsistencyLevel.ALL);
        Hindsight hindsight = new Hindsight(directory, source, Map.of(), "  workers: 1\n  scratch-limit: 1MiB\n");
        hindsight.run("init").expect(0);

        Hindsight.Result refused = hindsight.run("backup", "--keyspace", "scratch");

        assertThat(refused.exitCode()).isEqualTo(8);
        assertThat(refused.err()).contains("scratch").contains("hint:");
        assertThat(hindsight.run("--json", "list").json().get("backups")).isEmpty();
        assertThat(hindsight.leftInScratch()).isEmpty();
    }

    private static List<Path> stored(Hindsight hindsight, String suffix) {
        try (Stream<Path> files = Files.walk(hindsight.repository().resolve("data"))) {
            return files.filter(file -> file.toString().endsWith(suffix))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
