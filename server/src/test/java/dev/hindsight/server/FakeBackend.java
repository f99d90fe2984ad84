package dev.hindsight.server;

import dev.hindsight.engine.journal.CaptureStream;
import dev.hindsight.engine.journal.SealReport;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.journal.Incarnation;
import dev.hindsight.model.ring.Node;
import dev.hindsight.model.ring.Ring;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.backup.BackupReport;
import dev.hindsight.operations.journal.CaptureSurvey;
import dev.hindsight.operations.journal.DueRuns;
import dev.hindsight.operations.journal.HistoryReport;
import dev.hindsight.operations.journal.HistoryRequest;
import dev.hindsight.operations.journal.ProtectReport;
import dev.hindsight.operations.journal.ProtectedTable;
import dev.hindsight.operations.journal.WindowReport;
import dev.hindsight.operations.restore.RestoreForecast;
import dev.hindsight.operations.restore.RestoreReport;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.ObjectRef;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A repository and a cluster of the mind: tables become protected, and everything since then can be restored. */
public final class FakeBackend implements Backend {
    public static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    public static final TableName ORDERS = new TableName("shop", "orders");
    static final UUID HOST = new UUID(1, 2);
    static final Ring RING = new Ring(
            "prod", Ring.MURMUR3, List.of(new Node(HOST, "10.0.0.1:9042", "dc1", "r1", List.of(1L), "5.0.9", true)));

    public final List<String> calls = new CopyOnWriteArrayList<>();
    public final List<RestoreOrder> restored = new CopyOnWriteArrayList<>();
    public final Set<TableName> known = new TreeSet<>(Set.of(ORDERS));
    public final Map<TableName, Instant> bases = new ConcurrentHashMap<>();
    public final Map<TableName, Instant> firstBases = new ConcurrentHashMap<>();
    public final Map<TableName, String> guarantees = new ConcurrentHashMap<>();
    public final Map<TableName, Instant> windowEnds = new ConcurrentHashMap<>();
    public final Map<TableName, Instant> gapEnds = new ConcurrentHashMap<>();
    public final Map<TableName, Long> records = new ConcurrentHashMap<>();
    public final Map<TableName, UUID> createdAgain = new ConcurrentHashMap<>();
    public final Map<TableName, String> ended = new ConcurrentHashMap<>();
    /** Of the cluster. */
    public volatile boolean away;
    /** Runs when it was asked which table has a name. */
    public volatile Runnable whenLookedAt = () -> {};

    public volatile long captured;
    public volatile Map<String, String> silent = Map.of();
    public volatile Ring ring = RING;
    public volatile @Nullable HindsightException storeFailure;
    public volatile @Nullable HindsightException workFailure;
    public volatile @Nullable HindsightException sealFailure;
    public volatile @Nullable HindsightException historyFailure;
    /** Each history waits for it. */
    public volatile CountDownLatch historyGate = new CountDownLatch(0);

    public final AtomicInteger historiesTold = new AtomicInteger();
    /** Who asks which tables are protected waits for it. */
    public volatile CountDownLatch storeGate = new CountDownLatch(0);

    public final AtomicInteger waiting = new AtomicInteger();
    public volatile @Nullable RuntimeException closeFailure;
    /** Of single tables: of sealing, merging, windows and backups. */
    public final Map<TableName, RuntimeException> failures = new ConcurrentHashMap<>();

    public final Map<TableName, RuntimeException> completeFailures = new ConcurrentHashMap<>();
    /** Tables of which something is merged the next time. */
    public final Set<TableName> merges = ConcurrentHashMap.newKeySet();

    public final Map<TableName, DueRuns> completed = new ConcurrentHashMap<>();
    /** Of all that asks which tables are protected. */
    public volatile @Nullable Error error;
    /** Work waits for it. */
    public volatile CountDownLatch gate = new CountDownLatch(0);

    private final Map<TableName, ProtectedTable> tables = new TreeMap<>();
    private final MovingClock clock;
    private volatile boolean closed;

