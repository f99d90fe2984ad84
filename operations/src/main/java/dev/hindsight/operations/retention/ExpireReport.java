package dev.hindsight.operations.retention;

import dev.hindsight.model.retention.RetentionDecision;
import java.util.List;

/**
 * What an expiry did, or would do.
 *
 * @param decision the last one that was made
 * @param expired ids, in the order in which they went; of a dry run those that would go
 * @param refused ids that were named and stay all the same; the decision says why
 * @param rebased what was rebased first, for people
 * @param freedBytes that a collection will bring back, about: of everything that no backup reaches any more
 * @param stayBytes that is still reached
 * @param notes of what an operator should see
 */
public record ExpireReport(
        boolean dryRun,
        RetentionDecision decision,
        List<String> expired,
        List<String> refused,
        List<String> rebased,
        long freedBytes,
        long stayBytes,
        List<String> notes) {
    public ExpireReport {
        expired = List.copyOf(expired);
        refused = List.copyOf(refused);
        rebased = List.copyOf(rebased);
        notes = List.copyOf(notes);
    }
}
