package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.journal.CompletionPolicy;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.journal.CompleteOperation;
import dev.hindsight.operations.journal.CompleteReport;
import dev.hindsight.operations.journal.CompleteRequest;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.document.Completion;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalView;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.DirectoryStore;
import dev.hindsight.repository.store.ForwardingStore;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.synthesis.journal.BeforeValues;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Completing what is cut, what another one completes at the same time, and what a collection comes in between of. */
class CompletionCutTest {
    private static final CompletionPolicy SMALL = new CompletionPolicy(0, 1, 4_000, 60);

    private static final CompleteRequest ALL = new CompleteRequest(HistoryWorld.TABLE, false, false);

    @TempDir
    Path temp;

    @BeforeAll
    static void start() {
        CassandraRuntime.start();
    }

    @AfterEach
    void disarm() {
        Failpoints.disarmAll();
    }

    private CompleteOperation operation(Repository repository, CompletionPolicy policy) {
        return new CompleteOperation(
                repository,
                temp.resolve("scratch"),
                1 << 30,
                policy,
                BeforeValues.Limits.STANDARD,
                Clock.systemUTC(),
                ProgressListener.NONE);
    }

    private static JournalView view(Repository repository) {
        return JournalView.find(log(repository)).orElseThrow();
    }

    private static JournalLog log(Repository repository) {
        return new JournalLog(repository.store(), HistoryWorld.TABLE, HistoryWorld.TABLE_ID);
    }

    private static Set<String> named(Repository repository) {
        return view(repository).completions().stream()
                .map(Completion::objects)
                .flatMap(List::stream)
                .map(part -> part.object().key())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> stored(Repository repository) {
        return repository.store().list("journal/").stream()
                .filter(key -> key.contains("/before/"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void whatIsCutIsNotSeenAndIsDoneAnew() {
        int seed = 5;
        for (String point : List.of("complete.joined=error", "complete.object=error@2", "complete.entry=error@3")) {
            Repository repository = new HistoryWorld(seed, temp.resolve("case" + seed)).repository();
            seed++;
            Failpoints.arm(point);
            assertThatThrownBy(() -> operation(repository, SMALL).complete(ALL));
            Failpoints.disarmAll();
            // What was published before the cut stays; of what was not nothing is named.
            assertThat(stored(repository)).containsAll(named(repository));
            CompleteReport rest = operation(repository, SMALL).complete(ALL);
            assertThat(rest.leftRecords()).isZero();
            long next = 0;
            for (Completion one : view(repository).completions()) {
                assertThat(one.firstNumber()).isGreaterThan(next);
                next = one.lastNumber();
            }
            assertThat(operation(repository, SMALL).complete(ALL).runs()).isEmpty();
        }
    }

    @Test
    void whatIsDamagedIsStoredAgain() throws IOException {
        HistoryWorld world = new HistoryWorld(9, temp.resolve("case"));
        Repository repository = world.repository();
        operation(repository, SMALL).complete(ALL);
        List<Completion> before = view(repository).completions();
        assertThat(before).hasSizeGreaterThan(2);
        ObjectRef gone = before.get(0).objects().get(0).object();
        ObjectRef flipped = before.get(2).objects().get(0).object();
        repository.store().delete(gone.key());
        Path file = world.directory().resolve("r").resolve(flipped.key());
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 3] ^= 2;
        Files.write(file, bytes);

        CompleteReport foreseen =
                operation(repository, SMALL).complete(new CompleteRequest(HistoryWorld.TABLE, true, true));
        CompleteReport seen = operation(repository, SMALL).complete(ALL);
        CompleteReport read =
                operation(repository, SMALL).complete(new CompleteRequest(HistoryWorld.TABLE, false, true));

        assertThat(foreseen.runs())
                .extracting(CompleteReport.Run::firstNumber)
                .containsExactly(before.get(0).firstNumber(), before.get(2).firstNumber());
        assertThat(seen.runs())
                .singleElement()
                .matches(run ->
                        run.published() && run.firstNumber() == before.get(0).firstNumber());
        assertThat(read.runs())
                .singleElement()
                .matches(run ->
                        run.published() && run.firstNumber() == before.get(2).firstNumber());
        List<Completion> after = view(repository).completions();
        assertThat(after)
                .extracting(Completion::firstNumber, Completion::lastNumber, Completion::base)
                .isEqualTo(before.stream()
                        .map(one -> tuple(one.firstNumber(), one.lastNumber(), one.base()))
                        .toList());
        for (Completion one : after) {
            one.objects().forEach(part -> repository.check(part.object()));
        }
        assertThat(content(after)).isEqualTo(content(before));
        assertThat(named(repository)).doesNotContain(gone.key(), flipped.key());
    }

    /** How many parts there are of which tokens, wherever they are. */
    private static List<Tuple> content(List<Completion> completions) {
        return completions.stream()
                .flatMap(one -> one.objects().stream())
                .map(part -> tuple(
                        part.parts(),
                        part.firstToken(),
                        part.lastToken(),
                        part.object().sizeBytes()))
                .toList();
    }

    /** Runs something just before the first entry of a journal is put. */
    private static final class Interrupted extends ForwardingStore {
        private final Runnable before;
        private boolean done;

        Interrupted(ObjectStore store, Runnable before) {
            super(store);
            this.before = before;
        }

        @Override
        public PutOutcome putIfAbsent(String key, Body body) {
            if (!done && key.contains("/log/")) {
                done = true;
                before.run();
            }
            return super.putIfAbsent(key, body);
        }
    }

    @Test
    void ofTwoOneIsPublishedAndOfTheOtherNothingIsLeft() {
        HistoryWorld world = new HistoryWorld(7, temp.resolve("case"));
        ObjectStore store = DirectoryStore.open(world.directory().resolve("r"));
        Repository slow = Repository.open(new Interrupted(
                store,
                () -> assertThat(operation(world.repository(), CompletionPolicy.DEFAULT)
                                .complete(ALL)
                                .runs())
                        .allMatch(CompleteReport.Run::published)));
        CompleteReport lost = operation(slow, CompletionPolicy.DEFAULT).complete(ALL);
        assertThat(lost.runs()).singleElement().matches(run -> !run.published());
        assertThat(lost.leftRecords()).isZero();
        assertThat(stored(slow)).isNotEmpty().isEqualTo(named(slow));
    }

    @Test
    void behindACollectionsFenceNothingIsPublishedButBehindAMerge() {
        for (boolean fence : List.of(true, false)) {
            HistoryWorld world = new HistoryWorld(7, temp.resolve("case" + fence));
            ObjectStore store = DirectoryStore.open(world.directory().resolve("r"));
            Repository slow = Repository.open(new Interrupted(store, () -> {
                JournalLog log = log(world.repository());
                JournalEntry newest = log.newest().orElseThrow();
                List<JournalEntry.Segment> segments = view(world.repository()).segments();
                log.append(newest.upkeep(
                        log.digestOf(newest.number()),
                        Instant.EPOCH,
                        "test",
                        fence ? List.of() : segments,
                        new JournalEntry.Upkeep(
                                fence
                                        ? List.of()
                                        : segments.stream()
                                                .map(one -> one.object().key())
                                                .toList(),
                                0,
                                Optional.empty())));
            }));
            CompleteReport report = operation(slow, CompletionPolicy.DEFAULT).complete(ALL);
            assertThat(report.runs()).singleElement().matches(run -> run.published() != fence);
            assertThat(stored(slow)).isEqualTo(named(slow));
        }
    }
}
