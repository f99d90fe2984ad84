package dev.hindsight.cli.config;

import dev.hindsight.agent.settings.ListenSettings;
import dev.hindsight.agent.settings.SecretRef;
import dev.hindsight.agent.settings.Settings;
import dev.hindsight.http.BearerTokens;
import dev.hindsight.server.ServeSettings;
import dev.hindsight.server.api.ApiScope;
import dev.hindsight.server.base.BaseTimes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The section {@code serve} of {@code hindsight.yaml}, with secrets by reference: safe to print.
 *
 * @param tokens by the caller's name
 * @param state directory of this service alone
 */
public record ServeConfig(
        ListenSettings listen,
        Map<String, Token> tokens,
        Path state,
        Duration sealInterval,
        Duration idleInterval,
        Duration windowInterval,
        BaseTimes bases,
        Duration grace) {
    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofHours(1);

    /** One caller's. */
    public record Token(ApiScope scope, SecretRef token) {}

    public ServeConfig {
        tokens = Map.copyOf(tokens);
    }

    static ServeConfig read(Settings section) {
        ListenSettings listen = ListenSettings.read(section.section("listen"), ServeSettings.DEFAULT_PORT);
        Map<String, Token> tokens = new LinkedHashMap<>();
        section.sections("tokens").forEach((name, settings) -> {
            settings.text("scope");
            String scope = settings.choice("scope", List.of("read", "history", "admin"), "");
            tokens.put(name, new Token(ApiScope.valueOf(scope.toUpperCase(Locale.ROOT)), settings.secret("token")));
            settings.finish();
        });
        if (tokens.isEmpty()) {
            throw section.refuse(
                    "tokens",
                    "has no entry, so nobody could use the service",
                    "add tokens: {NAME: {scope: admin, token: {file: PATH}}}");
        }
        ServeConfig out = new ServeConfig(
                listen,
                tokens,
                section.path("state", "hindsight-serve"),
                interval(section, "seal-interval", ServeSettings.DEFAULT_SEAL_INTERVAL),
                interval(section, "idle-interval", ServeSettings.DEFAULT_IDLE_INTERVAL),
                interval(section, "window-interval", ServeSettings.DEFAULT_WINDOW_INTERVAL),
                bases(section),
                interval(section, "grace", ServeSettings.DEFAULT_GRACE));
        section.finish();
        return out;
    }

    private static Duration interval(Settings section, String key, Duration otherwise) {
        Duration given = section.duration(key, otherwise);
        if (given.compareTo(SHORTEST) < 0 || given.compareTo(LONGEST) > 0) {
            throw section.refuse(key, "is not between 100ms and 1h", "leave it out for " + otherwise.toSeconds() + "s");
        }
        return given;
    }

    private static BaseTimes bases(Settings section) {
        List<String> texts = section.has("bases") ? section.texts("bases") : List.of(ServeSettings.DEFAULT_BASES);
        try {
            return BaseTimes.parse(texts);
        } catch (IllegalArgumentException e) {
            throw section.refuse(
                    "bases",
                    "is wrong: " + e.getMessage(),
                    "write bases: [1d, KEYSPACE=12h, \"KEYSPACE.TABLE=0 3 * * *\"], times in UTC, or off");
        }
    }

    /** With the secrets read now. */
    public ServeSettings settings(Map<String, String> environment) {
        return new ServeSettings(
                listen.resolve(environment),
                tokens.values().stream()
                        .map(token -> new BearerTokens.Token<>(
                                token.scope(), token.token().resolve(environment)))
                        .toList(),
                state,
                sealInterval,
                idleInterval,
                windowInterval,
                bases,
                grace);
    }
}
