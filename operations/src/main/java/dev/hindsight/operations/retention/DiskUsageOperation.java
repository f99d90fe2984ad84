package dev.hindsight.operations.retention;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.retention.Retention;
import dev.hindsight.model.retention.RetentionDecision;
import dev.hindsight.model.retention.RetentionRules;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.survey.Parallel;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.ShardManifest;
import dev.hindsight.repository.layout.Keys;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Adds up what backups store. Reads documents only, no listing; what cannot be read is named and left out. Sizes are those
 * that manifests tell. One thread.
 */
public final class DiskUsageOperation {
    private record TableKey(TableName name, UUID id) {}

    private static final class Sum {
        private final Set<String> runs = new HashSet<>();
        private long bytes;
    }

    private final Repository repository;
    private final Clock clock;
    private final Backups backups;

    public DiskUsageOperation(Repository repository, Clock clock) {
        this.repository = repository;
        this.clock = clock;
        this.backups = new Backups(repository);
    }

    /** Backups only: no shard manifest is read. */
    public DiskUsage backups(Optional<RetentionRules> rules) {
        return usage(rules, false);
    }

    /** By table as well. */
    public DiskUsage all(Optional<RetentionRules> rules) {
        return usage(rules, true);
    }

    private DiskUsage usage(Optional<RetentionRules> rules, boolean byTable) {
        CatalogueView view = repository.catalogue().view();
        LiveSet live = LiveSet.of(view, backups);
        Map<String, BackupSummary> readable = live.readable();
        Map<String, BackupSummary> reached = backups.readableClosure(view, readable.keySet());
        Map<String, Long> bytes = live.reachedFrom(readable.keySet(), backups);
        Map<String, Set<String>> reachedBy = live.reach(backups);
        Map<String, Long> unique = new HashMap<>();
        reachedBy.forEach((run, by) -> {
            if (by.size() == 1) {
                unique.merge(by.iterator().next(), bytes.getOrDefault(run, 0L), Long::sum);
            }
        });
        LiveSet then = rules.isEmpty() ? live : LiveSet.of(Reparenting.imagined(view, backups), backups);
        Optional<RetentionDecision> decision =
                rules.map(one -> Retention.byPolicy(then.forDecision(), one, Set.of(), clock.instant()));
        List<DiskUsage.Backup> out = new ArrayList<>();
        for (BackupSummary backup : reached.values()) {
            boolean expired = view.find(backup.id()).isEmpty();
            out.add(new DiskUsage.Backup(
                    backup.id(),
                    backup.kind(),
                    backup.state(),
                    backup.cluster(),
                    backup.restorePoint(),
                    backup.parent(),
                    backup.published().rebaseOf(),
                    backup.tables().size(),
                    backup.published().held(),
                    live.pins().contains(backup.id()),
                    expired,
                    backup.storedBytes(),
                    unique.getOrDefault(backup.id(), 0L),
                    decision.stream()
                            .flatMap(one -> one.goes().stream())
                            .filter(go -> go.id().equals(backup.id()))
                            .map(RetentionDecision.Go::why)
                            .findFirst()));
        }
        out.sort(Comparator.comparingLong(one -> view.findAlsoExpired(one.id())
                .map(published -> published.entry().number())
                .orElse(0L)));
        List<String> problems = new ArrayList<>(view.problems());
        live.backups().stream()
                .filter(read -> read.summary().isEmpty())
                .forEach(read -> problems.add("backup " + read.published().id() + ": " + read.problem()));
        List<DiskUsage.Table> tables = byTable ? tables(reached, problems) : List.of();
        List<DiskUsage.Journal> journals = byTable ? new JournalUsage(repository).journals(view, problems) : List.of();
        return new DiskUsage(out, tables, journals, sum(bytes), decision.map(one -> freed(then, one, bytes)), problems);
    }

    private long freed(LiveSet live, RetentionDecision decision, Map<String, Long> bytes) {
        Set<String> stay = new HashSet<>(live.readable().keySet());
        stay.removeAll(decision.going());
        stay.addAll(live.pins());
        return sum(bytes) - sum(live.reachedFrom(stay, backups));
    }

    private static long sum(Map<String, Long> bytes) {
        return bytes.values().stream().mapToLong(Long::longValue).sum();
    }

    private List<DiskUsage.Table> tables(Map<String, BackupSummary> reached, List<String> problems) {
        Map<TableKey, Sum> sums = new HashMap<>();
        Set<String> seen = new HashSet<>();
        for (BackupSummary backup : reached.values()) {
            BackupManifest manifest = repository.load(backup.published().manifest(), BackupManifest.class);
            for (BackupManifest.Table table : manifest.tables()) {
                Sum sum = sums.computeIfAbsent(new TableKey(table.name(), table.tableId()), key -> new Sum());
                List<ObjectRef> refs = table.shards().stream()
                        .filter(ref -> seen.add(ref.key()))
                        .toList();
                for (Parallel.Outcome<Long> size : Parallel.forAll(refs, ref -> storedBytes(ref, problems))) {
                    sum.bytes += size.get();
                }
                refs.forEach(ref -> Keys.shardOfManifest(ref.key()).ifPresent(shard -> sum.runs.add(shard.backup())));
            }
        }
        return sums.entrySet().stream()
                .map(one -> new DiskUsage.Table(
                        one.getKey().name(),
                        one.getKey().id(),
                        one.getValue().runs.size(),
                        one.getValue().bytes))
                .sorted(Comparator.comparingLong(DiskUsage.Table::storedBytes)
                        .reversed()
                        .thenComparing(DiskUsage.Table::name))
                .toList();
    }

    private long storedBytes(ObjectRef ref, List<String> problems) {
        try {
            ShardManifest shard = repository.load(ref, ShardManifest.class);
            return shard.sstables().stream()
                            .flatMap(sstable -> sstable.components().stream())
                            .mapToLong(ObjectRef::sizeBytes)
                            .sum()
                    + shard.layer()
                            .flatMap(ShardManifest.Layer::fingerprints)
                            .map(ObjectRef::sizeBytes)
                            .orElse(0L);
        } catch (CorruptException e) {
            synchronized (problems) {
                problems.add(String.valueOf(e.getMessage()));
            }
            return 0;
        }
    }
}
