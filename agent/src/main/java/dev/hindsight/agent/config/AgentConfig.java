package dev.hindsight.agent.config;

import dev.hindsight.agent.api.AgentScope;
import dev.hindsight.agent.settings.RepositoryPlace;
import dev.hindsight.http.BearerTokens;
import dev.hindsight.http.ListenAddress;
import dev.hindsight.model.failure.UsageException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What {@code agent.yaml} says, with secrets already resolved and paths absolute. Immutable; secrets never print.
 *
 * @param state file in which host id and data directories are remembered for the time when the node is down
 * @param dataDirectories empty: what the node says
 * @param capture empty: this node's commit log is not captured
 */
public record AgentConfig(
        ListenAddress listen,
        Cassandra cassandra,
        List<Path> dataDirectories,
        List<BearerTokens.Token<AgentScope>> tokens,
        Import imports,
        Limits limits,
        Path state,
        Optional<Capture> capture) {
    public AgentConfig {
        dataDirectories = List.copyOf(dataDirectories);
        tokens = List.copyOf(tokens);
        if (tokens.isEmpty()) {
            throw new UsageException(
                    "the agent has no tokens, so nobody could use it", "name at least one under 'tokens'");
        }
    }

    /** Without capture. */
    public AgentConfig(
            ListenAddress listen,
            Cassandra cassandra,
            List<Path> dataDirectories,
            List<BearerTokens.Token<AgentScope>> tokens,
            Import imports,
            Limits limits,
            Path state) {
        this(listen, cassandra, dataDirectories, tokens, imports, limits, state, Optional.empty());
    }

    public AgentConfig with(Capture wanted) {
        return new AgentConfig(listen, cassandra, dataDirectories, tokens, imports, limits, state, Optional.of(wanted));
    }

    /** Reads the file strictly; the sample {@code agent.yaml} of the distribution shows every key. */
    public static AgentConfig load(Path file) {
        return new AgentConfigReader(System.getenv()).read(file);
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

    /**
     * How the node's commit log is captured.
     *
     * @param commitLog empty: where the node says
     * @param cdcRaw where a node with {@code cdc_enabled} keeps segments until this agent, their only consumer, deletes them;
     *     empty: not used
     * @param spool directory for what is not yet in the repository, and for the capture's own state
     * @param putInterval how long captured changes are gathered before they are put
     * @param pollInterval how often the commit log is looked at
     * @param pinnedBytes of segments that the node has deleted and that are not read yet; beyond, the oldest is let go
     * @param spoolBytes beyond, nothing more is read until the repository takes objects again
     */
    public record Capture(
            Optional<Path> commitLog,
            Optional<Path> cdcRaw,
            RepositoryPlace repository,
            Path spool,
            Duration putInterval,
            Duration pollInterval,
            long pinnedBytes,
            long spoolBytes) {
        public static final Duration DEFAULT_PUT_INTERVAL = Duration.ofSeconds(1);
        public static final Duration DEFAULT_POLL_INTERVAL = Duration.ofMillis(100);
        public static final long DEFAULT_PINNED_BYTES = 4L << 30;
        public static final long DEFAULT_SPOOL_BYTES = 4L << 30;

        public Capture {
            if (putInterval.isNegative() || pollInterval.isNegative() || pollInterval.isZero()) {
                throw new UsageException("an interval of capture is not positive", "correct 'capture'");
            }
        }

        public static Capture to(RepositoryPlace repository, Path spool) {
            return new Capture(
                    Optional.empty(),
                    Optional.empty(),
                    repository,
                    spool,
                    DEFAULT_PUT_INTERVAL,
                    DEFAULT_POLL_INTERVAL,
                    DEFAULT_PINNED_BYTES,
                    DEFAULT_SPOOL_BYTES);
        }
    }
}
