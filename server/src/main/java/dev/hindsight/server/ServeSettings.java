package dev.hindsight.server;

import dev.hindsight.http.BearerTokens;
import dev.hindsight.http.ListenAddress;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.server.api.ApiScope;
import dev.hindsight.server.base.BaseTimes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What the section {@code serve} says.
 *
 * @param state directory of this service alone
 * @param sealInterval how often a table with changes is sealed
 * @param idleInterval how often one without is
 * @param windowInterval how often windows are looked at, and new bases asked for
 * @param bases when bases are due by the clock
 * @param grace how long the service may take to end
 */
public record ServeSettings(
        ListenAddress listen,
        List<BearerTokens.Token<ApiScope>> tokens,
        Path state,
        Duration sealInterval,
        Duration idleInterval,
        Duration windowInterval,
        BaseTimes bases,
        Duration grace) {
    public static final int DEFAULT_PORT = 9646;
    public static final Duration DEFAULT_SEAL_INTERVAL = Duration.ofSeconds(2);
    public static final Duration DEFAULT_IDLE_INTERVAL = Duration.ofMinutes(10);
    public static final Duration DEFAULT_WINDOW_INTERVAL = Duration.ofSeconds(30);
    public static final String DEFAULT_BASES = "1d";
    public static final Duration DEFAULT_GRACE = Duration.ofSeconds(20);

    /** @throws UsageException strangers could use the service */
    public ServeSettings {
        tokens = List.copyOf(tokens);
        if (tokens.isEmpty()) {
            throw new UsageException(
                    "the service has no tokens, so nobody could use it", "name at least one under 'serve.tokens'");
        }
        if (listen.tls().isEmpty() && !listen.isLoopback()) {
            throw new UsageException(
                    "the service would listen on " + listen.host()
                            + " without TLS, and its tokens could be read on the way",
                    "set 'serve.listen.tls', or listen on 127.0.0.1 behind a proxy that has TLS");
        }
    }
}
