package dev.hindsight.model.retention;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What stays and what goes. Every live backup is in exactly one of the two; nothing that stays needs one that goes.
 *
 * @param goes in the order in which they are to go: none before what needs it
 * @param rebases what to rebase first, because less is stored then; after them the decision is to be made again
 */
public record RetentionDecision(List<Stay> stays, List<Go> goes, List<Rebase> rebases) {
    public RetentionDecision {
        stays = List.copyOf(stays);
        goes = List.copyOf(goes);
        rebases = List.copyOf(rebases);
    }

    public record Stay(String id, List<Reason> reasons) {
        public Stay {
            reasons = List.copyOf(reasons);
        }

        /** Whether nothing but backups that need it keeps it. */
        public boolean onlyNeeded() {
            return reasons.stream().allMatch(reason -> reason.why() == Reason.Why.NEEDED);
        }
    }

    /** @param why for people, one sentence */
    public record Go(String id, String why) {}

    /**
     * @param id of the backup to rebase
     * @param frees that can go then, itself among them
     * @param freedBytes of those
     * @param storedBytes about what the rebase stores
     */
    public record Rebase(String id, List<String> frees, long freedBytes, long storedBytes) {
        public Rebase {
            frees = List.copyOf(frees);
        }
    }

    public Optional<Stay> stay(String id) {
        return stays.stream().filter(stay -> stay.id().equals(id)).findFirst();
    }

    public Set<String> going() {
        return goes.stream().map(Go::id).collect(Collectors.toUnmodifiableSet());
    }
}
