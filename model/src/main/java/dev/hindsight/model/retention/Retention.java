package dev.hindsight.model.retention;

import dev.hindsight.model.retention.Reason.Why;
import dev.hindsight.model.retention.RetentionDecision.Go;
import dev.hindsight.model.retention.RetentionDecision.Stay;
import dev.hindsight.model.schema.TableName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Decides which live backups stay. A pure function of its arguments.
 *
 * <p>Rules look at restore points, table by table: a backup stays when the policy of any of its tables keeps it. Then
 * follows what no policy can touch:
 *
 * <ul>
 *   <li>what is held, in use, or cannot be read stays;
 *   <li>the last restorable point of a table stays, unless the caller names the table. A table is one of its id, so this
 *       holds for tables that were dropped long ago as well. A point that lacks ranges counts only where there is no
 *       better one;
 *   <li>what a backup that stays needs stays.
 * </ul>
 *
 * <p>Spans are counted back from the newest restore point of the cluster, or from now if that is earlier: when no
 * backup was made for a month, or this machine's clock is ahead, nothing goes because of that.
 */
public final class Retention {
    private record Table(String cluster, TableName name, UUID id) {}

    private final Map<String, LiveBackup> byId = new LinkedHashMap<>();
    private final Map<Table, List<Point>> tables = new LinkedHashMap<>();
    /** As {@link #tables}, but every backup by itself. */
    private final Map<Table, List<Point>> copies = new HashMap<>();

    private final Map<String, Map<Why, Set<String>>> reasons = new HashMap<>();
    private final Map<String, Set<String>> dropped = new HashMap<>();

    private Retention(Collection<LiveBackup> backups) {
        backups.forEach(backup -> byId.put(backup.id(), backup));
        Map<Table, Map<String, Point>> points = new LinkedHashMap<>();
        for (LiveBackup backup : byId.values()) {
            String root = Point.root(backup, byId);
            for (LiveBackup.Part part : backup.tables()) {
                Table table = new Table(backup.cluster(), part.name(), part.id());
                Point point = Point.of(backup, part);
                points.computeIfAbsent(table, key -> new HashMap<>()).merge(root, point, Point::better);
                copies.computeIfAbsent(table, key -> new ArrayList<>()).add(point);
            }
        }
        points.forEach((table, ofTable) -> tables.put(table, List.copyOf(ofTable.values())));
    }

    /**
     * What the rules keep.
     *
     * @param backups all live ones, each once
     * @param reallyLast tables of which even the last restorable point may go
     */
    public static RetentionDecision byPolicy(
            Collection<LiveBackup> backups, RetentionRules rules, Set<TableName> reallyLast, Instant now) {
        Retention retention = new Retention(backups);
        retention.keepUntouchables(Set.of());
        retention.applyRules(rules, reallyLast, now);
        retention.keepLast(reallyLast);
        retention.keepNeeded();
        return retention.decision(
                "no rule keeps it", new WorthRebasing(retention.byId, retention.reasons.keySet(), retention::direct));
    }

    /**
     * Only what is named goes, and of that not what something needs or what is the last of its table. What cannot be read
     * goes when it is named.
     */
    public static RetentionDecision named(Collection<LiveBackup> backups, Set<String> ids, Set<TableName> reallyLast) {
        Retention retention = new Retention(backups);
        retention.keepUntouchables(ids);
        for (LiveBackup backup : retention.byId.values()) {
            if (!ids.contains(backup.id())) {
                retention.keep(backup.id(), Why.NOT_NAMED);
            }
        }
        retention.keepLast(reallyLast);
        retention.keepNeeded();
        return retention.decision("named", WorthRebasing.NOTHING);
    }

    private void keepUntouchables(Set<String> named) {
        for (LiveBackup backup : byId.values()) {
            if (backup.held()) {
                keep(backup.id(), Why.HELD);
            }
            if (backup.pinned()) {
                keep(backup.id(), Why.PINNED);
            }
            if (!backup.readable() && !named.contains(backup.id())) {
                keep(backup.id(), Why.UNREADABLE);
            }
        }
    }

