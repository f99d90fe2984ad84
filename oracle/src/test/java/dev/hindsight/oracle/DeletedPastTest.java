package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.codec.commitlog.SegmentVersion;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.journal.BeforeValues;
import dev.hindsight.synthesis.journal.KeyChange;
import dev.hindsight.synthesis.journal.KeyHistory;
import dev.hindsight.synthesis.journal.PastChange;
import dev.hindsight.synthesis.journal.RowState;
import dev.hindsight.synthesis.journal.Turn;
import dev.hindsight.synthesis.journal.Update;
import dev.hindsight.synthesis.journal.UpdateCoding;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.io.util.DataOutputBuffer;
import org.apache.cassandra.net.MessagingService;
import org.apache.cassandra.schema.TableMetadata;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Partitions in which much is deleted, over and over: what rows were before is right, and is found in a time that grows with
 * the records. {@code -Dtest.seed} sets the first seed, {@code -Dtest.cases} how many follow.
 */
class DeletedPastTest {
    private static final long SEED = Long.getLong("test.seed", 1);
    private static final long BEGAN = 1_764_000_000_000_000L;
    private static final int ROWS = 6;
    private static final long ROUNDING_NANOS = 300_000_000;
    private static final UUID ID = UUID.fromString("5bc52802-de25-35ed-aeab-188eecebb0aa");
    private static final TableDefinition TABLE = new TableDefinition(
            new TableName("shop", "q"),
            List.of(),
            "CREATE TABLE shop.q (id int, c int, s text STATIC, v text, PRIMARY KEY (id, c)) WITH ID = " + ID + ";");

    @TempDir
    Path temp;

    private @Nullable TableMetadata table;
    private @Nullable UpdateCoding coding;

    @BeforeAll
    static void start() {
        CassandraRuntime.start();
    }

    /** Rows are added at the end, and what was worked off is deleted from the beginning. */
    @Test
    void queueTakesTimeByItsRecords() {
        requireLinear(queue(4_000), queue(8_000));
    }

