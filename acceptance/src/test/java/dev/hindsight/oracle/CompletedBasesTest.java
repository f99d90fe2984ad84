package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.journal.CompleteOperation;
import dev.hindsight.operations.journal.CompleteReport;
import dev.hindsight.operations.journal.CompleteRequest;
import dev.hindsight.operations.journal.HistoryOperation;
import dev.hindsight.operations.journal.HistoryReport;
import dev.hindsight.operations.journal.HistoryRequest;
import dev.hindsight.repository.document.Completion;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalView;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is stored of rows before records, once the base that it was worked out from was rebased or has expired: it is taken
 * where that surely gives the same, and only there. Each history is compared with that of a repository of the same past in
 * which nothing is stored. {@code -Dtest.seed} says which past comes first, {@code -Dtest.cases} how many follow.
 */
class CompletedBasesTest {
    private static final long SEED = Long.getLong("test.seed", 1);
    private static final int CASES = Integer.getInteger("test.cases", 3);

    /** Behind the second base of these tests, in front of whatever happens to the table as a whole. */
    private static final Optional<Instant> LATER = Optional.of(HistoryWorld.instant(181.3));

    @TempDir
    Path temp;

    @BeforeAll
    static void start() {
        CassandraRuntime.start();
    }

    /** Two of the same past. Without a static column, as of a table with one nothing is taken. */
    private record Worlds(HistoryWorld stored, HistoryWorld plain) {
        void each(Consumer<HistoryWorld> change) {
            change.accept(stored);
            change.accept(plain);
        }

        @Override
        public String toString() {
            return stored.toString();
        }
    }

    /** @param holes whether they have one */
    private List<Worlds> worlds(boolean holes) {
        return LongStream.range(0, CASES)
                .map(i -> 4 * (SEED + i) + (holes ? 0 : 1))
                .mapToObj(seed -> new Worlds(
                        new HistoryWorld(seed, temp.resolve("stored" + seed)),
                        new HistoryWorld(seed, temp.resolve("plain" + seed))))
                .toList();
    }

    private CompleteReport complete(HistoryWorld world) {
        return new CompleteOperation(
                        world.repository(), temp.resolve("scratch"), 1 << 30, Clock.systemUTC(), ProgressListener.NONE)
                .complete(new CompleteRequest(HistoryWorld.TABLE, false, false));
    }

    private static JournalView view(HistoryWorld world) {
        return JournalView.find(new JournalLog(world.repository().store(), HistoryWorld.TABLE, HistoryWorld.TABLE_ID))
                .orElseThrow();
    }

    /** Of every row; without those that need something that is lost. */
    private Map<String, HistoryReport> histories(HistoryWorld world, Optional<Instant> from) {
        Map<String, HistoryReport> out = new TreeMap<>();
        for (int key = 1; key <= HistoryWorld.KEYS; key++) {
            for (int row = 0; row < HistoryWorld.ROWS; row++) {
                String one = "id=" + key + " AND c=" + row;
                try {
                    out.put(
                            one,
                            new HistoryOperation(
                                            world.repository(), temp.resolve("scratch"), 1 << 30, ProgressListener.NONE)
                                    .history(new HistoryRequest(
                                            HistoryWorld.TABLE, one, from, Optional.empty(), 100_000)));
                } catch (HindsightException e) {
                    // It needs the base.
                }
            }
        }
        return out;
    }

    /** Compares what is told with the bases and without them. */
    private void requireTheSame(Worlds worlds, Optional<Instant> from, int leastWithoutBases) {
        Map<String, HistoryReport> expected = histories(worlds.plain(), from);
        assertThat(expected).as("%s", worlds).hasSize(HistoryWorld.KEYS * HistoryWorld.ROWS);
        assertThat(histories(worlds.stored(), from)).as("%s", worlds).isEqualTo(expected);
        worlds.stored().bases().loseAll();
        Map<String, HistoryReport> without = histories(worlds.stored(), from);
        without.forEach((row, report) ->
                assertThat(report).as("%s, %s without a base", worlds, row).isEqualTo(expected.get(row)));
        assertThat(without.size()).as("%s: rows without a base", worlds).isGreaterThanOrEqualTo(leastWithoutBases);
    }