    private void applyRules(RetentionRules rules, Set<TableName> reallyLast, Instant now) {
        Map<String, Instant> newest = new HashMap<>();
        byId.values().stream()
                .filter(LiveBackup::readable)
                .forEach(one -> newest.merge(one.cluster(), one.restorePoint(), (a, b) -> a.isAfter(b) ? a : b));
        tables.forEach((table, points) -> {
            Instant last = newest.getOrDefault(table.cluster(), now);
            RetentionPolicy policy = rules.of(table.name());
            TableRetention retention = new TableRetention(points, last.isBefore(now) ? last : now);
            Set<Point> kept = new HashSet<>();
            retention.apply(policy, !reallyLast.contains(table.name()), (point, why) -> {
                kept.add(point);
                keep(point.keeper(), why, table.name().toString());
            });
            points.stream()
                    .filter(point -> !kept.contains(point))
                    .forEach(point -> dropped.computeIfAbsent(point.keeper(), key -> new HashSet<>())
                            .add(retention.dropped(point, policy.keep())));
        });
    }

    private void keepLast(Set<TableName> reallyLast) {
        tables.forEach((table, points) -> {
            boolean anyRestorable = points.stream().anyMatch(Point::restorable);
            boolean safe = copies.getOrDefault(table, List.of()).stream()
                    .anyMatch(point -> point.restorable() == anyRestorable && reasons.containsKey(point.keeper()));
            if (!safe && !reallyLast.contains(table.name())) {
                points.stream()
                        .filter(point -> point.restorable() == anyRestorable)
                        .max(Point.OLDEST_FIRST)
                        .ifPresent(point ->
                                keep(point.keeper(), Why.LAST, table.name().toString()));
            }
        });
    }

    private void keepNeeded() {
        for (String id : List.copyOf(reasons.keySet())) {
            String child = id;
            Optional<LiveBackup> parent = parentOf(child);
            Set<String> seen = new HashSet<>();
            while (parent.isPresent() && seen.add(parent.get().id())) {
                keep(parent.get().id(), Why.NEEDED, child);
                child = parent.get().id();
                parent = parentOf(child);
            }
        }
    }

    private Optional<LiveBackup> parentOf(String id) {
        return Optional.ofNullable(byId.get(id))
                .flatMap(LiveBackup::parent)
                .flatMap(parent -> Optional.ofNullable(byId.get(parent)));
    }

    private boolean direct(String id) {
        return reasons.getOrDefault(id, Map.of()).keySet().stream().anyMatch(why -> why != Why.NEEDED);
    }

    private void keep(String id, Why why, String... of) {
        reasons.computeIfAbsent(id, key -> new EnumMap<>(Why.class))
                .computeIfAbsent(why, key -> new TreeSet<>())
                .addAll(List.of(of));
    }

    private RetentionDecision decision(String otherwise, WorthRebasing worth) {
        List<Stay> stays = new ArrayList<>();
        List<Go> goes = new ArrayList<>();
        Comparator<LiveBackup> oldestFirst =
                Comparator.comparing(LiveBackup::restorePoint).thenComparing(LiveBackup::id);
        for (LiveBackup backup : byId.values().stream().sorted(oldestFirst).toList()) {
            Map<Why, Set<String>> why = reasons.get(backup.id());
            if (why == null) {
                goes.add(new Go(backup.id(), whyGone(backup, otherwise)));
            } else {
                stays.add(new Stay(
                        backup.id(),
                        why.entrySet().stream()
                                .map(entry -> new Reason(entry.getKey(), List.copyOf(entry.getValue())))
                                .toList()));
            }
        }
        goes.sort(Comparator.comparingInt((Go go) -> -depth(go.id())));
        return new RetentionDecision(stays, goes, worth.find());
    }

    private String whyGone(LiveBackup backup, String otherwise) {
        for (LiveBackup other : byId.values()) {
            if (reasons.containsKey(other.id())
                    && other.rebaseOf().isPresent()
                    && Point.root(other, byId).equals(Point.root(backup, byId))) {
                return "rebased to " + other.id();
            }
        }
        List<String> notes = dropped.getOrDefault(backup.id(), Set.of()).stream()
                .sorted()
                .limit(2)
                .toList();
        return notes.isEmpty() ? otherwise : String.join("; ", notes);
    }

    private int depth(String id) {
        int depth = 0;
        Set<String> seen = new HashSet<>();
        Optional<LiveBackup> parent = parentOf(id);
        while (parent.isPresent() && seen.add(parent.get().id())) {
            depth++;
            parent = parentOf(parent.get().id());
        }
        return depth;
    }
}
