package dev.hindsight.testkit.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.engine.journal.JournalMerger;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.journal.MergePolicy;
import dev.hindsight.model.ring.Ring;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.retention.CollectOperation;
import dev.hindsight.operations.retention.CollectReport;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.claim.Claims;
import dev.hindsight.repository.claim.HeldClaim;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.RestorePlan;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalView;
import dev.hindsight.repository.journal.RecordSet;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ForwardingStore;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.testkit.journal.BusyJournal;
import dev.hindsight.testkit.store.FaultyObjectStore;
import dev.hindsight.testkit.store.MemoryStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A protected table with captures and a journal, and all who work on it. */
abstract class CollectRig {
    static final long SEED = Long.getLong("test.seed", 20261123L);
    static final MergePolicy POLICY = new MergePolicy(3, 8, 1 << 11, 1 << 15, 400);
    static final CatalogueEntry.Protection PROTECTION =
            new CatalogueEntry.Protection(Forge.CLUSTER, BusyJournal.TABLE, BusyJournal.ID);

    @TempDir
    Path scratch;

    MemoryStore memory = new MemoryStore();
    FaultyObjectStore store;
    BusyJournal journal;
    TestHost host;
    int backups;

    @BeforeEach
    void protect() {
        begin(SEED);
    }

    @AfterEach
    void disarm() {
        Failpoints.disarmAll();
    }

    final void begin(long seed) {
        memory = new MemoryStore();
        store = new FaultyObjectStore(memory);
        host = new TestHost("here");
        Repository.init(store, Clock.fixed(instant(BusyJournal.BEGIN), ZoneOffset.UTC));
        journal = new BusyJournal(store, scratch, seed);
        forge().append(new Change.Protect(PROTECTION, ""));
    }

    static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    Forge forge() {
        return new Forge(store, journal.clock(), host, SEED + ++backups);
    }

    /** A base whose snapshots are of now. */
    String base() {
        HeldClaim claim = baseBegun();
        base(claim, instant(journal.now()));
        return claim.run();
    }

    /** A base that is being made. */
    HeldClaim baseBegun() {
        Forge forge = forge();
        return forge.claim(Forge.id("20251124T101000Z", backups));
    }

    /** One that is being made on another machine, which lives. */
    HeldClaim baseBegunElsewhere() {
        TestHost there = new TestHost("there");
        host.whenWatching(there::beat);
        return new Forge(store, journal.clock(), there, SEED + ++backups).claim(Forge.id("20251124T101000Z", backups));
    }

    /** One whose snapshots are of some instant. */
    void base(HeldClaim claim, Instant at) {
        Forge forge = forge();
        String id = claim.run();
        BackupManifest m = forge.stored(id, at.toString(), Optional.empty(), Optional.empty());
        BackupManifest.Table table = m.tables().get(0);
        forge.repository()
                .publish(
                        new BackupManifest(
                                m.format(),
                                m.id(),
                                m.kind(),
                                m.parent(),
                                m.state(),
                                m.startedAt(),
                                m.finishedAt(),
                                m.restorePoint(),
                                m.createdBy(),
                                new Ring(Forge.CLUSTER, Ring.MURMUR3, List.of()),
                                m.snapshots(),
                                m.schema(),
                                List.of(new BackupManifest.Table(
                                        BusyJournal.TABLE,
                                        BusyJournal.ID,
                                        table.shards(),
                                        table.coverage(),
                                        table.how())),
                                m.plan(),
                                m.totals(),
                                m.rebaseOf(),
                                m.chain()),
                        claim.author());
        claim.finished();
        claim.close();
    }

    CollectOperation operation(ObjectStore on, Duration clockIsOff) {
        Clock clock = Clock.fixed(instant(journal.now()).plus(clockIsOff), ZoneOffset.UTC);
        Repository repository = Repository.open(on);
        return new CollectOperation(
                repository,
                new Claims(repository, clock, host, host, new Random(SEED + ++backups)),
                clock,
                ProgressListener.NONE);
    }

    CollectReport collect() {
        return operation(store, Duration.ZERO).execute();
    }

