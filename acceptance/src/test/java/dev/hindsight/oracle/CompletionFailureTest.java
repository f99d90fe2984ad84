package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.BusyException;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.journal.CompletionPolicy;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.journal.CompleteOperation;
import dev.hindsight.operations.journal.CompleteReport;
import dev.hindsight.operations.journal.CompleteRequest;
import dev.hindsight.operations.journal.DueRuns;
import dev.hindsight.operations.journal.HistoryOperation;
import dev.hindsight.operations.journal.HistoryReport;
import dev.hindsight.operations.journal.HistoryRequest;
import dev.hindsight.operations.journal.Manifests;
import dev.hindsight.operations.journal.ProtectedTable;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalView;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.DirectoryStore;
import dev.hindsight.repository.store.ForwardingStore;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.synthesis.journal.BeforeValues;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Completing, and telling a history, where something is missing, is tidied away meanwhile, or the service ends. */
class CompletionFailureTest {
    /** With a hole, and another base behind it. */
    private static final int TWO_STRETCHES = 2;

    @TempDir
    Path temp;

    private HistoryWorld world;

    @BeforeAll
    static void start() {
        CassandraRuntime.start();
    }

    @BeforeEach
    void make() {
        world = new HistoryWorld(TWO_STRETCHES, temp.resolve("w"));
    }

    private CompleteOperation operation(Repository repository, BooleanSupplier ending) {
        return new CompleteOperation(
                repository, temp.resolve("scratch"), 1 << 30, Clock.systemUTC(), new Manifests(repository), ending);
    }

    private static CompleteReport complete(CompleteOperation operation) {
        return operation.complete(new CompleteRequest(HistoryWorld.TABLE, false, false));
    }

    private JournalView view() {
        return JournalView.find(new JournalLog(world.repository().store(), HistoryWorld.TABLE, HistoryWorld.TABLE_ID))
                .orElseThrow();
    }

    private ObjectStore store() {
        return DirectoryStore.open(world.directory().resolve("r"));
    }

    private List<String> scratch() throws IOException {
        Path scratch = temp.resolve("scratch");
        if (!Files.exists(scratch)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(scratch)) {
            return all.map(one -> one.getFileName().toString()).toList();
        }
    }

    @Test
    void missingBaseKeepsOnlyTheRecordsBeforeTheNextOneFromBeingCompleted() throws IOException {
        try (Stream<Path> all = Files.walk(world.directory().resolve("r").resolve("data"))) {
            for (Path file : all.filter(one -> one.toString().contains("/b1/") && Files.isRegularFile(one))
                    .toList()) {
                Files.delete(file);
            }
        }
        CompleteOperation operation = operation(world.repository(), () -> false);
        CompleteOperation eager = new CompleteOperation(
                world.repository(),
                temp.resolve("scratch"),
                1 << 30,
                new CompletionPolicy(0, 1, 1 << 20, 1_000),
                BeforeValues.Limits.STANDARD,
                Clock.systemUTC(),
                ProgressListener.NONE);
        DueRuns due = eager.completeDue(
                ProtectedTable.find(world.repository().catalogue().view(), HistoryWorld.TABLE), 4);
        assertThat(due.published()).isTrue();
        assertThat(due.failure()).containsInstanceOf(CorruptException.class);
        assertThatThrownBy(() -> complete(operation))
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining("b1");
        assertThat(view().completions()).isNotEmpty().allMatch(one -> one.base().equals("b2"));
    }

    /** As a merge does: the log goes on, and what was read is not there any more. */
    private final class TidiedAway extends ForwardingStore {
        private final boolean moves;
        private int times;

        TidiedAway(int times, boolean moves) {
            super(store());
            this.times = times;
            this.moves = moves;
        }

        @Override
        public void read(String key, long position, byte[] into, int offset, int length) {
            if (key.contains("/segments/") && times-- > 0) {
                if (moves) {
                    move();
                }
                throw new NotFoundException("there is no object " + key, "look");
            }
            super.read(key, position, into, offset, length);
        }

