package dev.hindsight.agent.config;

import dev.hindsight.agent.api.AgentScope;
import dev.hindsight.agent.settings.ListenSettings;
import dev.hindsight.agent.settings.RepositoryPlace;
import dev.hindsight.agent.settings.Settings;
import dev.hindsight.http.BearerTokens;
import dev.hindsight.http.ListenAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Turns {@code agent.yaml} into an {@link AgentConfig}: the sample beside the distribution shows every key. Secrets are
 * resolved here, once, so that an agent whose token is missing does not start.
 */
final class AgentConfigReader {
    private static final int DEFAULT_PORT = 9645;
    private static final int DEFAULT_JMX_PORT = 7199;
    private static final int DEFAULT_STREAMS = 8;
    private static final int MOST_STREAMS = 64;
    private static final int LARGEST_PORT = 65535;
    private static final Duration SHORTEST_POLL = Duration.ofMillis(10);
    private static final Duration LONGEST_POLL = Duration.ofSeconds(2);
    private static final Duration LONGEST_PUT = Duration.ofMinutes(1);
    private static final long DEFAULT_MIN_FREE = 10L << 30;

    private final Map<String, String> environment;

    AgentConfigReader(Map<String, String> environment) {
        this.environment = environment;
    }

    AgentConfig read(Path file) {
        Settings root = Settings.load(file);
        Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of("/"));
        ListenAddress listen =
                ListenSettings.read(root.section("listen"), DEFAULT_PORT).resolve(environment);
        AgentConfig.Cassandra cassandra = cassandra(root.section("cassandra"));
        List<Path> directories = root.texts("data-directories").stream()
                .map(text -> folder.resolve(text).normalize())
                .toList();
        List<BearerTokens.Token<AgentScope>> tokens = new ArrayList<>();
        root.sections("tokens").forEach((name, section) -> tokens.add(token(section)));
        AgentConfig.Import imports = imports(root.section("import"));
        AgentConfig.Limits limits = limits(root.section("limits"));
        Path state = root.findPath("state-file").orElse(folder.resolve("hindsight-agent.state"));
        Optional<AgentConfig.Capture> capture = root.findSection("capture").flatMap(section -> capture(section, state));
        root.finish();
        if (tokens.isEmpty()) {
            throw root.refuse(
                    "tokens", "has no entry, so nobody could use the agent", "add tokens, see the sample file");
        }
        return new AgentConfig(listen, cassandra, directories, tokens, imports, limits, state, capture);
    }

    private AgentConfig.Cassandra cassandra(Settings section) {
        String host = section.text("jmx-host", "127.0.0.1");
        int port = section.number("jmx-port", 1, LARGEST_PORT, DEFAULT_JMX_PORT);
        Optional<String> user = section.findText("jmx-user");
        Optional<String> password = secret(section, "jmx-password");
        Optional<String> cluster = section.findText("cluster-name");
        section.finish();
        if (user.isPresent() != password.isPresent()) {
            throw section.refuse("jmx-user", "and 'jmx-password' go together", "give both or none");
        }
        return new AgentConfig.Cassandra(
                host, port, user.map(name -> new AgentConfig.Credentials(name, password.orElse(""))), cluster);
    }

    private BearerTokens.Token<AgentScope> token(Settings section) {
        List<String> scopes = List.of("read", "import", "admin");
        section.text("scope");
        String scope = section.choice("scope", scopes, "");
        section.secret("token");
        String secret = secret(section, "token").orElse("");
        section.finish();
        if (secret.length() < BearerTokens.SHORTEST) {
            throw section.refuse(
                    "token",
                    "has " + secret.length() + " characters, at least " + BearerTokens.SHORTEST + " are needed",
                    "make one, for example with: openssl rand -hex 24");
        }
        return new BearerTokens.Token<>(AgentScope.valueOf(scope.toUpperCase(Locale.ROOT)), secret);
    }

    private static AgentConfig.Import imports(Settings section) {
        boolean enabled = section.flag("enabled", false);
        String staging = section.text("staging", AgentConfig.Import.DEFAULT_STAGING);
        section.finish();
        boolean plainName = staging.matches("[A-Za-z0-9_-][A-Za-z0-9_.-]*");
        if (!plainName && !Path.of(staging).isAbsolute()) {
            throw section.refuse(
                    "staging",
                    "is '" + staging + "', neither a plain name nor an absolute path",
                    "a plain name makes that directory beside each data directory");
        }
        return new AgentConfig.Import(enabled, staging);
    }

    private static Optional<AgentConfig.Capture> capture(Settings section, Path state) {
        boolean enabled = section.flag("enabled", true);
        Optional<Path> commitLog = section.findPath("commit-log");
        Optional<Path> cdcRaw = section.findPath("cdc-raw");
        Optional<RepositoryPlace> repository = section.findSection("repository").map(RepositoryPlace::read);
        Path spool = section.findPath("spool").orElse(state.resolveSibling("hindsight-capture"));
        Duration put = section.duration("put-interval", AgentConfig.Capture.DEFAULT_PUT_INTERVAL);
        Duration poll = section.duration("poll-interval", AgentConfig.Capture.DEFAULT_POLL_INTERVAL);
        long pinned = section.bytes("max-pinned", AgentConfig.Capture.DEFAULT_PINNED_BYTES);
        long spoolBytes = section.bytes("max-spool", AgentConfig.Capture.DEFAULT_SPOOL_BYTES);
        section.finish();
        if (!enabled) {
            return Optional.empty();
        }
        if (poll.compareTo(LONGEST_POLL) > 0 || poll.compareTo(SHORTEST_POLL) < 0) {
            throw section.refuse("poll-interval", "is not between 10ms and 2s", "leave it out: 100ms is good");
        }
        if (put.compareTo(LONGEST_PUT) > 0) {
            throw section.refuse("put-interval", "is longer than 1m", "changes are only safe once they are put");
        }
        return Optional.of(new AgentConfig.Capture(
                commitLog,
                cdcRaw,
                repository.orElseThrow(() -> section.refuse(
                        "repository",
                        "is missing",
                        "say where captures go: the section 'repository' of hindsight.yaml")),
                spool,
                put,
                poll,
                pinned,
                spoolBytes));
    }

    private static AgentConfig.Limits limits(Settings section) {
        long rate = section.bytes("bytes-per-second", 0);
        int streams = section.number("streams", 1, MOST_STREAMS, DEFAULT_STREAMS);
        long minFree = section.bytes("min-free", DEFAULT_MIN_FREE);
        section.finish();
        return new AgentConfig.Limits(rate, streams, minFree);
    }

    private Optional<String> secret(Settings section, String key) {
        return section.findSecret(key).map(reference -> reference.resolve(environment));
    }
}
