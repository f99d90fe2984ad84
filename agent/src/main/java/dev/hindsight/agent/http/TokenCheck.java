package dev.hindsight.agent.http;

import dev.hindsight.agent.api.AgentScope;
import dev.hindsight.agent.api.Sha256;
import dev.hindsight.agent.config.AgentConfig;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which scopes a request's bearer token has. Only digests of the tokens are kept, and all are compared whatever matches
 * first, so that the time taken says nothing about a token.
 */
final class TokenCheck {
    private static final String SCHEME = "Bearer ";

    private record Known(AgentScope scope, byte[] digest) {}

    private final List<Known> known;

    TokenCheck(List<AgentConfig.Token> tokens) {
        this.known = tokens.stream()
                .map(token -> new Known(token.scope(), digest(token.secret())))
                .toList();
    }

    /** Empty for no token, a malformed or an unknown one. */
    Set<AgentScope> scopes(@Nullable String authorization) {
        EnumSet<AgentScope> out = EnumSet.noneOf(AgentScope.class);
        if (authorization == null || !authorization.startsWith(SCHEME)) {
            return out;
        }
        byte[] given = digest(authorization.substring(SCHEME.length()));
        for (Known token : known) {
            if (MessageDigest.isEqual(given, token.digest())) {
                out.add(token.scope());
            }
        }
        return out;
    }

    private static byte[] digest(String token) {
        return Sha256.start().digest(token.getBytes(StandardCharsets.UTF_8));
    }
}