        private void move() {
            JournalLog log = new JournalLog(world.repository().store(), HistoryWorld.TABLE, HistoryWorld.TABLE_ID);
            JournalEntry newest = log.newest().orElseThrow();
            List<JournalEntry.Segment> segments = view().segments();
            log.append(newest.upkeep(
                    log.digestOf(newest.number()),
                    Instant.EPOCH,
                    "test",
                    segments,
                    new JournalEntry.Upkeep(
                            segments.stream().map(one -> one.object().key()).toList(), 0, Optional.empty())));
        }
    }

    private HistoryReport history(ObjectStore store) {
        return new HistoryOperation(Repository.open(store), temp.resolve("scratch"), 1 << 30, ProgressListener.NONE)
                .history(new HistoryRequest(HistoryWorld.TABLE, "id=1", Optional.empty(), Optional.empty(), 1_000));
    }

    @Test
    void historyIsToldAnewWhenSegmentsAreTidiedAwayMeanwhile() {
        HistoryReport undisturbed = history(store());
        assertThat(history(new TidiedAway(2, true))).isEqualTo(undisturbed);
        assertThatThrownBy(() -> history(new TidiedAway(1_000, true)))
                .isInstanceOf(NotAppliedException.class)
                .matches(e -> ((NotAppliedException) e).retryable());
        assertThatThrownBy(() -> history(new TidiedAway(1_000, false)))
                .as("it is missing")
                .isInstanceOf(CorruptException.class);
    }

    @Test
    void completionGoesOnWhenSegmentsAreTidiedAwayMeanwhile() {
        CompleteReport report = complete(operation(Repository.open(new TidiedAway(2, true)), () -> false));
        assertThat(report.leftRecords()).isZero();
        assertThat(view().completions()).extracting(one -> one.base()).contains("b1", "b2");
    }

    /** Notes what is read, and what lies in scratch while it is. */
    private final class Noted extends ForwardingStore {
        private final Set<String> read = new ConcurrentSkipListSet<>();
        private final Set<String> scratch = new ConcurrentSkipListSet<>();

        Noted() {
            super(store());
        }

        private void note(String key) {
            read.add(key);
            try {
                scratch.addAll(scratch());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public InputStream get(String key) {
            note(key);
            return super.get(key);
        }

        @Override
        public void read(String key, long position, byte[] into, int offset, int length) {
            note(key);
            super.read(key, position, into, offset, length);
        }

        @Override
        public PutOutcome putIfAbsent(String key, Body body) {
            note(key);
            return super.putIfAbsent(key, body);
        }
    }

    @Test
    void whatIsNotDueCostsNoLookAtABase() {
        Noted store = new Noted();
        Repository repository = Repository.open(store);
        CompleteOperation operation = operation(repository, () -> false);
        ProtectedTable table = ProtectedTable.find(repository.catalogue().view(), HistoryWorld.TABLE);
        assertThat(operation.completeDue(table, 4).runs()).isNotEmpty();
        assertThat(store.scratch)
                .isNotEmpty()
                .allMatch(one -> one.startsWith("run-complete-") || one.startsWith("new-"));
        store.read.clear();
        assertThat(operation.completeDue(table, 4).runs()).isEmpty();
        assertThat(store.read).noneMatch(key -> key.startsWith("data/") || key.contains("manifest"));
    }

    @Test
    void whatEndsLeavesNothingAndIsGoneOnWith() throws IOException {
        int[] looks = new int[1];
        CompleteOperation ended = operation(world.repository(), () -> ++looks[0] > 3);
        assertThatThrownBy(() -> complete(ended)).isInstanceOf(BusyException.class);
        assertThat(scratch()).isEmpty();
        assertThat(view().completions()).isEmpty();
        assertThat(complete(operation(world.repository(), () -> false)).leftRecords())
                .isZero();
        assertThat(scratch()).isEmpty();
    }
}
