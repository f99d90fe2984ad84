package dev.hindsight.agent.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.agent.api.AgentScope;
import dev.hindsight.http.BearerTokens;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentConfigTest {
    private static final String SECRET = "a-very-secret-token-value";
    private static final String TOKENS = "tokens:\n  w: {scope: read, token: {env: T}}\n";

    @TempDir
    Path dir;

    private AgentConfig read(String yaml) throws Exception {
        Path file = Files.writeString(dir.resolve("agent.yaml"), yaml);
        return new AgentConfigReader(Map.of("T", SECRET, "SHORT", "short")).read(file);
    }

    private void refuses(String yaml, String message, String hint) {
        assertThatThrownBy(() -> read(yaml))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(message)
                .satisfies(e -> assertThat(((HindsightException) e).hint()).contains(hint))
                .message()
                .doesNotContain(SECRET);
    }

    @Test
    void sampleFileOfTheDistributionIsValid() throws Exception {
        for (String name : new String[] {"read.token", "admin.token"}) {
            Path token = Files.writeString(dir.resolve(name), SECRET + name + "\n");
            Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
        }
        String sample = Files.readString(
                Path.of(System.getProperty("hindsight.root"), "agent/src/main/distribution/agent.yaml"));

        AgentConfig config = read(sample);

        assertThat(config.listen().port()).isEqualTo(9645);
        assertThat(config.imports().enabled()).isFalse();
        assertThat(config.limits()).isEqualTo(new AgentConfig.Limits(0, 8, 10L << 30));
        assertThat(config.tokens())
                .containsExactlyInAnyOrder(
                        new BearerTokens.Token<>(AgentScope.READ, SECRET + "read.token"),
                        new BearerTokens.Token<>(AgentScope.ADMIN, SECRET + "admin.token"));
        assertThat(config.toString()).doesNotContain(SECRET);
    }

    @Test
    void captureIsReadWithItsRepository() throws Exception {
        AgentConfig.Capture capture = read(TOKENS
                        + "capture:\n  repository: {directory: repo}\n  commit-log: log\n  cdc-raw: raw\n  put-interval: 2s\n"
                        + "  max-pinned: 1GiB\n")
                .capture()
                .orElseThrow();

        assertThat(capture.repository().text()).isEqualTo(dir.resolve("repo").toString());
        assertThat(capture.commitLog()).contains(dir.resolve("log"));
        assertThat(capture.cdcRaw()).contains(dir.resolve("raw"));
        assertThat(capture.spool()).isEqualTo(dir.resolve("hindsight-capture"));
        assertThat(capture.putInterval()).hasSeconds(2);
        assertThat(capture.pinnedBytes()).isEqualTo(1L << 30);
        assertThat(read(TOKENS).capture()).isEmpty();
        assertThat(read(TOKENS + "capture: {enabled: false}\n").capture()).isEmpty();
        refuses(TOKENS + "capture: {put-interval: 1s}\n", "capture.repository is missing", "hindsight.yaml");
        refuses(
                TOKENS + "capture: {repository: {directory: r}, poll-interval: 1ms}\n",
                "capture.poll-interval is not between",
                "100ms");
    }

    @Test
    void unitsAndRelativePathsAreUnderstood() throws Exception {
        AgentConfig config = read(TOKENS + "limits: {bytes-per-second: 64MiB, streams: 3, min-free: 1GiB}\n"
                + "data-directories: [data, /abs/data]\nstate-file: s\n");

        assertThat(config.limits()).isEqualTo(new AgentConfig.Limits(64L << 20, 3, 1L << 30));
        assertThat(config.dataDirectories()).containsExactly(dir.resolve("data"), Path.of("/abs/data"));
        assertThat(config.state()).isEqualTo(dir.resolve("s"));
    }

    @Test
    void unknownKeyIsNamedWithLineAndSuggestion() {
        refuses(TOKENS + "limits:\n  steams: 3\n", "agent.yaml:4", "streams");
        refuses(TOKENS + "lisen: {}\n", "agent.yaml:3", "listen");
        refuses(TOKENS + "import: {enabled: yes}\n", "agent.yaml:3", "");
    }

    @Test
    void secretsAreTakenByReferenceOnly() {
        refuses("tokens:\n  w: {scope: read, token: " + SECRET + "}\n", "agent.yaml:2", "env");
        refuses("tokens:\n  w: {scope: read, token: {env: NOT_SET}}\n", "NOT_SET", "");
        refuses("tokens:\n  w: {scope: read, token: {env: SHORT}}\n", "at least 16", "openssl");
        refuses("tokens:\n  w: {scope: reed, token: {env: T}}\n", "reed", "read");
        refuses("listen: {port: 1}\n", "tokens", "add");
    }

    @Test
    void secretFileThatEverybodyReadsIsRefused() throws Exception {
        Path token = Files.writeString(dir.resolve("open.token"), SECRET);
        Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-r--r--"));

        refuses("tokens:\n  w: {scope: read, token: {file: open.token}}\n", "open to everybody", "chmod 600");
    }

    @Test
    void tlsNeedsOneKindOfCertificate() {
        refuses(TOKENS + "listen: {tls: {certificate: a.pem}}\n", "keystore", "PEM");
        refuses(TOKENS + "listen: {tls: {certificate: a, key: b, keystore: c}}\n", "keystore", "PEM");
        refuses(TOKENS + "cassandra: {jmx-user: me}\n", "jmx-password", "both");
        refuses(TOKENS + "import: {staging: ../x}\n", "staging", "beside");
    }
}
