package dev.hindsight.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.UsageException;
import dev.hindsight.server.ServeSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServeConfigTest {
    private static final String TOKENS = "  tokens: {ops: {scope: admin, token: {env: SERVE_TOKEN}}}\n";

    @TempDir
    Path directory;

    private ServeConfig read(String serve) throws IOException {
        Path file = directory.resolve("hindsight.yaml");
        Files.writeString(file, "repository: {directory: repo}\nserve:\n" + serve);
        return HindsightConfig.load(file).requireServe();
    }

    @Test
    void onlyTokensAreNeeded() throws IOException {
        ServeConfig config = read(TOKENS);
        assertThat(config.listen().host()).isEqualTo("127.0.0.1");
        assertThat(config.listen().port()).isEqualTo(ServeSettings.DEFAULT_PORT);
        assertThat(config.state()).isEqualTo(directory.resolve("hindsight-serve"));
        assertThat(config.bases()).hasToString("[1d]");
        assertThat(config.settings(Map.of("SERVE_TOKEN", "a-token-that-is-long"))
                        .tokens())
                .hasSize(1);
    }

    @Test
    void secretsAreReadWhenTheServiceStartsAndNeverPrinted() throws IOException {
        ServeConfig config = read(TOKENS);
        assertThatThrownBy(() -> config.settings(Map.of()))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("SERVE_TOKEN");
        assertThat(config.settings(Map.of("SERVE_TOKEN", "a-token-that-is-long")))
                .asString()
                .doesNotContain("a-token-that-is-long");
    }

    @Test
    void listeningToOthersInTheClearIsRefused() throws IOException {
        ServeConfig config = read(TOKENS + "  listen: {host: 0.0.0.0}\n");
        assertThatThrownBy(() -> config.settings(Map.of("SERVE_TOKEN", "a-token-that-is-long")))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("without TLS");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "listen: {port: 1}|serve.tokens has no entry",
                "tokens: {a: {scope: root, token: {env: X}}}|serve.tokens.a.scope",
                "tokens: {a: {scope: read, token: plain}}|serve.tokens.a.token holds a plain value",
                "sealing: 2s|unknown key 'sealing'"
            })
    void whatIsWrongIsNamed(String line, String message) {
        String tokens = line.startsWith("tokens") || line.startsWith("listen") ? "" : TOKENS;
        assertThatThrownBy(() -> read(tokens + "  " + line + "\n"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(message);
    }

    @Test
    void basesAndIntervalsAreChecked() {
        assertThatThrownBy(() -> read(TOKENS + "  bases: [whenever]\n")).hasMessageContaining("serve.bases is wrong");
        assertThatThrownBy(() -> read(TOKENS + "  seal-interval: 1ms\n"))
                .hasMessageContaining("serve.seal-interval is not between");
    }
}
