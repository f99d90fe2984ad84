package dev.hindsight.repository.claim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessTableTest {
    private static final long UNSEEN = 4711;

    @TempDir
    private Path proc;

    @BeforeEach
    void firstProcess() throws IOException {
        Files.createDirectories(proc.resolve("self"));
        Files.createDirectory(proc.resolve("1"));
    }

    private boolean wouldShow(String... mounts) throws IOException {
        Files.writeString(proc.resolve("self/mounts"), String.join("\n", mounts) + "\n");
        return new ProcessTable(proc).wouldShow(UNSEEN);
    }

    private String mounted(String options) {
        return "proc " + proc + " proc " + options + " 0 0";
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw,nosuid,nodev,noexec,relatime", "rw,hidepid=0", "rw,gid=7,hidepid=off"})
    void aProcessThatIsNotSeenIsGoneWhereAllAreShown(String options) throws IOException {
        assertThat(wouldShow("/dev/sda1 / ext4 rw,hidepid=2 0 0", mounted(options)))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw,hidepid=1", "rw,hidepid=2,gid=7", "hidepid=invisible", "rw,hidepid=ptraceable"})
    void nothingIsCertainWhereSomeAreHidden(String options) throws IOException {
        assertThat(wouldShow(mounted(options))).isFalse();
        assertThat(wouldShow(mounted("rw"), mounted(options)))
                .as("the last mount counts")
                .isFalse();
    }

    @Test
    void nothingIsCertainOfAProcessThatIsThereButMustNotBeLookedAt() throws IOException {
        Files.createDirectory(proc.resolve(Long.toString(UNSEEN)));

        assertThat(wouldShow(mounted("rw"))).isFalse();
    }

    @Test
    void nothingIsCertainWhereTheFirstProcessIsNotSeen() throws IOException {
        Files.delete(proc.resolve("1"));

        assertThat(wouldShow(mounted("rw"))).isFalse();
    }

    @Test
    void nothingIsCertainWithoutAProcThatIsUnderstood() throws IOException {
        assertThat(wouldShow("/dev/sda1 / ext4 rw 0 0")).isFalse();
        assertThat(wouldShow("proc " + proc + " tmpfs rw 0 0")).isFalse();
        Files.delete(proc.resolve("self/mounts"));
        assertThat(new ProcessTable(proc).wouldShow(UNSEEN)).isFalse();
    }
}
