package dev.hindsight.operations.restore;

import java.util.Locale;

/** The ttl choice as the plan object writes it. */
final class TtlNames {
    private TtlNames() {}

    static String of(RestoreRequest.Ttl ttl) {
        return ttl.name().toLowerCase(Locale.ROOT);
    }
}
