package dev.hindsight.operations.journal;

import dev.hindsight.model.ring.Node;
import dev.hindsight.model.ring.Ownership;
import dev.hindsight.model.schema.Identifiers;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.window.Base;
import dev.hindsight.model.window.Evidence;
import dev.hindsight.model.window.HostCapture;
import dev.hindsight.model.window.OutsideData;
import dev.hindsight.model.window.RestorableWindow;
import dev.hindsight.model.window.RingSince;
import dev.hindsight.model.window.Stretch;
import dev.hindsight.model.window.WindowArithmetic;
import dev.hindsight.repository.Repository;
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
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What the repository knows about one protected table, read from its journal and from the backups that hold it.
 *
 * @param journal as its newest entry leaves it; empty for one that was never begun
 * @param bases the backups that hold it
 */
record TableEvidence(
        ProtectedTable table, JournalLog log, Optional<JournalView> journal, TableBases bases, Duration writeTimeout) {

    /** Longer than any write timeout that a cluster is run with; Cassandra's default is 2 s, 5 s for counters. */
    static final Duration WRITE_TIMEOUT = Duration.ofSeconds(10);

    /** A look at who replicates a table that is older than this, against what is sealed, is worth a note. */
    private static final long LOOKED_MICROS = 60_000_000;

    /** How far clocks of machines of one cluster may be apart. */
    private static final long CLOCKS_MICROS = 1_000_000;

    private static final String UNKNOWN = "unknown: ";

    /** Of two with one restore point a rebase is better: it needs no chain. */
    static final Comparator<BackupManifest> BASES = Comparator.comparing(BackupManifest::restorePoint)
            .thenComparing(manifest -> manifest.kind() == BackupManifest.Kind.REBASE);

    static TableEvidence read(Repository repository, ProtectedTable table) {
        return read(repository, table, () -> TableBases.read(repository, table));
    }

    /** @param bases looked for when the journal was read: no base that it reaches back to is missing */
    static TableEvidence read(Repository repository, ProtectedTable table, Supplier<TableBases> bases) {
        JournalLog log = new JournalLog(repository.store(), table.name(), table.tableId());
        Optional<JournalView> journal = JournalView.find(log);
        return new TableEvidence(table, log, journal, bases.get(), WRITE_TIMEOUT);
    }

    Map<String, BackupManifest> manifests() {
        return bases.manifests();
    }

    Optional<JournalEntry> newest() {
        return journal.map(JournalView::newest);
    }

    /** Whether something was sealed, merged or collected since this was read. */
    boolean hasMoved() {
        long known = newest().map(JournalEntry::number).orElse(0L);
        return log.newest().map(JournalEntry::number).orElse(0L) > known;
    }

    /** Exclusive, as the journal has it; empty while nothing was sealed. */
    Optional<Long> watermarkMicros() {
        return newest().map(JournalEntry::watermarkMicros);
    }

    /** Empty when there is no base, so that no ring is known and nothing can be restored. */
    Optional<Evidence> evidence() {
        return manifests().isEmpty()
                ? Optional.empty()
                : Optional.of(evidence(manifests().values().stream().toList()));
    }

    /** What can be restored, by all of this. */
    RestorableWindow window() {
        return evidence().map(WindowArithmetic::window).orElse(new RestorableWindow(List.of()));
    }

    /** As if there were no other bases than these. */
    Evidence evidence(List<BackupManifest> bases) {
        List<BackupManifest> sorted = bases.stream().sorted(BASES).toList();
        List<BackupManifest> usable =
                sorted.stream().filter(manifest -> !beganInTruncate(manifest)).toList();
        List<RingSince> rings = new ArrayList<>();
        for (BackupManifest manifest : sorted) {
            rings.add(ring(manifest, rings.isEmpty() ? Long.MIN_VALUE : began(manifest)));
        }
        return new Evidence(
                usable.stream().map(this::base).toList(),
                captures(),
                rings,
                outside(),
                watermarkMicros().map(micros -> micros - 1).orElse(Long.MIN_VALUE),
                writeTimeout.toMillis() * 1000);
    }

    private KeyspaceSchema keyspace(BackupManifest manifest) {
        return manifest.schema().stream()
                .filter(schema -> schema.name().equals(table.name().keyspace()))
                .findFirst()
                .orElseThrow();
    }

    private RingSince ring(BackupManifest manifest, long since) {
        KeyspaceSchema keyspace = keyspace(manifest);
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
        return Base.of(
                manifest.id(),
                Micros.of(manifest.restorePoint().plusNanos(999)),
                stored.coverage().stream()
                        .map(part -> new Base.Range(part.range(), part.read()))
                        .toList(),
                snapshots);
    }

    /** What the journal says was whole, less the gaps that it knows of. */
    private List<HostCapture> captures() {
        Map<UUID, List<HostCapture.Known>> whole = new TreeMap<>();
        Map<UUID, List<Stretch>> gaps = new TreeMap<>();
        journal.ifPresent(view -> {
            view.whole()
                    .forEach(one -> whole.computeIfAbsent(one.hostId(), key -> new ArrayList<>())
                            .add(new HostCapture.Known(
                                    new Stretch(one.fromMicros(), one.toMicros()),
                                    one.sinceMicros().orElse(Long.MIN_VALUE))));
            view.gaps().stream()
                    .filter(one -> !one.isOutside())
                    .forEach(one -> gaps.computeIfAbsent(one.hostId(), key -> new ArrayList<>())
                            .add(new Stretch(one.fromMicros(), one.toMicros())));
        });
        return whole.entrySet().stream()
                .map(one -> new HostCapture(one.getKey(), one.getValue(), gaps.getOrDefault(one.getKey(), List.of())))
                .toList();
    }

    private List<JournalEntry.Event> events() {
        return journal.map(JournalView::events).orElse(List.of());
    }

    /**
     * After a DROP there is no such table; a truncation is no gap, since restores honour it, but for one that came when the
     * journal was sealed beyond it, which ends the journal.
     */
    private List<OutsideData> outside() {
        List<OutsideData> out = new ArrayList<>(changesOfOwners());
        cameFromOutside().forEach(gap -> out.add(new OutsideData(gap.fromMicros(), gap.toMicros(), gap.cause())));
        unlogged()
                .forEach(manifest -> out.add(new OutsideData(
                        began(manifest),
                        Micros.of(manifest.restorePoint()),
                        "backup " + manifest.id() + " is of a keyspace with durable_writes = false")));
        Optional<String> ended = newest().flatMap(JournalEntry::ended);
        for (JournalEntry.Event event : events()) {
            if (event.kind() == JournalEntry.EventKind.DROP) {
                out.add(new OutsideData(event.atMicros(), Long.MAX_VALUE, "the table was dropped"));
            } else if (ended.isPresent() && event.upTo().isEmpty()) {
                out.add(new OutsideData(event.atMicros(), Long.MAX_VALUE, ended.get()));
            }
        }
        return out;
    }

    /** Those behind which writes are in no log. */
    private List<BackupManifest> unlogged() {
        return manifests().values().stream()
                .filter(manifest -> !keyspace(manifest).durableWrites())
                .toList();
    }

    private List<JournalEntry.Gap> cameFromOutside() {
        return journal.map(JournalView::gaps).orElse(List.of()).stream()
                .filter(JournalEntry.Gap::isOutside)
                .toList();
    }

    /** @param owners their digest; of what nobody knows a text that is no digest, another for each backup */
    private record Seen(long atMicros, String owners) {
        static Seen unknown(long atMicros, TableBases.Unread by) {
            return new Seen(atMicros, UNKNOWN + by.backup());
        }

        boolean unknown() {
            return owners.startsWith(UNKNOWN);
        }
    }

    /** Who replicated the table when: by the journal's entries, and by the backups, whose ring stood while they began. */
    private List<Seen> seen() {
        List<Seen> out = new ArrayList<>();
        journal.ifPresent(view -> view.owners().forEach(run -> {
            out.add(new Seen(run.fromMicros(), run.digest()));
            out.add(new Seen(run.toMicros(), run.digest()));
        }));
        for (BackupManifest manifest : manifests().values()) {
            String digest =
                    OwnersSurvey.digest(manifest.ring(), keyspace(manifest).parsedReplication());
            out.add(new Seen(began(manifest) - 1, digest));
            out.add(new Seen(Micros.of(manifest.restorePoint()), digest));
        }
        bases.unread().forEach(one -> one.lookedMicros().forEach(at -> out.add(Seen.unknown(at, one))));
        out.sort(Comparator.comparingLong(Seen::atMicros));
        return out;
    }

    /** Between two looks at it that differ nobody knows who had which writes; a base behind it begins anew. */
    private List<OutsideData> changesOfOwners() {
        List<OutsideData> out = new ArrayList<>();
        Seen last = null;
        for (Seen next : seen()) {
            if (last != null && !last.owners().equals(next.owners())) {
                out.add(new OutsideData(
                        Math.min(last.atMicros() + 1, next.atMicros()),
                        next.atMicros(),
                        (last.unknown() || next.unknown()
                                        ? "a damaged backup leaves open who replicated the table between "
                                        : "who replicates the table changed between ")
                                + Micros.instant(last.atMicros()) + " and " + Micros.instant(next.atMicros())));
            }
            last = next;
        }
        return out;
    }

    /** What closes the window, or leaves it open only on trust, with what to do. */
    List<String> notes() {
        List<String> out = new ArrayList<>();
        bases.unread()
                .forEach(one -> out.add("backup " + one.backup() + " was left out, as its manifest cannot be read: "
                        + one.problem() + "; run 'hindsight verify'"));
        if (!bases.elsewhere().isEmpty()) {
            out.add(strangers());
        }
        long newestBase = manifests().values().stream()
                .mapToLong(TableEvidence::began)
                .max()
                .orElse(Long.MIN_VALUE);
        changesOfOwners()
                .forEach(change -> out.add(change.cause()
                        + (newestBase > change.toMicros()
                                ? ": nothing can be restored from there to the next backup"
                                : ": nothing can be restored from there on; take a base with 'hindsight backup --table "
                                        + table.name() + "'")));
        Map<String, List<JournalEntry.Gap>> byCause = cameFromOutside().stream()
                .filter(gap -> newestBase <= gap.toMicros())
                .collect(Collectors.groupingBy(JournalEntry.Gap::cause, TreeMap::new, Collectors.toList()));
        byCause.forEach((cause, gaps) -> out.add(inNoLog(cause, gaps)));
        unlogged()
                .forEach(manifest -> out.add("backup " + manifest.id() + " is no base: keyspace "
                        + table.name().keyspace()
                        + " had durable_writes = false, so that what was written is in no log;"
                        + " say ALTER KEYSPACE "
                        + Identifiers.quote(table.name().keyspace())
                        + " WITH durable_writes = true, and take a base after it"));
        out.addAll(evidence().map(WeakNotes::of).orElse(List.of()));
        Optional<Long> looked = seen().stream()
                .filter(one -> !one.unknown())
                .map(Seen::atMicros)
                .reduce(Math::max);
        long sealed = watermarkMicros().orElse(Long.MIN_VALUE);
        looked.filter(at -> at < sealed - LOOKED_MICROS)
                .ifPresent(at -> out.add("who replicates the table was last looked at " + Micros.instant(at)
                        + ": instants behind that count on that nothing changed, until the cluster is reached again"));
        return out;
    }

    private String inNoLog(String cause, List<JournalEntry.Gap> gaps) {
        long from = gaps.stream().mapToLong(JournalEntry.Gap::fromMicros).min().orElseThrow();
        long to = gaps.stream().mapToLong(JournalEntry.Gap::toMicros).max().orElseThrow();
        return "data that are in no log came between " + Micros.instant(from) + " and " + Micros.instant(to) + " ("
                + cause
                + "): nothing can be restored from there on; take a base with 'hindsight backup --table " + table.name()
                + "'";
    }

    private String strangers() {
        String which = (bases.elsewhere().size() == 1 ? "backup " : "backups ")
                + String.join(", ", new TreeSet<>(bases.elsewhere()));
        return manifests().isEmpty()
                ? which + " are of several clusters with the name '" + table.cluster()
                        + "', and which of them was protected is not known any more; " + beginAgain()
                : which
                        + " left out: no node had the host id and the address of the protected cluster's, so it is a copy"
                        + " of that cluster, or all of it has moved. A copy needs a repository of its own; if it has"
                        + " moved, " + beginAgain();
    }

    private String beginAgain() {
        return "run 'hindsight unprotect " + table.name() + "', then 'hindsight protect " + table.name() + "'";
    }

    /** An instant of these may be off by so much. */
    long uncertaintyMicros(long fromMicros, long toMicros) {
        return journal.map(view -> view.offMicros(fromMicros, toMicros)).orElse(0L);
    }

    /**
     * Whether the table was truncated while the backup began, as far as clocks of several machines tell: then nobody can say
     * which of its snapshots have what was taken away.
     */
    private boolean beganInTruncate(BackupManifest manifest) {
        long began = began(manifest);
        return events().stream()
                .anyMatch(event -> event.kind() == JournalEntry.EventKind.TRUNCATE
                        && event.atMicros() < began
                        && began - event.atMicros() <= CLOCKS_MICROS);
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

    /** The earliest that one of its snapshots was asked for. */
    static long began(BackupManifest manifest) {
        return manifest.snapshots().stream()
                .map(snapshot -> requested(manifest, snapshot))
                .flatMap(Optional::stream)
                .reduce(Math::min)
                .orElse(Math.min(Micros.of(manifest.startedAt()), Micros.of(manifest.restorePoint())));
    }

    /** From there on records may be of writes that are not in the base. */
    long recordsFromMicros(BackupManifest base) {
        NotInBase of = NotInBase.of(base, table.tableId(), writeTimeout);
        return journal.map(of::recordsFromMicros).orElse(of.writtenFromMicros());
    }
}
