package dev.hindsight.repository.claim;

import java.util.List;

/**
 * What a run asks {@link Claims} for.
 *
 * @param scope from {@link Scope}
 * @param run id of the run, which stands in the keys of the objects that it makes
 * @param verb for people, and for the scope's next holder
 * @param reads ids of backups that must stay, with all that they build on
 */
public record Wanted(String scope, String run, String verb, List<String> reads) {
    public Wanted {
        reads = List.copyOf(reads);
    }
}
