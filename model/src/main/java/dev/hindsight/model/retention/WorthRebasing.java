package dev.hindsight.model.retention;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Finds backups that stay only for the sake of what builds on them, and are cheaper rebased away: a kept backup of which
 * a rebase would store clearly less than what could go then. Of a line of such backups the oldest is taken; the others
 * are looked at again after it.
 */
final class WorthRebasing {
    static final WorthRebasing NOTHING = new WorthRebasing(Map.of(), Set.of(), id -> false);

    /** What goes must be this much more than what is stored for it: a rebase also reads, and the estimate may be low. */
    private static final double LEAST_GAIN = 1.5;

    private final Map<String, LiveBackup> byId;
    private final Set<String> staying;
    private final Predicate<String> direct;

    /** @param direct whether a backup stays for its own sake */
    WorthRebasing(Map<String, LiveBackup> byId, Set<String> staying, Predicate<String> direct) {
        this.byId = byId;
        this.staying = Set.copyOf(staying);
        this.direct = direct;
    }

    List<RetentionDecision.Rebase> find() {
        List<RetentionDecision.Rebase> out = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        byId.values().stream()
                .filter(one -> staying.contains(one.id()) && direct.test(one.id()))
                .filter(one -> !one.held() && !one.pinned() && one.readable())
                .sorted((a, b) -> {
                    int depths =
                            Integer.compare(ancestors(a).size(), ancestors(b).size());
                    return depths != 0 ? depths : a.id().compareTo(b.id());
                })
                .forEach(one -> {
                    if (ancestors(one).stream().noneMatch(above -> taken.contains(above.id()))) {
                        worth(one).ifPresent(rebase -> {
                            taken.add(one.id());
                            out.add(rebase);
                        });
                    }
                });
        return out;
    }

    private Optional<RetentionDecision.Rebase> worth(LiveBackup backup) {
        if (backup.rebasedBytes().isEmpty()) {
            return Optional.empty();
        }
        List<String> frees = new ArrayList<>();
        frees.add(backup.id());
        long bytes = backup.storedBytes();
        for (LiveBackup above : ancestors(backup)) {
            if (direct.test(above.id()) || !onlyNeededBy(above, frees)) {
                break;
            }
            frees.add(above.id());
            bytes += above.storedBytes();
        }
        long stored = backup.rebasedBytes().getAsLong();
        return frees.size() > 1 && bytes > stored * LEAST_GAIN
                ? Optional.of(new RetentionDecision.Rebase(backup.id(), frees, bytes, stored))
                : Optional.empty();
    }

    private boolean onlyNeededBy(LiveBackup above, List<String> frees) {
        return byId.values().stream()
                .filter(one -> staying.contains(one.id()))
                .filter(one -> one.parent().filter(above.id()::equals).isPresent())
                .allMatch(one -> frees.contains(one.id()));
    }

    /** Nearest first. */
    private List<LiveBackup> ancestors(LiveBackup backup) {
        List<LiveBackup> out = new ArrayList<>();
        Set<String> seen = new HashSet<>(Set.of(backup.id()));
        Optional<LiveBackup> next = parent(backup);
        while (next.isPresent() && seen.add(next.get().id())) {
            out.add(next.get());
            next = parent(next.get());
        }
        return out;
    }

    private Optional<LiveBackup> parent(LiveBackup backup) {
        return backup.parent().flatMap(id -> Optional.ofNullable(byId.get(id)));
    }
}
