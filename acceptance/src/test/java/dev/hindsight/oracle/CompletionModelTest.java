package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.codec.commitlog.SegmentVersion;
import dev.hindsight.model.journal.CompletionPolicy;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.journal.CompleteOperation;
import dev.hindsight.operations.journal.CompleteReport;
import dev.hindsight.operations.journal.CompleteRequest;
import dev.hindsight.operations.journal.HistoryOperation;
import dev.hindsight.operations.journal.HistoryReport;
import dev.hindsight.operations.journal.HistoryRequest;
import dev.hindsight.repository.document.Completion;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.journal.BeforeCursor;
import dev.hindsight.repository.journal.BeforeReader;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalSegmentReader;
import dev.hindsight.repository.journal.JournalView;
import dev.hindsight.repository.journal.RecordCursor;
import dev.hindsight.synthesis.journal.BeforeValues;
import dev.hindsight.synthesis.journal.KeyChange;
import dev.hindsight.synthesis.journal.KeyHistory;
import dev.hindsight.synthesis.journal.RowState;
import dev.hindsight.synthesis.journal.Update;
import dev.hindsight.synthesis.journal.UpdateCoding;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is stored of rows before records, in repositories with bases, segments, changes of the schema, a TRUNCATE and sometimes a
 * hole, against a model that applies every write by its timestamp; and histories out of it against histories without. {@code
 * -Dtest.seed} sets the first seed, {@code -Dtest.cases} how many follow.
 */
class CompletionModelTest {
    private static final long SEED = Long.getLong("test.seed", 1);

    @TempDir
    Path temp;

    private long records;
    private long withRows;

    @BeforeAll
    static void start() {
        CassandraRuntime.start();
    }

    @Test
    void everyRecordHasWhatTheModelHadJustBeforeAndAfterIt() {
        follow(SEED, Integer.getInteger("test.cases", 12));
    }

    @Tag("nightly")
    @Test
    void everyRecordHasWhatTheModelHadHundredsOfTimes() {
        follow(SEED + 1_000_000, Integer.getInteger("test.cases", 300));
    }

    private void follow(long first, int cases) {
        boolean asked = false;
        for (long seed = first; seed < first + cases; seed++) {
            HistoryWorld world = new HistoryWorld(seed, temp.resolve("case" + seed));
            Map<String, HistoryReport> without = histories(world);
            // Large or small, and spilled or not, nothing is different.
            CompletionPolicy policy =
                    seed % 2 == 0 ? CompletionPolicy.DEFAULT : new CompletionPolicy(0, 1, 2_000, 20 + seed % 50);
            BeforeValues.Limits limits =
                    seed % 3 == 0 ? BeforeValues.Limits.STANDARD : new BeforeValues.Limits(600, 60);
            CompleteReport report = complete(world, policy, limits);
            assertThat(report.runs()).as("%s", world).isNotEmpty().allMatch(CompleteReport.Run::published);
            assertThat(report.leftRecords()).isZero();
            assertThat(complete(world, policy, limits).runs())
                    .as("%s, again", world)
                    .isEmpty();
            check(world);
            assertThat(histories(world)).as("%s", world).isEqualTo(without);
            if (!asked && !world.hasStaticColumn()) {
                rowsNeedNoBase(world, without);
                asked = true;
            }
        }
        assertThat(records).isGreaterThan(cases * 80L);
        assertThat(withRows).isGreaterThan(cases * 30L);
    }

    private CompleteReport complete(HistoryWorld world, CompletionPolicy policy, BeforeValues.Limits limits) {
        return new CompleteOperation(
                        world.repository(),
                        temp.resolve("scratch"),
                        1 << 30,
                        policy,
                        limits,
                        Clock.systemUTC(),
                        ProgressListener.NONE)
                .complete(new CompleteRequest(HistoryWorld.TABLE, false, false));
    }

    private Map<String, HistoryReport> histories(HistoryWorld world) {
        Map<String, HistoryReport> out = new TreeMap<>();
        for (int key = 1; key <= HistoryWorld.KEYS; key++) {
            for (Optional<Instant> from :
                    List.of(Optional.<Instant>empty(), Optional.of(HistoryWorld.instant(225.3)))) {
                out.put(key + " " + from, history(world, "id=" + key, from));
                for (int row = 0; row < HistoryWorld.ROWS; row++) {
                    out.put(key + " " + row + " " + from, history(world, "id=" + key + " AND c=" + row, from));
                }
            }
        }
        return out;
    }

