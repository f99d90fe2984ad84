package dev.hindsight.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.agent.settings.SecretRef;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.operations.RunSettings;
import dev.hindsight.operations.restore.RestoreRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HindsightConfigTest {
    private static final String CLUSTER = """
              name: prod
              contact-points: [10.0.0.1, "10.0.0.2:9043", "[fe80::1]:9044"]
              local-datacenter: dc1
              credentials: {user: backup, password: {env: CQL_PASSWORD}}
              agents:
                - http://10.0.0.1:7070
                - https://10.0.0.2:7070/
              agent-tokens:
                read: {file: tokens/read}
                import: {file: tokens/import}
                admin: {env: ADMIN}
              tls: {ca: ca.pem}
            """;

    @TempDir
    Path dir;

    @Test
    void everySectionIsRead() {
        HindsightConfig config = load("""
                repository: {directory: repo}
                cluster:
                CLUSTER
                targets:
                  lab:
                INNER
                backup:
                  workers: 3
                  scratch: scratch
                  scratch-limit: 2GiB
                  shard-size: 64MiB
                  max-sstable-size: 512MiB
                  snapshot-ttl: 6h
                  uncovered: fail
                  keyspaces: [shop, Crm]
                restore:
                  workers: auto
                  ttl: freeze
                """.replace("CLUSTER", CLUSTER).replace("INNER", CLUSTER.indent(2)));

        ClusterConfig cluster = config.requireCluster();
        assertThat(config.repository()).isEqualTo(dir.resolve("repo"));
        assertThat(cluster.name()).isEqualTo("prod");
        assertThat(cluster.contactPoints()).containsExactly("10.0.0.1:9042", "10.0.0.2:9043", "[fe80::1]:9044");
        assertThat(cluster.agents())
                .containsExactly(URI.create("http://10.0.0.1:7070"), URI.create("https://10.0.0.2:7070"));
        assertThat(cluster.tokens().admin().map(SecretRef::toString)).contains("{env: ADMIN}");
        assertThat(cluster.tls().ca()).contains(dir.resolve("ca.pem"));
        assertThat(config.backup().workers()).isEqualTo(OptionalInt.of(3));
        assertThat(config.backup().scratch()).isEqualTo(dir.resolve("scratch"));
        assertThat(config.backup().scratchLimitBytes()).isEqualTo(2L << 30);
        assertThat(config.backup().shardBytes()).isEqualTo(64L << 20);
        assertThat(config.backup().snapshotTtl()).isEqualTo(Duration.ofHours(6));
        assertThat(config.backup().uncovered()).isEqualTo(RunSettings.Uncovered.FAIL);
        assertThat(config.keyspaces()).containsExactly("shop", "Crm");
        assertThat(config.restore().workers()).isEmpty();
        assertThat(config.restore().scratch()).isEqualTo(dir.resolve("scratch"));
        assertThat(config.restoreTtl()).isEqualTo(RestoreRequest.Ttl.FREEZE);
        assertThat(config.target(Optional.of("lab")).section()).isEqualTo("targets.lab");
    }

    @Test
    void repositoryAloneIsEnoughForVerbsThatOnlyReadIt() {
        HindsightConfig config = load("repository: {directory: /r}\n");

        assertThat(config.backup().shardBytes()).isEqualTo(RunSettings.DEFAULT_SHARD_BYTES);
        assertThat(config.restoreTtl()).isEqualTo(RestoreRequest.Ttl.KEEP);
        refused(config::requireCluster, "this verb needs the section 'cluster'", "contact-points");
    }

    @Test
    void mistakesNameFileLineAndRemedy() {
        refused(() -> load("repo: x\n"), "repository.directory is missing", "add 'directory");
        refused(
                () -> load("repository: {directory: r}\nbackups: {}\n"),
                "h.yaml:2: unknown key 'backups'",
                "did you mean 'backup'?");
        refused(
                () -> load("repository: {directory: r}\nbackup:\n  workers: none\n"),
                "h.yaml:3: backup.workers: 'none' is not a whole number",
                "correct");
        refused(
                () -> load("repository: {directory: r}\nbackup:\n  snapshot-ttl: 30s\n"),
                "backup.snapshot-ttl is shorter than Cassandra accepts",
                "1m");
        refused(
                () -> load("repository: {directory: r}\nbackup:\n  shard-size: 5B\n"),
                "h.yaml:3: backup.shard-size is below 1MiB",
                "larger");
        refused(
                () -> load(
                        "repository: {directory: r}\ncluster:\n" + CLUSTER.replace("admin: {env: ADMIN}", "admin: x")),
                "cluster.agent-tokens.admin holds a plain value",
                "{file: PATH}");
        refused(
                () -> load("repository: {directory: r}\ncluster:\n"
                        + CLUSTER.replace("https://10.0.0.2:7070/", "10.0.0.2")),
                "cluster.agents has '10.0.0.2'",
                "http://HOST:PORT");
        refused(
                () -> load("repository: {directory: r}\ncluster:\n" + CLUSTER.replace("10.0.0.2:9043", "h:port")),
                "cluster.contact-points has 'h:port'",
                "host:port");
    }

    @Test
    void unknownTargetSuggestsTheNearest() {
        HindsightConfig config = load("repository: {directory: r}\ntargets:\n  staging:\n" + CLUSTER.indent(2));

        refused(() -> config.target(Optional.of("stagin")), "--to stagin", "did you mean 'staging'?");
        refused(() -> config.target(Optional.of("x")), "has no such target", "known targets: staging");
    }

    @Test
    void configurationIsFoundAsToldThenByEnvironmentThenInTheWorkingDirectory() throws IOException {
        Files.writeString(dir.resolve("hindsight.yaml"), "repository: {directory: r}\n");
        Map<String, String> set = Map.of("HINDSIGHT_CONFIG", "by-env.yaml");

        assertThat(ConfigLocation.HINDSIGHT.find(Optional.of(Path.of("told.yaml")), set, dir))
                .isEqualTo(dir.resolve("told.yaml"));
        assertThat(ConfigLocation.HINDSIGHT.find(Optional.empty(), set, dir)).isEqualTo(dir.resolve("by-env.yaml"));
        assertThat(ConfigLocation.HINDSIGHT.find(Optional.empty(), Map.of(), dir))
                .isEqualTo(dir.resolve("hindsight.yaml"));
        refused(
                () -> ConfigLocation.AGENT.find(Optional.empty(), Map.of(), dir),
                "neither -c nor $HINDSIGHT_AGENT_CONFIG is given",
                "name it with -c");
    }

    private HindsightConfig load(String text) {
        Path file = dir.resolve("h.yaml");
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return HindsightConfig.load(file);
    }

    private static void refused(ThrowingCallable call, String message, String hint) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        UsageException.class, e -> assertThat(e.hint()).contains(hint))
                .hasMessageContaining(message);
    }
}