    @Test
    void aRebaseServesWithWhatItsSourceGave() {
        for (boolean holes : List.of(false, true)) {
            for (Worlds worlds : worlds(holes)) {
                assertThat(complete(worlds.stored()).runs()).isNotEmpty();
                List<Completion> stored = view(worlds.stored()).completions();
                worlds.each(world -> {
                    world.bases().rebase("r1", "b1");
                    world.bases().rebase("r11", "r1");
                    if (holes) {
                        world.bases().rebase("r2", "b2");
                    }
                });
                assertThat(complete(worlds.stored()).runs())
                        .as("%s: nothing is stored again", worlds)
                        .isEmpty();
                assertThat(view(worlds.stored()).completions()).isEqualTo(stored);
                requireTheSame(worlds, Optional.empty(), HistoryWorld.KEYS * HistoryWorld.ROWS / (holes ? 4 : 2));
            }
        }
    }

    @Test
    void whatALaterBaseGaveServesOnWhenThatHasExpired() {
        for (Worlds worlds : worlds(false)) {
            worlds.each(world -> world.backup("b3", 165));
            assertThat(complete(worlds.stored()).runs())
                    .extracting(CompleteReport.Run::base)
                    .contains("b1", "b3");
            worlds.each(world -> world.bases().expire("b3"));
            assertThat(complete(worlds.stored()).runs())
                    .as("%s: nothing is stored again", worlds)
                    .isEmpty();
            requireTheSame(worlds, LATER, HistoryWorld.KEYS * HistoryWorld.ROWS / 2);
        }
    }

    @Test
    void whatIsDamagedIsStoredAgainFromWhatTookTheBasesPlace() {
        for (Worlds worlds : worlds(false)) {
            worlds.each(world -> world.backup("b3", 165));
            complete(worlds.stored());
            List<Completion> before = view(worlds.stored()).completions();
            worlds.each(world -> {
                world.bases().rebase("r1", "b1");
                world.bases().expire("b3");
            });
            for (Completion one : before) {
                worlds.stored()
                        .repository()
                        .store()
                        .delete(one.objects().get(0).object().key());
            }

            CompleteReport again = complete(worlds.stored());

            assertThat(again.runs())
                    .as("%s", worlds)
                    .hasSameSizeAs(before)
                    .allMatch(run -> run.published() && run.base().equals("r1"));
            List<Completion> after = view(worlds.stored()).completions();
            assertThat(after)
                    .extracting(Completion::lastNumber)
                    .isEqualTo(before.stream().map(Completion::lastNumber).toList());
            after.stream()
                    .flatMap(one -> one.objects().stream())
                    .map(Completion.Part::object)
                    .forEach(object -> worlds.stored().repository().check(object));
            requireTheSame(worlds, LATER, HistoryWorld.KEYS * HistoryWorld.ROWS / 2);
        }
    }

    @Test
    void whatABaseGaveThatMayLackWritesIsNotTakenForAnother() {
        int different = 0;
        for (Worlds worlds : worlds(false)) {
            worlds.each(world -> world.weakBackup("b3", 165));
            complete(worlds.stored());
            Map<String, HistoryReport> weak = histories(worlds.stored(), LATER);
            worlds.each(world -> world.bases().expire("b3"));
            different += differences(weak, histories(worlds.plain(), LATER));
            requireTheSame(worlds, LATER, 0);
        }
        assertThat(different)
                .as("rows of which the weak base tells something else")
                .isPositive();
    }

    @Test
    void whatABaseGaveFromBeforeDataCameFromOutsideIsNotTakenBehindThat() {
        Optional<Instant> behind = Optional.of(HistoryWorld.instant(226));
        int different = 0;
        for (Worlds worlds : worlds(false)) {
            worlds.each(world -> world.backup("b3", 165));
            complete(worlds.stored());
            Map<String, HistoryReport> unaware = histories(worlds.stored(), behind);
            worlds.each(world -> {
                world.tellOfDataFromOutside(195, 200);
                world.otherBackup("b4", 210);
                world.bases().expire("b3");
            });
            different += differences(unaware, histories(worlds.plain(), behind));
            requireTheSame(worlds, behind, 0);
        }
        assertThat(different)
                .as("rows of which the later base tells something else")
                .isPositive();
    }

    /** In how many rows something else is told of what changed. */
    private static int differences(Map<String, HistoryReport> some, Map<String, HistoryReport> others) {
        return (int) some.entrySet().stream()
                .filter(one -> !one.getValue()
                        .rowsBefore()
                        .equals(Objects.requireNonNull(others.get(one.getKey())).rowsBefore()))
                .count();
    }
}
