package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.repository.Repository;
import dev.hindsight.repository.document.Completion;
import dev.hindsight.repository.journal.BeforeCursor;
import dev.hindsight.repository.journal.BeforeReader;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalView;
import dev.hindsight.synthesis.journal.KeyHistory;
import dev.hindsight.synthesis.journal.RowState;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A partition of four times the heap that is deleted: all of its rows are stored as they were before. */
class LargeDeletionTest {
    private static final byte[] KEY =
            ByteBuffer.allocate(4).putInt(HistoryWorld.LARGE).array();

    @TempDir
    Path temp;

    @Test
    void aPartitionOfFourTimesTheHeapIsDeleted() throws Exception {
        delete(40);
    }

    @Tag("nightly")
    @Test
    void aPartitionOfFourTimesALargerHeapIsDeleted() throws Exception {
        // Of 512 MiB, what makes the data would not fit into the heap of the tests.
        delete(100);
    }

    private void delete(int heapMiB) throws Exception {
        CassandraRuntime.start();
        int rows = (int) (4.0 * heapMiB * (1 << 20) / HistoryWorld.LARGE_ROW_BYTES) / 2 * 2;
        HistoryWorld world = new HistoryWorld(7, temp.resolve("world"), rows);
        Path log = temp.resolve("log");
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx" + heapMiB + "m",
                        "-XX:+UseSerialGC",
                        "-ea",
                        "-cp",
                        withoutCassandra(),
                        LargeDeletion.class.getName(),
                        world.directory().resolve("r").toString(),
                        temp.resolve("scratch").toString()))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        boolean ended = process.waitFor(600, TimeUnit.SECONDS);
        process.destroyForcibly();
        assertThat(ended).isTrue();
        assertThat(process.exitValue()).as(Files.readString(log)).isZero();

        Map<Long, int[]> found = before(world);
        // Half of them, one, and the rest with that one: by number.
        assertThat(found.values().stream().map(one -> one[0]).toList())
                .as("%s", found.keySet())
                .isEqualTo(List.of(rows / 2, 1, rows / 2));
        assertThat(found.values()).allMatch(one -> one[1] == one[0] || one[0] == 1);
    }

    /** Of each record of the large partition, how many rows there are, and how many have their value; in their order. */
    private static Map<Long, int[]> before(HistoryWorld world) {
        Repository repository = world.repository();
        JournalLog log = new JournalLog(repository.store(), HistoryWorld.TABLE, HistoryWorld.TABLE_ID);
        Map<Long, int[]> out = new TreeMap<>();
        long token = KeyHistory.rangeOf(KEY).end();
        int last = -1;
        long number = 0;
        for (Completion one : JournalView.find(log).orElseThrow().completions()) {
            for (Completion.Part object : one.objects()) {
                if (object.firstToken() > token || object.lastToken() < token) {
                    continue;
                }
                BeforeCursor cursor = BeforeReader.open(repository.store(), object.object())
                        .cursor(KeyHistory.rangeOf(KEY), 0, Long.MAX_VALUE);
                while (cursor.next()) {
                    last = cursor.number == number ? last : -1;
                    number = cursor.number;
                    int[] counts = out.computeIfAbsent(number, any -> new int[2]);
                    for (RowState row : rows(world, cursor)) {
                        int clustering = Integer.parseInt(row.clustering().get(0));
                        assertThat(clustering).isGreaterThan(last);
                        last = clustering;
                        counts[0]++;
                        counts[1] +=
                                row.values(0).getOrDefault("v", "").length() >= HistoryWorld.LARGE_ROW_BYTES ? 1 : 0;
                    }
                }
            }
        }
        // The row that was written in between has another value since.
        out.values().stream().reduce((a, b) -> b).ifPresent(all -> all[1]++);
        return out;
    }

    private static List<RowState> rows(HistoryWorld world, BeforeCursor cursor) {
        KeyHistory part = new KeyHistory(
                world.definition(cursor.version), KEY, List.of(), new KeyHistory.Limits(1 << 20, 10_000));
        part.begin(List.of(Arrays.copyOfRange(cursor.bytes, cursor.partAt, cursor.partAt + cursor.partLength)));
        return part.rows();
    }

    /** What a worker has on its class path, and these tests. */
    private static String withoutCassandra() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !Path.of(entry).getFileName().toString().contains("cassandra"))
                .collect(Collectors.joining(File.pathSeparator));
    }
}