    private List<Update> queue(int rows) {
        List<Update> queue = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            PartitionUpdate.SimpleBuilder one = update(queue.size());
            one.row(i).add("v", "x");
            add(queue, one);
            if (i % 4 == 3) {
                PartitionUpdate.SimpleBuilder gone = update(queue.size());
                gone.addRangeTombstone().start(0).inclStart().end(i).inclEnd();
                add(queue, gone);
            }
        }
        return queue;
    }

    /** Each batch replaces the one before, under keys of its own. */
    @Test
    void partitionThatIsReplacedOverAndOverTakesTimeByItsRecords() {
        requireLinear(replaced(2_500), replaced(5_000));
    }

    private List<Update> replaced(int times) {
        List<Update> replaced = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            PartitionUpdate.SimpleBuilder gone = update(replaced.size());
            gone.delete();
            add(replaced, gone);
            PartitionUpdate.SimpleBuilder one = update(replaced.size());
            one.row(i).add("v", "x");
            add(replaced, one);
        }
        return replaced;
    }

    /** What grows with the square takes four times as long for twice as many; seconds of CPU when it was so. */
    private void requireLinear(List<Update> half, List<Update> all) {
        cpuNanos(half);
        long some = cpuNanos(half);
        assertThat(cpuNanos(all)).isLessThan(7 * some / 2 + ROUNDING_NANOS);
    }

    @Test
    void whatRowsWereIsWhatAHistoryFindsOneRecordAfterTheOther() {
        int told = 0;
        for (long seed = SEED; seed < SEED + Integer.getInteger("test.cases", 60); seed++) {
            Random random = new Random(seed);
            List<Update> updates = new ArrayList<>();
            int records = 5 + random.nextInt(60);
            while (updates.size() < records) {
                add(updates, random(random, updates.size()));
            }
            Set<Long> truncated = new TreeSet<>();
            while (random.nextInt(3) == 0) {
                truncated.add(1L + random.nextInt(updates.size()));
            }
            told += check(seed, updates, 1L + random.nextInt(updates.size()), truncated);
        }
        assertThat(told).isGreaterThan(300);
    }

    private PartitionUpdate.SimpleBuilder random(Random random, int number) {
        // Few timestamps, so that later records are often older ones, or tie.
        PartitionUpdate.SimpleBuilder out = PartitionUpdate.simpleBuilder(table(), 1)
                .timestamp(BEGAN + (random.nextBoolean() ? 10 * number : 10 * random.nextInt(60)))
                .nowInSec(1_764_000_000L + random.nextInt(3));
        switch (random.nextInt(6)) {
            case 0 -> out.delete();
            case 1, 2 -> range(random, out);
            case 3 -> {
                out.row(random.nextInt(ROWS)).delete();
                range(random, out);
            }
            case 4 -> out.row().add("s", "s" + number);
            default -> {
                out.row(random.nextInt(ROWS)).add("v", "v" + number);
                out.row(random.nextInt(ROWS)).add("v", "w" + number);
            }
        }
        return out;
    }

    private static void range(Random random, PartitionUpdate.SimpleBuilder out) {
        int start = random.nextInt(ROWS);
        PartitionUpdate.SimpleBuilder.RangeTombstoneBuilder one =
                out.addRangeTombstone().start(start).end(start + random.nextInt(ROWS));
        one.inclStart().inclEnd();
    }

    private int check(long seed, List<Update> updates, long first, Set<Long> truncated) {
        List<PastChange> changes = updates.stream()
                .map(one -> new PastChange(
                        one, truncated.contains(one.number) ? List.of(new Turn(1, true)) : List.of(), true))
                .toList();
        Map<Long, List<byte[]>> found = found(changes, first);
        byte[] key = Arrays.copyOfRange(
                updates.get(0).bytes, updates.get(0).keyAt, updates.get(0).keyAt + updates.get(0).keyLength);
        KeyHistory whole = history(key);
        for (Update update : updates) {
            whole = truncated.contains(update.number) ? history(key) : whole;
            KeyChange change = whole.apply(update);
            if (update.number < first) {
                assertThat(found).doesNotContainKey(update.number);
                continue;
            }
            KeyHistory stored = history(key);
            stored.begin(found.getOrDefault(update.number, List.of()));
            List<RowState> before = change.rows().stream()
                    .map(KeyChange.RowChange::before)
                    .flatMap(Optional::stream)
                    .toList();
            assertThat(stored.rows()).as("seed %d, %s: before", seed, update).isEqualTo(before);
            assertThat(stored.apply(update))
                    .as("seed %d, %s: change", seed, update)
                    .isEqualTo(change);
        }
        return found.size();
    }

    private static KeyHistory history(byte[] key) {
        return new KeyHistory(TABLE, key, List.of(), new KeyHistory.Limits(1 << 20, 1_000));
    }

    /** Of this thread, which does it all. */
    private long cpuNanos(List<Update> updates) {
        List<PastChange> changes = updates.stream()
                .map(one -> new PastChange(one, List.of(), true))
                .toList();
        long began = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        assertThat(found(changes, 1)).isNotEmpty();
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - began;
    }

    private Map<Long, List<byte[]>> found(List<PastChange> changes, long first) {
        Map<Long, List<byte[]>> out = new HashMap<>();
        try (BeforeValues values = new BeforeValues(
                version -> TABLE,
                1,
                first,
                BeforeValues.Limits.STANDARD,
                new Scratch(temp, 1 << 30),
                (key, keyLength, token, number, version, bytes, at, length) -> out.computeIfAbsent(
                                number, one -> new ArrayList<>())
                        .add(Arrays.copyOfRange(bytes, at, at + length)))) {
            values.run(List.of(), changes.iterator());
        }
        return out;
    }

    private TableMetadata table() {
        TableMetadata parsed = table == null ? TableSchemas.parse(TABLE) : table;
        table = parsed;
        return parsed;
    }

    private PartitionUpdate.SimpleBuilder update(int number) {
        return PartitionUpdate.simpleBuilder(table(), 1)
                .timestamp(BEGAN + 1_000L * number)
                .nowInSec(1_764_000_000L);
    }

    private void add(List<Update> to, PartitionUpdate.SimpleBuilder builder) {
        UpdateCoding made = coding == null ? UpdateCoding.of("test", SegmentVersion.V50, ID, TABLE) : coding;
        coding = made;
        try (DataOutputBuffer out = new DataOutputBuffer()) {
            PartitionUpdate.serializer.serialize(builder.build(), out, MessagingService.VERSION_50);
            byte[] bytes = out.toByteArray();
            to.add(Update.of(to.size() + 1, made, bytes, 0, bytes.length));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
