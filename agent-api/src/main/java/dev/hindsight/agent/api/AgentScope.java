package dev.hindsight.agent.api;

import java.util.Locale;

/** What a token may do. {@code ADMIN} includes {@code READ}; nothing includes {@code IMPORT}. */
public enum AgentScope {
    READ,
    IMPORT,
    ADMIN;

    /** Whether a token of this scope may make a call that asks for {@code wanted}. */
    public boolean allows(AgentScope wanted) {
        return this == wanted || (this == ADMIN && wanted == READ);
    }

    /** As written in {@code agent.yaml}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