    public FakeBackend(MovingClock clock) {
        this.clock = clock;
    }

    public synchronized void standing(TableName table) {
        tables.put(
                table,
                new ProtectedTable("prod", table, createdAgain.getOrDefault(table, id(table)), clock.instant(), true));
    }

    @Override
    public String location() {
        return "nowhere";
    }

    private static void await(CountDownLatch opened) {
        try {
            opened.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void slowStore() {
        waiting.incrementAndGet();
        try {
            await(storeGate);
        } finally {
            waiting.decrementAndGet();
        }
    }

    private void store() {
        HindsightException failure = storeFailure;
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public List<ProtectedTable> protections() {
        slowStore();
        store();
        Error broken = error;
        if (broken != null) {
            throw broken;
        }
        return standing();
    }

    @Override
    public List<ProtectedTable> protections(String keyspace) {
        return protections().stream()
                .filter(table -> table.name().keyspace().equals(keyspace))
                .toList();
    }

    private synchronized List<ProtectedTable> standing() {
        return tables.values().stream().filter(ProtectedTable::standing).toList();
    }

    @Override
    public synchronized ProtectedTable find(TableName table) {
        store();
        return Optional.ofNullable(tables.get(table))
                .orElseThrow(() -> new NotFoundException("table " + table + " is not protected", "protect it"));
    }

    @Override
    public Optional<UUID> liveId(TableName table) {
        if (away) {
            throw new ClusterUnreachableException("no node answers", "start one");
        }
        UUID id = createdAgain.getOrDefault(table, id(table));
        whenLookedAt.run();
        return Optional.of(id);
    }

    private static UUID id(TableName table) {
        return UUID.nameUUIDFromBytes(table.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    @Override
    public CaptureSurvey captures() {
        calls.add("captures");
        CaptureStream stream = new CaptureStream(
                HOST, Incarnation.parse("1763800000000-0000abcd").orElseThrow());
        return new CaptureSurvey(List.of(stream), Set.of(HOST), Map.of(stream, captured), silent);
    }

    @Override
    public Set<UUID> touched(List<ProtectedTable> tables, CaptureSurvey captures) {
        return tables.stream()
                .filter(table -> records.getOrDefault(table.name(), 0L) > 0)
                .map(ProtectedTable::tableId)
                .collect(Collectors.toSet());
    }

    @Override
    public SealReport seal(ProtectedTable table, CaptureSurvey captures) {
        calls.add("seal " + table.name());
        HindsightException failure = sealFailure;
        if (failure != null) {
            throw failure;
        }
        failFor(table.name());
        long made = Optional.ofNullable(records.get(table.name())).orElse(0L);
        return new SealReport(
                made > 0 ? 1 : 0, made, made * 100, 0, micros(clock.instant()), false, Optional.empty(), List.of());
    }

    private void failFor(TableName table) {
        RuntimeException failure = failures.get(table);
        if (failure != null) {
            throw failure;
        }
    }

    private static long micros(Instant at) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, at);
    }

    @Override
    public DueRuns complete(ProtectedTable table) {
        calls.add("complete " + table.name());
        if (completeFailures.containsKey(table.name())) {
            throw completeFailures.get(table.name());
        }
        return completed.getOrDefault(table.name(), DueRuns.NONE);
    }

    @Override
    public boolean merge(ProtectedTable table) {
        calls.add("merge " + table.name());
        failFor(table.name());
        return merges.remove(table.name());
    }

    @Override
    public WindowReport window(TableName name, Optional<Instant> at) {
        calls.add("window " + name);
        ProtectedTable table = find(name);
        if (failures.get(name) instanceof IllegalStateException broken) {
            throw broken;
        }
        Optional<Instant> from =
                Optional.ofNullable(firstBases.get(name)).or(() -> Optional.ofNullable(bases.get(name)));
        Instant sealed = clock.instant();
        Instant to = Optional.ofNullable(windowEnds.get(name)).orElse(sealed.minusNanos(1000));
        List<WindowReport.Span> spans = from
                .map(start -> new WindowReport.Span(
                        start,
                        to,
                        "20261122T100000Z-ab12",
                        Optional.ofNullable(guarantees.get(name)).orElse("ONE"),
                        Map.of("dc1", "ONE"),
                        0.1))
                .stream()
                .toList();
        Optional<WindowReport.Asked> asked = at.map(instant -> {
            Optional<WindowReport.Span> span = spans.stream()
                    .filter(one -> !one.from().isAfter(instant) && !one.to().isBefore(instant))
                    .findFirst();
            return new WindowReport.Asked(
                    instant,
                    span,
                    spans.stream()
                            .map(WindowReport.Span::to)
                            .filter(end -> !end.isAfter(instant))
                            .findFirst(),
                    spans.stream()
                            .map(WindowReport.Span::from)
                            .filter(start -> !start.isBefore(instant))
                            .findFirst());
        });
        return new WindowReport(
                name,
                table.tableId(),
                table.cluster(),
                table.standing(),
                table.since(),
                spans,
                Optional.of(sealed),
                0.5,
                7,
                List.of(new WindowReport.Gap(HOST, NOW, gapEnds.getOrDefault(name, NOW.plusSeconds(1)), "log lost")),
                List.of(new WindowReport.Event("TRUNCATE", NOW)),
                Optional.ofNullable(ended.get(name)),
                List.of("a note"),
                asked);
    }

    @Override
    public HistoryReport history(HistoryRequest request) {
        store();
        HindsightException failure = historyFailure;
        if (failure != null) {
            throw failure;
        }
        historiesTold.incrementAndGet();
        await(historyGate);
        HistoryReport.Value paid =
                new HistoryReport.Value(Optional.of("'paid'"), NOW, Optional.of(60), Optional.of(NOW.plusSeconds(60)));
        HistoryReport.Row row = new HistoryReport.Row(
                Map.of("line", "3"),
                false,
                HistoryReport.Operation.UPDATE,
                false,
                true,
                List.of("state"),
                Map.of(),
                Map.of("state", paid),
                Map.of(
                        "state",
                        paid,
                        "gone",
                        new HistoryReport.Value(Optional.empty(), NOW, Optional.empty(), Optional.empty())),
                Map.of());
        return new HistoryReport(
                request.table(),
                find(request.table()).tableId(),
                request.key(),
                request.from().orElse(NOW),
                request.to().orElse(NOW.plusSeconds(9)),
                window(request.table(), Optional.empty()).spans(),
                NOW.plusSeconds(10),
                request.limit(),
                1,
                Optional.of(NOW),
                List.of(
                        new HistoryReport.Version(
                                HistoryReport.Kind.CHANGE,
                                Optional.of(7L),
                                NOW.plusSeconds(1),
                                Optional.empty(),
                                Optional.of(NOW.plusSeconds(1)),
                                Optional.of(NOW),
                                false,
                                List.of(HOST),
                                List.of(HistoryReport.Operation.DELETE_RANGE, HistoryReport.Operation.UPDATE),
                                Optional.empty(),
                                List.of(new HistoryReport.Range(List.of("1"), true, List.of(), false, NOW)),
                                3,
                                List.of(row),
                                2,
                                ""),
                        new HistoryReport.Missing(
                                HistoryReport.Kind.WEAKER, NOW, NOW.plusSeconds(2), "QUORUM", List.of("log lost"))),
                List.of(),
                List.of(new HistoryReport.RowThen(Map.of("line", "3"), false, Map.of("state", paid))));
    }

    @Override
    public Optional<LastBase> lastBase(ProtectedTable table) {
        return Optional.ofNullable(bases.get(table.name())).map(at -> new LastBase("20261122T100000Z-ab12", at, RING));
    }

    @Override
    public Ring ring() {
        calls.add("ring");
        return ring;
    }

    private void work(String what, ProgressListener progress) {
        calls.add(what);
        progress.phase("shards", 100);
        progress.advance(40);
        progress.note("a note");
        await(gate);
        if (closed) {
            throw new dev.hindsight.model.failure.NotAppliedException("the run is being ended", "run it again");
        }
        HindsightException failure = workFailure;
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public ProtectReport protect(List<TableName> wanted, ProgressListener progress) {
        work("protect " + wanted, progress);
        for (TableName table : wanted) {
            if (!known.contains(table)) {
                throw new NotFoundException("cluster 'prod' has no table " + table, "names are taken as stored");
            }
            standing(table);
            bases.put(table, clock.instant());
            firstBases.putIfAbsent(table, clock.instant());
        }
        return new ProtectReport(
                wanted.stream()
                        .map(table -> new ProtectReport.Table(table, new UUID(3, 4), false))
                        .toList(),
                "prod",
                List.of("10.0.0.1:9042"),
                List.of(),
                "20261122T100000Z-ab12",
                clock.instant(),
                List.of());
    }

    @Override
    public synchronized ProtectedTable unprotect(TableName name) {
        ProtectedTable table = find(name);
        if (!table.standing()) {
            throw new PreconditionFailedException("table " + name + " is not protected any more", "leave it");
        }
        ProtectedTable ended = new ProtectedTable("prod", name, table.tableId(), table.since(), false);
        tables.put(name, ended);
        return ended;
    }

    @Override
    public BackupReport backup(Set<TableName> wanted, ProgressListener progress) {
        work("backup " + new TreeSet<>(wanted), progress);
        wanted.forEach(this::failFor);
        List<BackupManifest.Table> held = new ArrayList<>();
        for (TableName table : new TreeSet<>(wanted)) {
            bases.put(table, clock.instant());
            firstBases.putIfAbsent(table, clock.instant());
            held.add(new BackupManifest.Table(table, new UUID(3, 4), List.of(), List.of()));
        }
        return new BackupReport(
                new BackupManifest(
                        1,
                        "20261122T110000Z-ab13",
                        BackupManifest.Kind.FULL,
                        Optional.empty(),
                        BackupManifest.State.COMPLETE,
                        clock.instant(),
                        clock.instant(),
                        clock.instant(),
                        "hindsight 0.1.0",
                        ring,
                        List.of(),
                        List.of(),
                        held,
                        new ObjectRef("backups/x/plan.json", 10, "sha256:00"),
                        new BackupManifest.Totals(1, 1, 1, 1, 1, 1, 1, 1)),
                1,
                1.5,
                Optional.empty(),
                List.of(),
                0,
                0,
                0,
                OptionalInt.empty(),
                List.of());
    }

    @Override
    public RestoreForecast planRestore(RestoreOrder order, ProgressListener progress) {
        work("plan", progress);
        return new RestoreForecast(
                "20261122T100000Z-ab12",
                NOW,
                Optional.of(order.at()),
                "prod",
                List.of(),
                List.of(),
                List.of("CREATE TABLE x"),
                1,
                1,
                1,
                List.of(1),
                1,
                List.of(),
                Optional.empty(),
                List.of());
    }

    @Override
    public RestoreReport restore(RestoreOrder order, ProgressListener progress) {
        restored.add(order);
        work("restore " + order.at(), progress);
        TableName source = order.table().orElse(ORDERS);
        return new RestoreReport(
                "20261122T120000Z-cd34",
                "20261122T100000Z-ab12",
                Optional.of(order.at()),
                List.of(new RestoreReport.Result(
                        source, order.as().orElse(source), new UUID(5, 6), 10, true, 1, Optional.empty())),
                100,
                1,
                2.5,
                true,
                List.of());
    }

    @Override
    public void close() {
        calls.add("close");
        closed = true;
        gate.countDown();
        RuntimeException failure = closeFailure;
        if (failure != null) {
            throw failure;
        }
    }
}
