package dev.hindsight.http;

import dev.hindsight.model.failure.UsageException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which scopes a request's bearer token has. Only digests of the tokens are kept, and all are compared whatever matches
 * first, so that the time taken says nothing about a token. Thread-safe.
 *
 * @param <S> the server's scopes
 */
public final class BearerTokens<S> {
    /** A shorter one could be guessed. */
    public static final int SHORTEST = 16;

    private static final String SCHEME = "Bearer ";

    /** One caller's. */
    public record Token<S>(S scope, String secret) {
        @Override
        public String toString() {
            return "Token[scope=" + scope + "]";
        }
    }

    private record Known<S>(S scope, byte[] digest) {}

    private final List<Known<S>> known;

    /** @throws UsageException one is too short */
    public BearerTokens(List<Token<S>> tokens) {
        for (Token<S> token : tokens) {
            if (token.secret().length() < SHORTEST) {
                throw new UsageException(
                        "a token of scope '" + token.scope() + "' has "
                                + token.secret().length() + " characters, at least " + SHORTEST + " are needed",
                        "make one, for example with: openssl rand -hex 24");
            }
        }
        this.known = tokens.stream()
                .map(token -> new Known<>(token.scope(), digest(token.secret())))
                .toList();
    }

    /** Empty for no token, a malformed or an unknown one. */
    public Set<S> scopes(@Nullable String authorization) {
        Set<S> out = new HashSet<>();
        if (authorization == null || !authorization.startsWith(SCHEME)) {
            return out;
        }
        byte[] given = digest(authorization.substring(SCHEME.length()));
        for (Known<S> token : known) {
            if (MessageDigest.isEqual(given, token.digest())) {
                out.add(token.scope());
            }
        }
        return out;
    }

    private static byte[] digest(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
