package dev.hindsight.synthesis.merge;

/** Control flow: something expires or was deleted after 2038-01-19, so the merge has to start again with version oa. */
public final class NeedsLongExpiry extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NeedsLongExpiry() {
        super("an expiry after 2038-01-19 does not fit version nb", null, false, false);
    }
}
