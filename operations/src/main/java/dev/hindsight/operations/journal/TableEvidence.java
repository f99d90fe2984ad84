package dev.hindsight.operations.journal;

import dev.hindsight.model.ring.Node;
import dev.hindsight.model.ring.Ownership;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.window.Base;
import dev.hindsight.model.window.Evidence;
import dev.hindsight.model.window.HostCapture;
import dev.hindsight.model.window.OutsideData;
import dev.hindsight.model.window.RingSince;
import dev.hindsight.model.window.Stretch;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * What the repository knows about one protected table, read from its journal and from the backups that hold it.
 *
 * @param journal as its newest entry leaves it; empty for one that was never begun
 * @param manifests of the backups that hold this very table, by id
 */
record TableEvidence(
        ProtectedTable table,
        JournalLog log,
        Optional<JournalView> journal,
        Map<String, BackupManifest> manifests,
        Duration writeTimeout) {

    /** Longer than any write timeout that a cluster is run with; Cassandra's default is 2 s, 5 s for counters. */
    static final Duration WRITE_TIMEOUT = Duration.ofSeconds(10);

    /** Of two with one restore point a rebase is better: it needs no chain. */
    static final Comparator<BackupManifest> BASES = Comparator.comparing(BackupManifest::restorePoint)
            .thenComparing(manifest -> manifest.kind() == BackupManifest.Kind.REBASE);

    static TableEvidence read(Repository repository, ProtectedTable table) {
        JournalLog log = new JournalLog(repository.store(), table.name(), table.tableId());
        Optional<JournalView> journal = JournalView.find(log);
        Map<String, BackupManifest> manifests = new TreeMap<>();
        for (PublishedBackup backup : repository.catalogue().view().backups()) {
            BackupManifest manifest = repository.load(backup.manifest(), BackupManifest.class);
            boolean holdsIt = manifest.ring().clusterName().equals(table.cluster())
                    && manifest.tables().stream()
                            .anyMatch(one -> one.name().equals(table.name())
                                    && one.tableId().equals(table.tableId()));
            if (holdsIt) {
                manifests.put(backup.id(), manifest);
            }
        }
        return new TableEvidence(table, log, journal, manifests, WRITE_TIMEOUT);
    }

    Optional<JournalEntry> newest() {
        return journal.map(JournalView::newest);
    }

    /** Exclusive, as the journal has it; empty while nothing was sealed. */
    Optional<Long> watermarkMicros() {
        return newest().map(JournalEntry::watermarkMicros);
    }

    /** Empty when there is no base, so that no ring is known and nothing can be restored. */
    Optional<Evidence> evidence() {
        return manifests.isEmpty()
                ? Optional.empty()
                : Optional.of(evidence(manifests.values().stream().toList()));
    }

    /** As if there were no other bases than these. */
    Evidence evidence(List<BackupManifest> bases) {
        List<BackupManifest> sorted = bases.stream().sorted(BASES).toList();
        List<RingSince> rings = new ArrayList<>();
        for (BackupManifest manifest : sorted) {
            rings.add(ring(manifest, rings.isEmpty() ? Long.MIN_VALUE : began(manifest)));
        }
        return new Evidence(
                sorted.stream().map(this::base).toList(),
                captures(),
                rings,
                outside(),
                watermarkMicros().map(micros -> micros - 1).orElse(Long.MIN_VALUE),
                writeTimeout.toMillis() * 1000);
    }

    private RingSince ring(BackupManifest manifest, long since) {
        KeyspaceSchema keyspace = manifest.schema().stream()
                .filter(schema -> schema.name().equals(table.name().keyspace()))
                .findFirst()
                .orElseThrow();
        Map<UUID, String> datacenters =
                manifest.ring().nodes().stream().collect(Collectors.toMap(Node::hostId, Node::datacenter));
        return new RingSince(
                since,
                Ownership.of(manifest.ring(), keyspace.parsedReplication()).joined(),
                datacenters);
    }

    private Base base(BackupManifest manifest) {
        BackupManifest.Table stored = manifest.tables().stream()
                .filter(one -> one.name().equals(table.name()))
                .findFirst()
                .orElseThrow();
        Map<UUID, Long> snapshots = new HashMap<>();
        for (BackupManifest.NodeSnapshot snapshot : manifest.snapshots()) {
            requested(manifest, snapshot).ifPresent(at -> snapshots.put(snapshot.hostId(), at));
        }
        return new Base(
                manifest.id(),
                Micros.of(manifest.restorePoint().plusNanos(999)),
                stored.coverage().stream()
                        .map(part -> new Base.Range(part.range(), part.read()))
                        .toList(),
                snapshots);
    }

    /** What the entries say was whole, less the gaps that any of them knows of. */
    private List<HostCapture> captures() {
        Map<UUID, List<Stretch>> whole = new TreeMap<>();
        Map<UUID, List<Stretch>> gaps = new TreeMap<>();
        journal.ifPresent(view -> {
            view.whole()
                    .forEach(one -> whole.computeIfAbsent(one.hostId(), key -> new ArrayList<>())
                            .add(new Stretch(one.fromMicros(), one.toMicros())));
            view.gaps()
                    .forEach(one -> gaps.computeIfAbsent(one.hostId(), key -> new ArrayList<>())
                            .add(new Stretch(one.fromMicros(), one.toMicros())));
        });
        return whole.entrySet().stream()
                .map(one -> new HostCapture(
                        one.getKey(), Stretch.without(one.getValue(), gaps.getOrDefault(one.getKey(), List.of()))))
                .toList();
    }

    /** After a DROP there is no such table; a truncation is no gap, since restores honour it. */
    private List<OutsideData> outside() {
        return journal.stream()
                .flatMap(view -> view.events().stream())
                .filter(event -> event.kind() == JournalEntry.EventKind.DROP)
                .map(event -> new OutsideData(event.atMicros(), Long.MAX_VALUE, "the table was dropped"))
                .toList();
    }

    /**
     * Not after the snapshot was asked for. A rebase has it from the backup that it was made of. A backup that went on with
     * the snapshots of a run that was cut does not know it: then its snapshots count as not read.
     */
    private static Optional<Long> requested(BackupManifest manifest, BackupManifest.NodeSnapshot snapshot) {
        return snapshot.requestedAt()
                .or(() -> Optional.of(manifest.startedAt())
                        .filter(began -> manifest.kind() != BackupManifest.Kind.REBASE)
                        .filter(began -> snapshot.snapshotAt()
                                .map(at -> !at.isBefore(began))
                                .orElse(false)))
                .map(Micros::of);
    }

    private static long began(BackupManifest manifest) {
        return manifest.snapshots().stream()
                .map(snapshot -> requested(manifest, snapshot))
                .flatMap(Optional::stream)
                .reduce(Math::min)
                .orElse(Math.min(Micros.of(manifest.startedAt()), Micros.of(manifest.restorePoint())));
    }

    /** When the earliest write may have reached a node that is not in the base. */
    long recordsFromMicros(BackupManifest base) {
        return began(base) - writeTimeout.toMillis() * 1000;
    }
}
