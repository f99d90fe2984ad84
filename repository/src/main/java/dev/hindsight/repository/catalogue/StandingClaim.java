package dev.hindsight.repository.catalogue;

import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.document.CatalogueEntry.Claim;

/**
 * A claim that is neither ended nor replaced, as far as the catalogue tells; whether its holder lives is another
 * question.
 *
 * @param entry the one that claims
 */
public record StandingClaim(CatalogueEntry entry) {
    /** What names the claim: in {@code under}, in {@code ends}, in the keys of its heartbeats. */
    public long number() {
        return entry.number();
    }

    public Claim claim() {
        return entry.claim().orElseThrow();
    }

    /** For messages: what, by whom, since when. */
    public String describe() {
        Claim claim = claim();
        return claim.verb() + " " + claim.run() + " on host " + claim.host() + ", process " + claim.processId()
                + ", since " + entry.at();
    }
}
