package dev.hindsight.server.api;

import java.util.Locale;

/** What a token may do; {@code ADMIN} includes the others, {@code HISTORY} includes {@code READ}. */
public enum ApiScope {
    /** Looks at how things are, such as metrics; sees nothing of what is in rows. */
    READ,
    /** Sees what rows are and were. */
    HISTORY,
    ADMIN;

    boolean allows(ApiScope wanted) {
        return compareTo(wanted) >= 0;
    }

    /** As written in the configuration. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
