package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.journal.HistoryOperation;
import dev.hindsight.operations.journal.HistoryReport;
import dev.hindsight.operations.journal.HistoryReport.Kind;
import dev.hindsight.operations.journal.HistoryReport.Version;
import dev.hindsight.operations.journal.HistoryRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Histories out of a repository with bases, segments, changes of the schema, a TRUNCATE and sometimes a hole, against a model
 * that applies every write by its timestamp. {@code -Dtest.seed} sets the first seed, {@code -Dtest.cases} how many follow.
 */
class HistoryModelTest {
    private static final long SEED = Long.getLong("test.seed", 1);

    @TempDir
    Path temp;

    @BeforeAll
    static void start() {
        CassandraRuntime.start();
    }

    @Test
    void everyVersionHasWhatTheModelHadJustBeforeAndAfterIt() {
        follow(SEED, Integer.getInteger("test.cases", 12));
    }

    @Tag("nightly")
    @Test
    void everyVersionHasWhatTheModelHadHundredsOfTimes() {
        follow(SEED + 1_000_000, Integer.getInteger("test.cases", 400));
    }

    private void follow(long first, int cases) {
        long versions = 0;
        Set<Kind> kinds = new HashSet<>();
        for (long seed = first; seed < first + cases; seed++) {
            HistoryWorld world = new HistoryWorld(seed, temp.resolve("case" + seed));
            for (int key = 1; key <= HistoryWorld.KEYS; key++) {
                HistoryReport all = history(world, "id=" + key);
                all.entries().forEach(entry -> kinds.add(entry.kind()));
                versions += check(world, key, all, Optional.empty());
                int row = (int) (seed + key) % HistoryWorld.ROWS;
                versions += check(world, key, history(world, "id=" + key + " AND c=" + row), Optional.of(row));
            }
        }
        assertThat(versions).isGreaterThan(cases * 50L);
        assertThat(kinds).contains(Kind.CHANGE, Kind.TRUNCATE, Kind.SCHEMA, Kind.GAP, Kind.BASE);
    }

    private HistoryReport history(HistoryWorld world, String key) {
        HistoryOperation operation =
                new HistoryOperation(world.repository(), temp.resolve("scratch"), 1 << 30, ProgressListener.NONE);
        return operation.history(
                new HistoryRequest(HistoryWorld.TABLE, key, Optional.empty(), Optional.empty(), 100_000));
    }

    /** Checks each version, and that none is missing. */
    private static int check(HistoryWorld world, int key, HistoryReport report, Optional<Integer> only) {
        List<Long> told = new ArrayList<>();
        for (HistoryReport.Entry entry : report.entries()) {
            if (!(entry instanceof Version version)) {
                continue;
            }
            long second = version.at().getEpochSecond();
            Map<String, Map<String, String>> before;
            Map<String, Map<String, String>> after;
            if (version.kind() == Kind.CHANGE) {
                long number = version.number().orElseThrow();
                told.add(number);
                before = world.known(key, number, second, false);
                after = world.known(key, number, second, true);
            } else {
                before = world.aroundMark(key, version.kind(), second, false);
                after = world.aroundMark(key, version.kind(), second, true);
            }
            checkRows(world, key, version, before, after, only);
        }
        List<Long> expected = world.numbersToTell(key, only);
        assertThat(told).as("%s, key %d %s", world, key, only).containsExactlyElementsOf(expected);
        assertThat(rows(report.rowsAfter()))
                .as("%s, key %d %s at the end", world, key, only)
                .isEqualTo(restrict(world.atTheEnd(key), only));
        return told.size();
    }

    private static void checkRows(
            HistoryWorld world,
            int key,
            Version version,
            Map<String, Map<String, String>> before,
            Map<String, Map<String, String>> after,
            Optional<Integer> only) {
        Map<String, Map<String, String>> left = new TreeMap<>(restrict(before, only));
        Map<String, Map<String, String>> now = new TreeMap<>(restrict(after, only));
        for (HistoryReport.Row row : version.rows()) {
            String name = name(row.isStatic(), row.clustering());
            assertThat(Optional.ofNullable(left.remove(name)))
                    .as("%s, key %d %s: before %s", world, key, only, version)
                    .isEqualTo(row.existed() ? Optional.of(values(row.before())) : Optional.empty());
            assertThat(Optional.ofNullable(now.remove(name)))
                    .as("%s, key %d %s: after %s", world, key, only, version)
                    .isEqualTo(row.exists() ? Optional.of(values(row.after())) : Optional.empty());
        }
        assertThat(left)
                .as("%s, key %d %s: untouched by %s", world, key, only, version)
                .isEqualTo(now);
    }

    private static Map<String, Map<String, String>> restrict(
            Map<String, Map<String, String>> rows, Optional<Integer> only) {
        return only.map(row -> {
                    Map<String, Map<String, String>> one = new HashMap<>(rows);
                    one.keySet().retainAll(Set.of(String.valueOf(row), "static"));
                    return one;
                })
                .orElse(rows);
    }

    private static Map<String, Map<String, String>> rows(List<HistoryReport.RowThen> rows) {
        return rows.stream()
                .collect(Collectors.toMap(row -> name(row.isStatic(), row.clustering()), row -> values(row.values())));
    }

    private static String name(boolean isStatic, Map<String, String> clustering) {
        return isStatic ? "static" : clustering.getOrDefault("c", "?");
    }

    private static Map<String, String> values(Map<String, HistoryReport.Value> values) {
        Map<String, String> out = new TreeMap<>();
        values.forEach((name, value) -> out.put(name, value.value().orElseThrow()));
        return out;
    }
}