    private HistoryReport history(HistoryWorld world, String key, Optional<Instant> from) {
        return new HistoryOperation(world.repository(), temp.resolve("scratch"), 1 << 30, ProgressListener.NONE)
                .history(new HistoryRequest(HistoryWorld.TABLE, key, from, Optional.empty(), 100_000));
    }

    /** Where the base is lost, what is stored answers for the rows that it has. */
    private void rowsNeedNoBase(HistoryWorld world, Map<String, HistoryReport> without) {
        world.bases().loseAll();
        int answered = 0;
        for (int key = 1; key <= HistoryWorld.KEYS; key++) {
            for (int row = 0; row < HistoryWorld.ROWS; row++) {
                try {
                    HistoryReport report = history(world, "id=" + key + " AND c=" + row, Optional.empty());
                    assertThat(report).isEqualTo(without.get(key + " " + row + " " + Optional.empty()));
                    answered++;
                } catch (dev.hindsight.model.failure.HindsightException e) {
                    // It needs the base.
                }
            }
        }
        assertThat(answered).isGreaterThan(HistoryWorld.KEYS * HistoryWorld.ROWS / 2);
    }

    private void check(HistoryWorld world) {
        JournalLog log = new JournalLog(world.repository().store(), HistoryWorld.TABLE, HistoryWorld.TABLE_ID);
        JournalView view = JournalView.find(log).orElseThrow();
        for (JournalEntry.Segment segment : view.segments()) {
            UpdateCoding coding = UpdateCoding.of(
                    "test", SegmentVersion.V50, HistoryWorld.TABLE_ID, world.definition(segment.schema()));
            RecordCursor cursor = JournalSegmentReader.open(world.repository().store(), segment.object())
                    .cursor();
            while (cursor.next()) {
                long number = cursor.number;
                Optional<Completion> completion = view.completions().stream()
                        .filter(one -> one.firstNumber() <= number && one.lastNumber() >= number)
                        .findFirst();
                Update update = Update.of(number, coding, cursor.bytes, cursor.updateAt, cursor.updateLength);
                completion.ifPresent(
                        one -> check(world, one, update, cursor.instantMicros / 1_000_000, segment.schema()));
                assertThat(completion.isPresent())
                        .as("%s, record %d", world, number)
                        .isEqualTo(world.isInWindow(number));
            }
        }
    }

    private void check(HistoryWorld world, Completion completion, Update update, long second, int schema) {
        byte[] key = Arrays.copyOfRange(update.bytes, update.keyAt, update.keyAt + update.keyLength);
        int id = ByteBuffer.wrap(key).getInt();
        List<byte[]> parts = new ArrayList<>();
        int version = schema;
        for (Completion.Part object : completion.objects()) {
            Optional<BeforeCursor> found = BeforeReader.open(world.repository().store(), object.object())
                    .find(update.number);
            while (found.isPresent() && found.get().next()) {
                BeforeCursor part = found.get();
                version = part.version;
                parts.add(Arrays.copyOfRange(part.bytes, part.partAt, part.partAt + part.partLength));
            }
        }
        KeyHistory history = new KeyHistory(world.definition(version), key);
        history.begin(parts);
        List<RowState> stored = history.rows();
        KeyChange change = history.apply(update);
        Map<String, Map<String, String>> before = new HashMap<>(world.known(id, update.number, second, false));
        Map<String, Map<String, String>> after = new HashMap<>(world.known(id, update.number, second, true));
        assertThat(change.rows().stream()
                        .map(KeyChange.RowChange::before)
                        .flatMap(Optional::stream)
                        .toList())
                .as("%s, record %d: nothing is stored but what it touches", world, update.number)
                .isEqualTo(stored);
        for (KeyChange.RowChange row : change.rows()) {
            String name = name(row.said().or(row::before).orElseThrow());
            assertThat(Optional.ofNullable(before.remove(name)))
                    .as("%s, record %d: row %s before", world, update.number, name)
                    .isEqualTo(values(row.before(), second));
            assertThat(Optional.ofNullable(after.remove(name)))
                    .as("%s, record %d: row %s after", world, update.number, name)
                    .isEqualTo(values(row.after(), second));
        }
        assertThat(before).as("%s, record %d: untouched", world, update.number).isEqualTo(after);
        records++;
        withRows += stored.isEmpty() ? 0 : 1;
    }

    private static String name(RowState row) {
        return row.isStatic() ? "static" : row.clustering().get(0);
    }

    private static Optional<Map<String, String>> values(Optional<RowState> row, long second) {
        return row.filter(one -> one.isLive(second)).map(one -> one.values(second));
    }
}
