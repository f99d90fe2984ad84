package dev.hindsight.repository.claim;

import dev.hindsight.repository.document.CatalogueEntry;

/** The process that claims, and what it can tell of others on the same machine. Safe for several threads. */
public interface Machine {
    /** For people. */
    String host();

    /** Tells one start of the machine, and one space of process ids on it, from all others; empty if unknown. */
    String boot();

    long processId();

    /** Epoch milliseconds; 0 if unknown. */
    long processStart();

    /** From now on a claim by {@code writer} may stand and has a holder in this process. */
    void begin(String writer);

    /** No one in this process holds the claim any more. */
    void finish(String writer);

    /** Whether it is certain, without watching, that nobody holds {@code claim} any more. */
    boolean isGone(CatalogueEntry claim);
}
