package dev.hindsight.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.api.AgentTokens;
import dev.hindsight.agent.api.AgentTrust;
import dev.hindsight.agent.api.CaptureStatus;
import dev.hindsight.agent.api.CaptureStatus.State;
import dev.hindsight.agent.config.AgentConfig;
import dev.hindsight.agent.settings.RepositoryPlace;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.failure.UnauthorisedException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.repository.store.Access;
import dev.hindsight.repository.store.DirectoryStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptureOverHttpTest {
    @TempDir
    Path temp;

    private static CaptureStatus await(AgentClient client, Predicate<CaptureStatus> until) {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        CaptureStatus status = client.capture();
        while (!until.test(status)) {
            assertThat(System.nanoTime()).as("%s", status).isLessThan(end);
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            status = client.capture();
        }
        return status;
    }

    private static AgentConfig capturing(AgentFixture fixture, Path repository) {
        AgentConfig plain = fixture.config(AgentConfig.Import.off(), new AgentConfig.Limits(0, 4, 0), Optional.empty());
        return plain.with(new AgentConfig.Capture(
                Optional.empty(),
                Optional.empty(),
                new RepositoryPlace.Directory(repository, Access.OWNER),
                fixture.root.resolve("spool"),
                Duration.ofMillis(100),
                Duration.ofMillis(20),
                1 << 20,
                1 << 20));
    }

    @Test
    void anAgentWithoutTheSectionSaysSo() throws Exception {
        try (AgentFixture fixture = new AgentFixture(temp, 1);
                AgentClient client = fixture.client()) {
            assertThat(client.capture().state()).isEqualTo(State.NOT_CONFIGURED);
            assertThat(client.stopCapture().state()).isEqualTo(State.NOT_CONFIGURED);
            assertThatThrownBy(() -> client.setCapture(List.of("shop")))
                    .isInstanceOf(PreconditionFailedException.class)
                    .hasMessageContaining("does not capture");
        }
    }

    @Test
    void keyspacesAreCapturedUntilToldToStopAlsoAcrossRestarts() throws Exception {
        try (AgentFixture fixture = new AgentFixture(temp, 1)) {
            Path repository = Files.createDirectory(temp.resolve("repository"));
            fixture.node.commitLog = Files.createDirectory(temp.resolve("commitlog"));
            fixture.restart(capturing(fixture, repository));
            try (AgentClient client = fixture.client()) {
                assertThat(client.capture().state()).isEqualTo(State.OFF);
                assertThat(client.setCapture(Set.of("shop")).wanted()).containsExactly("shop");
                CaptureStatus status = await(client, now -> now.stored().contains("shop"));
                assertThat(status.state()).isEqualTo(State.RUNNING);
                assertThat(status.incarnations()).hasSize(1);
                fixture.restart();
            }
            try (AgentClient client = fixture.client()) {
                CaptureStatus again = await(client, now -> now.state() == State.RUNNING);
                assertThat(again.wanted()).containsExactly("shop");
                assertThat(again.incarnations()).hasSize(1);
                client.stopCapture();
                await(
                        client,
                        now -> now.state() == State.OFF && now.incarnations().isEmpty());
            }
            assertThat(DirectoryStore.open(repository).list("captures/" + fixture.node.hostId + "/"))
                    .hasSizeGreaterThanOrEqualTo(2);
        }
    }

    @Test
    void changingItNeedsTheAdminsTokenAndPlainNames() throws Exception {
        try (AgentFixture fixture = new AgentFixture(temp, 1);
                AgentClient reader = AgentFixture.client(
                        fixture.server.address(),
                        AgentTokens.all(AgentFixture.READ, AgentFixture.IMPORT, AgentFixture.READ),
                        AgentTrust.jvm());
                AgentClient client = fixture.client()) {
            assertThatThrownBy(() -> reader.setCapture(List.of("shop"))).isInstanceOf(UnauthorisedException.class);
            assertThatThrownBy(reader::stopCapture).isInstanceOf(UnauthorisedException.class);
            fixture.restart(capturing(fixture, temp));
            try (AgentClient now = fixture.client()) {
                assertThatThrownBy(() -> now.setCapture(List.of("../x"))).isInstanceOf(UsageException.class);
                assertThatThrownBy(() -> now.setCapture(List.of())).isInstanceOf(UsageException.class);
            }
        }
    }
}
