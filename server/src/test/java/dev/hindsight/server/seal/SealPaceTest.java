package dev.hindsight.server.seal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.engine.journal.CaptureStream;
import dev.hindsight.model.journal.Incarnation;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.journal.CaptureSurvey;
import dev.hindsight.operations.journal.ProtectedTable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SealPaceTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final Duration IDLE = Duration.ofSeconds(10);
    private static final CaptureStream STREAM = new CaptureStream(
            new UUID(1, 1), Incarnation.parse("1763800000000-0000abcd").orElseThrow());

    private final SealPace pace = new SealPace(INTERVAL, IDLE);

    private static ProtectedTable table(int number) {
        return new ProtectedTable("c", new TableName("k", "t" + number), new UUID(9, number), NOW, true);
    }

    private static CaptureSurvey stored(long newest) {
        return new CaptureSurvey(List.of(STREAM), Set.of(), Map.of(STREAM, newest), Map.of());
    }

    @Test
    void newTableIsDueAtOnceAndNotAgainUntilSomethingIsPut() {
        ProtectedTable one = table(1);
        assertThat(pace.due(List.of(one), stored(5), NOW)).containsExactly(one);
        pace.sealed(one, stored(5), 3, NOW);
        assertThat(pace.due(List.of(one), stored(5), NOW.plusSeconds(3600))).isEmpty();
        assertThat(pace.due(List.of(one), stored(6), NOW.plusSeconds(1))).isEmpty();
        assertThat(pace.due(List.of(one), stored(6), NOW.plus(INTERVAL))).containsExactly(one);
    }

    @Test
    void idleTableIsLookedAtLessAndLessOftenButNeverRarerThanTheIdleInterval() {
        ProtectedTable one = table(1);
        Instant at = NOW;
        List<Long> waits = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            pace.sealed(one, stored(i), 0, at);
            Instant next = at;
            while (pace.due(List.of(one), stored(i + 1), next).isEmpty()) {
                next = next.plusMillis(500);
            }
            waits.add(Duration.between(at, next).toSeconds());
            at = next;
        }
        assertThat(waits).startsWith(2L, 4L, 8L, 10L, 10L).endsWith(10L);
        pace.sealed(one, stored(99), 1, at);
        assertThat(pace.due(List.of(one), stored(100), at.plus(INTERVAL))).containsExactly(one);
    }

    @Test
    void failingTableWaitsLongerAndIsTriedAgainWithoutNewCaptures() {
        ProtectedTable one = table(1);
        assertThat(pace.failed(one, NOW)).isEqualTo(1);
        assertThat(pace.due(List.of(one), stored(5), NOW.plusSeconds(4))).isEmpty();
        assertThat(pace.due(List.of(one), stored(5), NOW.plusSeconds(5))).containsExactly(one);
        for (int i = 0; i < 50; i++) {
            pace.failed(one, NOW);
        }
        assertThat(pace.due(List.of(one), stored(5), NOW.plusSeconds(299))).isEmpty();
        assertThat(pace.due(List.of(one), stored(5), NOW.plusSeconds(300))).containsExactly(one);
    }

    /** A table that takes all the time of each round does not keep the others from their turn. */
    @Test
    void whoWaitedLongestIsFirst() {
        List<ProtectedTable> tables = List.of(table(1), table(2), table(3));
        Map<UUID, Integer> turns = new HashMap<>();
        Instant at = NOW;
        for (int round = 0; round < 30; round++) {
            at = at.plus(INTERVAL);
            ProtectedTable first = pace.due(tables, stored(round), at).get(0);
            turns.merge(first.tableId(), 1, Integer::sum);
            pace.sealed(first, stored(round), 1, at);
        }
        assertThat(turns.values()).containsOnly(10);
    }

    /** Cost follows the busy ones: DESIGN, many tables. */
    @Test
    void ofAThousandTablesOfWhichTenAreBusyMostRoundsSealTheTen() {
        List<ProtectedTable> tables = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            tables.add(table(i));
        }
        long seals = 0;
        int rounds = 300;
        for (int round = 0; round < rounds; round++) {
            Instant at = NOW.plus(INTERVAL.multipliedBy(round));
            for (ProtectedTable due : pace.due(tables, stored(round), at)) {
                pace.sealed(due, stored(round), due.tableId().getLeastSignificantBits() < 10 ? 5 : 0, at);
                seals++;
            }
        }
        long busy = 10L * rounds;
        long idle = 990L * rounds * INTERVAL.toSeconds() / IDLE.toSeconds();
        assertThat(seals).isLessThan(busy + idle + 990 * 5);
    }

    @Test
    void tableThatIsProtectedNoMoreIsForgotten() {
        ProtectedTable one = table(1);
        pace.sealed(one, stored(5), 1, NOW);
        assertThat(pace.due(List.of(), stored(5), NOW)).isEmpty();
        assertThat(pace.due(List.of(one), stored(5), NOW)).containsExactly(one);
    }
}
