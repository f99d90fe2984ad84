package dev.hindsight.agent.config;

import dev.hindsight.agent.api.AgentScope;
import dev.hindsight.model.failure.UsageException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What {@code agent.yaml} says, with secrets already resolved and paths absolute. Immutable; secrets never print.
 *
 * @param state file in which host id and data directories are remembered for the time when the node is down
 * @param dataDirectories empty: what the node says
 */
public record AgentConfig(
        Listen listen,
        Cassandra cassandra,
        List<Path> dataDirectories,
        List<Token> tokens,
        Import imports,
        Limits limits,
        Path state) {
    static final int SHORTEST_TOKEN = 16;

    public AgentConfig {
        dataDirectories = List.copyOf(dataDirectories);
        tokens = List.copyOf(tokens);
        if (tokens.isEmpty()) {
            throw new UsageException(
                    "the agent has no tokens, so nobody could use it", "name at least one under 'tokens'");
        }
        for (Token token : tokens) {
            if (token.secret().length() < SHORTEST_TOKEN) {
                throw new UsageException(
                        "a token of scope '" + token.scope().text() + "' has "
                                + token.secret().length() + " characters, at least " + SHORTEST_TOKEN + " are needed",
                        "make one, for example with: openssl rand -hex 24");
            }
        }
    }

    /** Reads the file strictly; the sample {@code agent.yaml} of the distribution shows every key. */
    public static AgentConfig load(Path file) {
        return new AgentConfigReader(System.getenv()).read(file);
    }

    /** @param port 0 takes a free one */
    public record Listen(String host, int port, Optional<Tls> tls) {}

    /** Key store, or PEM certificate chain and PKCS#8 key. */
    public record Tls(
            Optional<Path> keyStore,
            Optional<String> keyStorePassword,
            Optional<Path> certificate,
            Optional<Path> key) {
        @Override
        public String toString() {
            return "Tls[keyStore=" + keyStore + ", certificate=" + certificate + ", key=" + key + "]";
        }
    }

    /** @param clusterName when given, a node of another cluster is not served */
    public record Cassandra(
            String jmxHost, int jmxPort, Optional<Credentials> credentials, Optional<String> clusterName) {}

    public record Credentials(String user, String password) {
        @Override
        public String toString() {
            return "Credentials[user=" + user + "]";
        }
    }

    public record Token(AgentScope scope, String secret) {
        @Override
        public String toString() {
            return "Token[scope=" + scope + "]";
        }
    }

    /**
     * @param staging name of the directory beside each data directory, or an absolute path
     */
    public record Import(boolean enabled, String staging) {
        public static final String DEFAULT_STAGING = "hindsight-staging";

        public static Import off() {
            return new Import(false, DEFAULT_STAGING);
        }

        public static Import on() {
            return new Import(true, DEFAULT_STAGING);
        }
    }

    /** @param bytesPerSecond over all streams together, 0 for no limit */
    public record Limits(long bytesPerSecond, int streams, long minFreeBytes) {
        public Limits {
            if (bytesPerSecond < 0 || streams < 1 || minFreeBytes < 0) {
                throw new UsageException(
                        "limits must not be negative, and at least one stream is needed", "correct 'limits'");
            }
        }
    }
}
