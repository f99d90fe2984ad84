package dev.hindsight.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.NotAppliedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildProcessTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    private Path temp;

    @Test
    void childAndItsDirectoryGoWhenTheParentIsKilled() throws Exception {
        Path orphanage = Files.createDirectories(temp.resolve("ring").resolve("node1"));
        Files.writeString(orphanage.resolve("data"), "x");
        Path pidFile = temp.resolve("pid");
        ChildProcess parent = ChildProcess.builder(
                        "parent",
                        temp.resolve("parent.out"),
                        List.of(
                                ChildProcess.java(),
                                "-Xmx32m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                OneChild.class.getName(),
                                orphanage.toString(),
                                pidFile.toString()))
                .start();
        parent.await("the grandchild's pid", SOON, () -> Files.exists(pidFile));
        long grandchild = Long.parseLong(Files.readString(pidFile));
        assertThat(ProcessHandle.of(grandchild)).isPresent();

        parent.kill();

        Await.until(
                "the grandchild's end", SOON, () -> ProcessHandle.of(grandchild).isEmpty());
        Await.until("the removal of its directory", SOON, () -> Files.notExists(temp.resolve("ring")));
    }

    @Test
    void killedChildKeepsItsDirectoryWhileTheParentLives() throws Exception {
        Path directory = Files.createDirectories(temp.resolve("ring").resolve("node1"));
        ChildProcess child = ChildProcess.builder("sleeper", temp.resolve("out"), List.of("sleep", "600"))
                .removeIfOrphaned(directory)
                .start();

        child.kill();

        assertThat(child.exitCode()).contains(137);
        assertThat(directory).exists();
    }

    @Test
    void failureShowsTheEndOfTheOutput() {
        ChildProcess child = ChildProcess.builder(
                        "failing", temp.resolve("out"), List.of("sh", "-c", "echo went wrong; exit 7"))
                .start();

        assertThatThrownBy(() -> child.awaitOutput("ready", SOON))
                .isInstanceOf(NotAppliedException.class)
                .hasMessageContaining("status 7")
                .hasMessageContaining("went wrong");
        assertThat(child.awaitExit(SOON)).isEqualTo(7);
    }

    @Test
    void outputAndErrorsCanBeKeptApart() throws Exception {
        Path errors = temp.resolve("err");
        ChildProcess child = ChildProcess.builder(
                        "both", temp.resolve("out"), List.of("sh", "-c", "echo $WORD; echo complaint >&2"))
                .environment("WORD", "result")
                .errors(errors)
                .start();

        assertThat(child.awaitExit(SOON)).isZero();
        assertThat(child.outputText()).isEqualTo("result\n");
        assertThat(Files.readString(errors)).isEqualTo("complaint\n");
    }

    /** Runs in its own JVM: starts one child and waits to be killed. */
    static final class OneChild {
        private OneChild() {}

        public static void main(String[] args) throws Exception {
            Path directory = Path.of(args[0]);
            ChildProcess child = ChildProcess.builder("sleeper", directory.resolve("out"), List.of("sleep", "600"))
                    .removeIfOrphaned(directory)
                    .start();
            Path pid = Path.of(args[1]);
            Files.writeString(pid.resolveSibling("pid.new"), Long.toString(child.pid()));
            Files.move(pid.resolveSibling("pid.new"), pid);
            child.awaitExit(Duration.ofMinutes(10));
        }
    }
}
