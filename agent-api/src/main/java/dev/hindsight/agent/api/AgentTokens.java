package dev.hindsight.agent.api;

import java.util.Optional;

/**
 * The bearer tokens that a caller holds for one agent; each call sends the weakest one that is enough. Never printed.
 *
 * @param read information, sizes, listings, byte ranges
 * @param importing staging and importing
 * @param admin snapshots, and everything that {@code read} may
 */
public record AgentTokens(Optional<String> read, Optional<String> importing, Optional<String> admin) {
    public static AgentTokens none() {
        return new AgentTokens(Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** One token for everything, for an agent that grants it all three scopes. */
    public static AgentTokens all(String read, String importing, String admin) {
        return new AgentTokens(Optional.of(read), Optional.of(importing), Optional.of(admin));
    }

    Optional<String> of(AgentScope scope) {
        return switch (scope) {
            case READ -> read.or(() -> admin);
            case IMPORT -> importing;
            case ADMIN -> admin;
        };
    }

    @Override
    public String toString() {
        return "AgentTokens[read=" + shown(read) + ", import=" + shown(importing) + ", admin=" + shown(admin) + "]";
    }

    private static String shown(Optional<String> token) {
        return token.isPresent() ? "set" : "none";
    }
}
