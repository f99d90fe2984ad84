package dev.hindsight.agent.api;

import java.net.URI;
import java.time.Duration;

/**
 * Where an agent listens and how to talk to it.
 *
 * @param address {@code http://host:port} or {@code https://host:port}
 * @param connectTimeout until the connection stands
 * @param stallTimeout without a single byte of answer before a read counts as broken; also bounds how long a read waits
 *     for a free stream
 * @param callTimeout for calls that may work long before they answer: snapshot and import
 */
public record AgentEndpoint(
        URI address,
        AgentTokens tokens,
        AgentTrust trust,
        Duration connectTimeout,
        Duration stallTimeout,
        Duration callTimeout) {
    public AgentEndpoint {
        if (!("http".equals(address.getScheme()) || "https".equals(address.getScheme())) || address.getHost() == null) {
            throw new IllegalArgumentException(
                    "'" + address + "' is no agent address; write http://host:port or https://host:port");
        }
    }

    /** With the usual timeouts: 5 s to connect, 60 s of silence, 6 h for one import. */
    public AgentEndpoint(URI address, AgentTokens tokens, AgentTrust trust) {
        this(address, tokens, trust, Duration.ofSeconds(5), Duration.ofSeconds(60), Duration.ofHours(6));
    }
}