    JournalMerger merger(ObjectStore on) {
        return new JournalMerger(
                on,
                new JournalLog(on, BusyJournal.TABLE, BusyJournal.ID),
                scratch,
                POLICY,
                journal.clock(),
                "test",
                new Random(~(SEED + ++backups)));
    }

    /** Goes on with another store; what it holds was written before. */
    void restart(MemoryStore copy) {
        memory = copy;
        store = new FaultyObjectStore(copy);
    }

    Set<String> keys(String part) {
        return memory.keys().stream().filter(key -> key.contains(part)).collect(Collectors.toCollection(TreeSet::new));
    }

    Set<String> live() {
        return JournalView.find(journal.log()).orElseThrow().segments().stream()
                .map(segment -> segment.object().key())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    void requireAllRecords() {
        TreeMap<Long, String> records = journal.records();
        assertThat(records).hasSize((int) journal.captured());
        assertThat(records.isEmpty() ? 0 : records.lastKey()).isEqualTo(journal.captured());
    }

    /** Does something once, before an object whose key holds a text is put. */
    ObjectStore before(String key, int which, Runnable action) {
        return new Hooked(key, which, action, true);
    }

    /** The same when it was put, before whoever put it hears of it. */
    ObjectStore after(String key, int which, Runnable action) {
        return new Hooked(key, which, action, false);
    }

    private final class Hooked extends ForwardingStore {
        private final String key;
        private final Runnable action;
        private final boolean first;
        private int left;

        Hooked(String key, int which, Runnable action, boolean first) {
            super(store);
            this.key = key;
            this.left = which;
            this.action = action;
            this.first = first;
        }

        @Override
        public PutOutcome putIfAbsent(String put, Body body) {
            boolean due = put.contains(key) && left-- == 0;
            if (due && first) {
                action.run();
            }
            PutOutcome outcome = super.putIfAbsent(put, body);
            if (due && !first) {
                action.run();
            }
            return outcome;
        }
    }

    /** Does something once, before somebody asks whether an object is there whose key holds a text. */
    ObjectStore beforeLooking(String key, Runnable action) {
        boolean[] done = new boolean[1];
        return new ForwardingStore(store) {
            @Override
            public OptionalLong size(String asked) {
                if (asked.contains(key) && !done[0]) {
                    done[0] = true;
                    action.run();
                }
                return super.size(asked);
            }
        };
    }

    /** Does something once, before an object is deleted whose key holds a text. */
    ObjectStore beforeDeleting(String key, Runnable action) {
        boolean[] done = new boolean[1];
        return new ForwardingStore(store) {
            @Override
            public void delete(String gone) {
                boolean due;
                synchronized (done) {
                    due = gone.contains(key) && !done[0];
                    done[0] |= due;
                }
                if (due) {
                    action.run();
                }
                super.delete(gone);
            }
        };
    }

    RestorePlan plan(RecordSet set) {
        return plan(set, RestorePlan.FORMAT);
    }

    RestorePlan plan(RecordSet set, int format) {
        return new RestorePlan(
                format,
                "r-000000000001-1",
                instant(journal.now()),
                new ObjectRef("backups/x/manifest.json", 1, "sha256:" + "0".repeat(64)),
                "KEEP",
                0,
                new Ring(Forge.CLUSTER, Ring.MURMUR3, List.of()),
                List.of(),
                "",
                List.of(new RestorePlan.Table(
                        BusyJournal.TABLE,
                        BusyJournal.ID,
                        BusyJournal.TABLE,
                        BusyJournal.ID,
                        List.of(),
                        "",
                        Optional.of(new RestorePlan.Journal(
                                set.segments().stream()
                                        .map(one -> new RestorePlan.Segment(
                                                one.object(),
                                                0,
                                                one.firstNumber(),
                                                one.lastNumber(),
                                                one.firstToken(),
                                                one.lastToken()))
                                        .toList(),
                                List.of(new RestorePlan.Schema(List.of(), "")),
                                0,
                                set.firstNumber(),
                                set.lastNumber(),
                                false)))),
                List.of(),
                new dev.hindsight.repository.document.BackupPlan.Limits(1, 1, 1),
                Optional.empty());
    }
}
