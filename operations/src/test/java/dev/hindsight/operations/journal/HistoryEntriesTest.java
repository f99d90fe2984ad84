package dev.hindsight.operations.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.operations.journal.HistoryReport.Entry;
import dev.hindsight.operations.journal.HistoryReport.Kind;
import dev.hindsight.operations.journal.HistoryReport.Operation;
import dev.hindsight.operations.journal.HistoryReport.Range;
import dev.hindsight.operations.journal.HistoryReport.Row;
import dev.hindsight.operations.journal.HistoryReport.RowThen;
import dev.hindsight.operations.journal.HistoryReport.Value;
import dev.hindsight.operations.journal.HistoryReport.Version;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HistoryEntriesTest {
    private static final long MOST_BYTES = 1 << 20;
    private static final Instant BEGAN = Instant.parse("2026-11-23T00:00:00Z");

    private static Map<String, Value> values(int columns) {
        Map<String, Value> out = new LinkedHashMap<>();
        for (int i = 0; i < columns; i++) {
            out.put("c" + i, new Value(Optional.of("'value'"), BEGAN, Optional.empty(), Optional.empty()));
        }
        return out;
    }

    private static Version version(int second, int rows, int columns) {
        return version(second, List.of(), Collections.nCopies(rows, row(Map.of(), columns)));
    }

    private static Row row(Map<String, String> clustering, int columns) {
        return new Row(
                clustering,
                false,
                Operation.UPDATE,
                true,
                true,
                List.of(),
                values(columns),
                values(columns),
                Map.of(),
                Map.of());
    }

    private static Range range(String from) {
        return new Range(List.of(from), true, List.of(from), true, BEGAN);
    }

    private static Version version(int second, List<Range> ranges, List<Row> rows) {
        return new Version(
                Kind.CHANGE,
                Optional.of((long) second),
                BEGAN.plusSeconds(second),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                List.of(),
                List.of(Operation.UPDATE),
                Optional.empty(),
                ranges,
                0,
                rows,
                0,
                "");
    }

    @Test
    void newestAreKeptAndTheOthersCanBeAskedForByWhenTheyWere() {
        HistoryEntries entries = new HistoryEntries(3, MOST_BYTES);
        IntStream.range(0, 10).forEach(second -> entries.add(version(second, 1, 1)));
        assertThat(entries.all()).hasSize(3);
        assertThat(entries.leftOut()).isEqualTo(7);
        assertThat(entries.leftOutUpTo()).contains(BEGAN.plusSeconds(6));
    }

    @Test
    void wideRowsTakeNoMoreMemoryThanTheyMay() {
        HistoryEntries entries = new HistoryEntries(1000, MOST_BYTES);
        IntStream.range(0, 1000).forEach(second -> entries.add(version(second, 1, 200)));
        assertThat(entries.all().stream().mapToLong(HistoryVersions::weight).sum())
                .isBetween(MOST_BYTES / 2, MOST_BYTES);
        assertThat(entries.leftOutUpTo())
                .contains(BEGAN.plusSeconds(999 - entries.all().size()));
        assertThat(entries.versions()).isEqualTo(1000);
    }

    @Test
    void oneVersionOfManyRowsTellsOfTheFirstAndCountsTheRest() {
        HistoryEntries entries = new HistoryEntries(1000, MOST_BYTES);
        entries.add(version(1, 1000, 20));
        Entry only = entries.all().get(0);
        assertThat(HistoryVersions.weight(only)).isLessThan(MOST_BYTES);
        assertThat(((Version) only).rowsOmitted() + ((Version) only).rows().size())
                .isEqualTo(1000);
        assertThat(((Version) only).rows()).isNotEmpty();
        RowThen then = new RowThen(Map.of(), false, values(20));
        assertThat(entries.first(Collections.nCopies(1000, then))).hasSizeBetween(1, 100);
        assertThat(entries.leftOutUpTo()).isEmpty();
    }

    @Test
    void deletedRangesTakeNoMoreMemoryThanTheyMay() {
        HistoryEntries entries = new HistoryEntries(1000, MOST_BYTES);
        List<Range> ranges = Collections.nCopies(100, range("1"));
        IntStream.range(0, 1000).forEach(second -> entries.add(version(second, ranges, List.of())));
        assertThat(entries.all()).hasSizeBetween(10, 50);
        assertThat(entries.leftOut()).isEqualTo(1000 - entries.all().size());
    }

    @Test
    void oneVersionOfManyRangesTellsOfTheFirstAndCountsTheRest() {
        HistoryEntries entries = new HistoryEntries(1000, MOST_BYTES);
        entries.add(version(1, Collections.nCopies(100_000, range("1")), List.of(row(Map.of(), 1))));
        Version only = (Version) entries.all().get(0);
        assertThat(only.ranges()).hasSizeBetween(100, 1000);
        assertThat(only.rangesOmitted() + only.ranges().size()).isEqualTo(100_000);
        assertThat(only.rows()).hasSize(1);
        assertThat(only.rowsOmitted()).isZero();
    }

    @Test
    void longKeysOfRowsCount() {
        HistoryEntries entries = new HistoryEntries(1000, MOST_BYTES);
        Map<String, String> key = Map.of("c", "x".repeat(60_000));
        entries.add(version(1, List.of(range("x".repeat(60_000))), Collections.nCopies(100, row(key, 1))));
        Version only = (Version) entries.all().get(0);
        assertThat(only.rows()).hasSize(2);
        assertThat(only.rowsOmitted()).isEqualTo(98);
        assertThat(entries.first(Collections.nCopies(100, new RowThen(key, false, Map.of()))))
                .hasSize(2);
    }
}
