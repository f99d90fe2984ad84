package dev.hindsight.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.agent.settings.RepositoryPlace;
import dev.hindsight.agent.settings.SecretRef;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.operations.RunSettings;
import dev.hindsight.operations.restore.RestoreRequest;
import dev.hindsight.repository.store.Access;
import dev.hindsight.repository.store.s3.S3Settings;
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
        assertThat(config.repository()).isEqualTo(new RepositoryPlace.Directory(dir.resolve("repo"), Access.OWNER));
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
    void bucketIsReadWithAllItsSettings() {
        HindsightConfig config = load("""
                repository:
                  url: s3://backups/prod/eu
                  s3:
                    endpoint: https://s3.example.com:7480
                    region: eu-west-3
                    path-style: false
                    checksums: when-required
                    access-key: {env: KEY}
                    secret-key: {file: secret}
                    ca: ca.pem
                    timeout: 20s
                    attempts: 3
                    multipart-above: 64MiB
                """);

        RepositoryPlace.Bucket bucket = (RepositoryPlace.Bucket) config.repository();
        S3Settings settings = bucket.settings();
        assertThat(settings.bucket()).isEqualTo("backups");
        assertThat(settings.prefix()).isEqualTo("prod/eu");
        assertThat(settings.endpoint()).contains(URI.create("https://s3.example.com:7480"));
        assertThat(settings.region()).contains("eu-west-3");
        assertThat(settings.pathStyle()).isFalse();
        assertThat(settings.checksums()).isEqualTo(S3Settings.Checksums.WHEN_REQUIRED);
        assertThat(settings.ca()).contains(dir.resolve("ca.pem"));
        assertThat(settings.timeout()).isEqualTo(Duration.ofSeconds(20));
        assertThat(settings.attempts()).isEqualTo(3);
        assertThat(settings.multipartAboveBytes()).isEqualTo(64L << 20);
        assertThat(bucket.keys().map(keys -> keys.accessKey().toString())).contains("{env: KEY}");
        assertThat(config.repository().text()).isEqualTo("s3://backups/prod/eu at https://s3.example.com:7480");
    }

    @Test
    void bucketAloneIsEnough() {
        RepositoryPlace.Bucket bucket = (RepositoryPlace.Bucket)
                load("repository: {url: 's3://backups'}\n").repository();

        assertThat(bucket.settings()).isEqualTo(S3Settings.at("s3://backups").build());
        assertThat(bucket.settings().pathStyle()).isFalse();
        assertThat(bucket.keys()).isEmpty();
    }

    @Test
    void mistakesInABucketsPlaceAreRefused() {
        refused(() -> load("repository: {url: 'http://backups'}\n"), "h.yaml:1: repository.url", "s3://bucket/prefix");
        refused(() -> load("repository: {url: 's3://Back_Ups/x'}\n"), "'Back_Ups' is not a bucket's name", "3 to 63");
        refused(() -> load("repository: {url: 's3://backups/a//b'}\n"), "cannot be the prefix", "separated by '/'");
        refused(
                () -> load("repository: {directory: r, url: 's3://backups'}\n"),
                "stands beside repository.directory",
                "one of the two");
        refused(() -> load("repository: {directory: r, s3: {region: x}}\n"), "unknown key 's3'", "known here");
        refused(
                () -> load("repository:\n  url: s3://backups\n  s3:\n    endpoint: minio:9000\n"),
                "'minio:9000' is not an endpoint",
                "https://HOST");
        refused(
                () -> load("repository:\n  url: s3://backups\n  s3:\n    checksums: always\n"),
                "h.yaml:4: repository.s3.checksums is 'always'",
                "when-supported");
        refused(
                () -> load("repository:\n  url: s3://backups\n  s3:\n    access-key: {env: KEY}\n"),
                "h.yaml:4: repository.s3.access-key is half of a key pair",
                "both");
        refused(
                () -> load("repository:\n  url: s3://backups\n  s3:\n    secret-key: verysecret\n"),
                "secrets are accepted by reference only",
                "{env:");
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
