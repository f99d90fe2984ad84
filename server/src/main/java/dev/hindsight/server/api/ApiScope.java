package dev.hindsight.server.api;

import java.util.Locale;

/** What a token may do; {@code ADMIN} includes {@code READ}. */
public enum ApiScope {
    READ,
    ADMIN;

    boolean allows(ApiScope wanted) {
        return this == wanted || this == ADMIN;
    }

    /** As written in the configuration. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
