package dev.hindsight.operations.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.operations.journal.HistoryReport.Entry;
import dev.hindsight.operations.journal.HistoryReport.Kind;
import dev.hindsight.operations.journal.HistoryReport.Operation;
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
        Row row = new Row(
                Map.of(),
                false,
                Operation.UPDATE,
                true,
                true,
                List.of(),
                values(columns),
                values(columns),
                Map.of(),
                Map.of());
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
                List.of(),
                Collections.nCopies(rows, row),
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
}
