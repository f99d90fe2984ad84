package dev.hindsight.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.cli.config.HindsightConfig;
import dev.hindsight.cli.doctor.Finding;
import dev.hindsight.cli.live.LiveWorkbench;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.RepositoryMissingException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveWorkbenchTest {
    @TempDir
    Path dir;

    private final Workbench workbench = new LiveWorkbench(Map.of(), Clock.systemUTC(), Interrupts.none());
    private HindsightConfig config;

    @BeforeEach
    void configure() throws IOException {
        int closed = closedPort();
        Files.writeString(dir.resolve("hindsight.yaml"), """
                repository: {directory: repo}
                backup: {scratch: scratch, scratch-limit: 1MiB}
                cluster:
                  name: prod
                  contact-points: ["127.0.0.1:PORT"]
                  local-datacenter: dc1
                  agents: ["http://127.0.0.1:PORT"]
                  agent-tokens: {read: {file: none}}
                """.replace("PORT", String.valueOf(closed)));
        config = HindsightConfig.load(dir.resolve("hindsight.yaml"));
    }

    @Test
    void initMakesTheRepositoryOnce() {
        Workbench.Initialised first = workbench.init(config);
        Workbench.Initialised second = workbench.init(config);

        assertThat(first.created()).isTrue();
        assertThat(second.created()).isFalse();
        assertThat(second.id()).isEqualTo(first.id());
    }

    @Test
    void readsSayWhatIsMissing() {
        assertThatThrownBy(() -> workbench.status(config)).isInstanceOf(RepositoryMissingException.class);

        workbench.init(config);

        assertThat(workbench.status(config).newest()).isEmpty();
        assertThat(workbench.backups(config)).isEmpty();
        assertThatThrownBy(() -> workbench.backup(config, "latest"))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("there is no backup yet");
        assertThatThrownBy(() -> workbench.backup(config, "20260101T000000Z-0000"))
                .hasMessageContaining("there is no backup '20260101T000000Z-0000'");
    }

    @Test
    void doctorNamesEverythingThatIsWrongAndLeavesNoProbe() throws IOException {
        List<Finding> before = workbench.examine(config);
        workbench.init(config);
        List<Finding> after = workbench.examine(config);

        assertThat(levelOf(before, "repository")).isEqualTo(Finding.Level.FAIL);
        assertThat(levelOf(after, "repository")).isEqualTo(Finding.Level.OK);
        assertThat(levelOf(after, "backup.scratch")).isEqualTo(Finding.Level.OK);
        assertThat(levelOf(after, "driver")).isEqualTo(Finding.Level.FAIL);
        assertThat(levelOf(after, "agent-tokens")).isEqualTo(Finding.Level.FAIL);
        assertThat(after)
                .filteredOn(one -> one.level() == Finding.Level.FAIL)
                .allSatisfy(one -> assertThat(one.next()).isNotEmpty());
        try (var files = Files.walk(dir.resolve("repo"))) {
            assertThat(files.filter(Files::isRegularFile).map(Path::getFileName).map(Path::toString))
                    .containsExactly("repository.json");
        }
    }

    private static Finding.Level levelOf(List<Finding> findings, String check) {
        return findings.stream()
                .filter(one -> one.check().equals(check))
                .findFirst()
                .orElseThrow()
                .level();
    }

    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
