package dev.hindsight.model.retention;

import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A restore point of one table. A backup and what it was rebased to hold the same records of the same instant, so they
 * are one point; {@code keeper} is the one of them that a rule keeps: one that is whole before one that is not, the
 * rebase before its source.
 */
record Point(Instant at, String keeper, boolean restorable, boolean rebased) {
    /** The last one is the newest. */
    static final Comparator<Point> OLDEST_FIRST =
            Comparator.comparing(Point::at).thenComparing(Point::keeper);

    private static final Comparator<Point> BEST_LAST = Comparator.comparing(Point::restorable)
            .thenComparing(Point::rebased)
            .thenComparing(Point::keeper);

    static Point of(LiveBackup backup, LiveBackup.Part part) {
        return new Point(
                backup.restorePoint(),
                backup.id(),
                part.restorable(),
                backup.rebaseOf().isPresent());
    }

    Point better(Point other) {
        return BEST_LAST.compare(this, other) >= 0 ? this : other;
    }

    /** Id that all backups of one point have in common: what the first of them was rebased from. */
    static String root(LiveBackup backup, Map<String, LiveBackup> byId) {
        Set<String> seen = new HashSet<>();
        String root = backup.id();
        Optional<String> next = backup.rebaseOf();
        while (next.isPresent() && seen.add(next.get())) {
            root = next.get();
            next = Optional.ofNullable(byId.get(root)).flatMap(LiveBackup::rebaseOf);
        }
        return root;
    }
}
