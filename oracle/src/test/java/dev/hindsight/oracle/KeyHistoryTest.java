package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.codec.commitlog.SegmentVersion;
import dev.hindsight.codec.schema.DdlSchemas;
import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.cursor.LocalSSTables;
import dev.hindsight.synthesis.journal.KeyChange;
import dev.hindsight.synthesis.journal.KeyHistory;
import dev.hindsight.synthesis.journal.RowState;
import dev.hindsight.synthesis.journal.Update;
import dev.hindsight.synthesis.journal.UpdateCoding;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.io.util.DataOutputBuffer;
import org.apache.cassandra.net.MessagingService;
import org.apache.cassandra.schema.TableMetadata;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one key was, update by update. {@code -Dtest.seed} sets the first seed, {@code -Dtest.cases} how many follow. */
class KeyHistoryTest {
    private static final long SEED = Long.getLong("test.seed", 1);
    private static final long NOW = RandomWrites.NOW;
    private static final TableDefinition ORDERS = new TableDefinition(
            new TableName("shop", "orders"),
            List.of(),
            "CREATE TABLE shop.orders (id int, line int, customer text static, item text, amount decimal, tags set<text>,"
                    + " notes map<text, int>, steps list<text>, PRIMARY KEY (id, line))"
                    + " WITH ID = 5bc52802-de25-35ed-aeab-188eecebb0aa;");

    @TempDir
    Path temp;

    private long number;

    @BeforeAll
    static void start() {
        CassandraRuntime.start();
    }

    private PartitionUpdate.SimpleBuilder at(long second) {
        TableMetadata orders = TableSchemas.parse(ORDERS);
        return PartitionUpdate.simpleBuilder(orders, 7)
                .timestamp(second * 1_000_000)
                .nowInSec(second);
    }

    private Update update(PartitionUpdate update) {
        try (DataOutputBuffer out = new DataOutputBuffer()) {
            PartitionUpdate.serializer.serialize(update, out, MessagingService.VERSION_50);
            byte[] bytes = out.toByteArray();
            UpdateCoding coding = UpdateCoding.of(
                    "test",
                    SegmentVersion.V50,
                    DdlSchemas.findTableId(ORDERS.ddl()).orElseThrow(),
                    ORDERS);
            return Update.of(++number, coding, bytes, 0, bytes.length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static KeyHistory history() {
        return new KeyHistory(ORDERS, ByteBuffer.allocate(4).putInt(7).array());
    }

    private static Map<String, String> values(Optional<RowState> row, long second) {
        return row.map(state -> state.values(second)).orElse(Map.of());
    }

    @Test
    void eachVersionOfARowHasWhatWasBeforeAndIsAfterIt() {
        KeyHistory history = history();
        PartitionUpdate.SimpleBuilder insert = at(NOW);
        insert.row(1)
                .add("item", "it's")
                .add("amount", new java.math.BigDecimal("12.50"))
                .add("tags", java.util.Set.of("a", "b"));
        KeyChange first = history.apply(update(insert.build()));
        PartitionUpdate.SimpleBuilder second = at(NOW + 1);
        second.row(1)
                .add("item", "other")
                .delete("amount")
                .add("notes", Map.of("n", 3))
                .add("steps", List.of("x", "y"));
        KeyChange changed = history.apply(update(second.build()));
        PartitionUpdate.SimpleBuilder third = at(NOW + 2);
        third.row(1).delete();
        KeyChange deleted = history.apply(update(third.build()));

        assertThat(first.rows()).hasSize(1);
        assertThat(first.rows().get(0).before()).isEmpty();
        assertThat(values(first.rows().get(0).after(), NOW))
                .isEqualTo(Map.of("item", "'it''s'", "amount", "12.50", "tags", "{'a', 'b'}"));
        KeyChange.RowChange row = changed.rows().get(0);
        assertThat(row.before()).isEqualTo(first.rows().get(0).after());
        assertThat(row.after().orElseThrow().clustering()).containsExactly("1");
        assertThat(values(row.after(), NOW + 1))
                .isEqualTo(Map.of("item", "'other'", "tags", "{'a', 'b'}", "notes", "{'n': 3}", "steps", "['x', 'y']"));
        assertThat(row.after().orElseThrow().latestWriteMicros()).isEqualTo((NOW + 1) * 1_000_000);
        assertThat(row.said().orElseThrow().columns().stream()
                        .filter(column -> column.name().equals("amount")))
                .singleElement()
                .satisfies(column -> assertThat(column.cells().get(0).deleted()).isTrue());
        assertThat(deleted.rows().get(0).before()).isEqualTo(row.after());
        assertThat(deleted.rows().get(0).after().orElseThrow().isLive(NOW + 2)).isFalse();
        assertThat(deleted.rows().get(0).after().orElseThrow().deletion())
                .contains(new RowState.Deletion((NOW + 2) * 1_000_000, NOW + 2));
    }

    @Test
    void deletionsTellTheRowsThatTheyReach() {
        KeyHistory history = history();
        PartitionUpdate.SimpleBuilder insert = at(NOW);
        for (int line = 1; line < 6; line++) {
            insert.row(line).add("item", "item" + line);
        }
        insert.row().add("customer", "c");
        history.apply(update(insert.build()));
        PartitionUpdate.SimpleBuilder range = at(NOW + 1);
        range.addRangeTombstone().start(2).end(4).inclEnd().inclStart();
        KeyChange reached = history.apply(update(range.build()));
        PartitionUpdate.SimpleBuilder all = at(NOW + 2);
        all.delete();
        KeyChange emptied = history.apply(update(all.build()));

        assertThat(reached.ranges())
                .containsExactly(new KeyChange.Range(
                        List.of("2"), true, List.of("4"), true, new RowState.Deletion((NOW + 1) * 1_000_000, NOW + 1)));
        assertThat(reached.rows())
                .extracting(change -> change.before().orElseThrow().clustering().get(0))
                .containsExactly("2", "3", "4");
        assertThat(reached.rows()).allSatisfy(change -> {
            assertThat(change.after()).isEmpty();
            assertThat(change.said()).isEmpty();
        });
        assertThat(emptied.partitionDeletion()).contains(new RowState.Deletion((NOW + 2) * 1_000_000, NOW + 2));
        assertThat(emptied.rows()).hasSize(3);
        assertThat(emptied.rows().get(0).before().orElseThrow().values(NOW)).isEqualTo(Map.of("customer", "'c'"));
        assertThat(history.rows()).isEmpty();
    }

    @Test
    void anOlderWriteIsToldAndChangesNothingAndATtlEnds() {
        KeyHistory history = history();
        PartitionUpdate.SimpleBuilder insert = at(NOW).ttl(100);
        insert.row(1).add("item", "mortal");
        KeyChange first = history.apply(update(insert.build()));
        PartitionUpdate.SimpleBuilder older = at(NOW - 10);
        older.row(1).add("item", "late");
        KeyChange late = history.apply(update(older.build()));

        RowState after = first.rows().get(0).after().orElseThrow();
        assertThat(after.liveness()).contains(new RowState.Liveness(NOW * 1_000_000, 100, NOW + 100));
        assertThat(after.values(NOW + 99)).containsEntry("item", "'mortal'");
        assertThat(after.isLive(NOW + 100)).isFalse();
        assertThat(late.rows()).hasSize(1);
        assertThat(values(late.rows().get(0).after(), NOW))
                .isEqualTo(values(late.rows().get(0).before(), NOW));
        assertThat(values(late.rows().get(0).said(), NOW)).containsEntry("item", "'late'");
    }

    @Test
    void ofALargePartitionOneRowCanBeFollowed() {
        KeyHistory.Limits small = new KeyHistory.Limits(20_000, 3);
        byte[] key = ByteBuffer.allocate(4).putInt(7).array();
        KeyHistory whole = new KeyHistory(ORDERS, key, List.of(), small);
        byte[] line = ByteBuffer.allocate(4).putInt(50).array();
        KeyHistory row = new KeyHistory(ORDERS, key, List.of(line), small);
        PartitionUpdate.SimpleBuilder many = at(NOW);
        many.row().add("customer", "c");
        for (int i = 0; i < 10; i++) {
            many.row(i * 10).add("item", "x".repeat(1000));
        }
        PartitionUpdate ten = many.build();
        KeyChange first = whole.apply(update(ten));
        assertThat(first.rows()).hasSize(3);
        assertThat(first.omittedRows()).isEqualTo(8);
        assertThat(row.apply(update(ten)).rows())
                .extracting(change -> change.after().orElseThrow().clustering())
                .containsExactly(List.of(), List.of("50"));
        for (int round = 0; round < 10; round++) {
            PartitionUpdate.SimpleBuilder more = at(NOW + 1 + round);
            for (int i = 0; i < 10; i++) {
                more.row(1000 + round * 10 + i).add("item", "y".repeat(1000));
            }
            more.addRangeTombstone().start(60).end(2000).inclStart().inclEnd();
            more.addRangeTombstone()
                    .start(round)
                    .end(round == 9 ? 55 : 45)
                    .inclStart()
                    .inclEnd();
            KeyChange change = row.apply(update(more.build()));
            assertThat(change.rows()).hasSize(round == 9 ? 1 : 0);
            assertThat(change.ranges()).hasSize(round == 9 ? 1 : 0);
        }
        assertThat(row.rows())
                .singleElement()
                .satisfies(left -> assertThat(left.values(NOW)).isEqualTo(Map.of("customer", "'c'")));
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100; i++) {
                        PartitionUpdate.SimpleBuilder more = at(NOW + 100 + i);
                        more.row(i).add("item", "z".repeat(1000));
                        whole.apply(update(more.build()));
                    }
                })
                .isInstanceOf(CapacityException.class)
                .satisfies(e -> assertThat(((CapacityException) e).hint()).contains("name one row"));
    }

    @Test
    void ofManyRangesTheFirstAreToldAndTheOthersCounted() {
        KeyHistory history = new KeyHistory(
                ORDERS, ByteBuffer.allocate(4).putInt(7).array(), List.of(), new KeyHistory.Limits(1 << 20, 3));
        PartitionUpdate.SimpleBuilder many = at(NOW);
        for (int i = 0; i < 10; i++) {
            many.addRangeTombstone().start(10 * i).end(10 * i + 5).inclStart().inclEnd();
        }
        KeyChange change = history.apply(update(many.build()));
        assertThat(change.ranges())
                .extracting(KeyChange.Range::from)
                .containsExactly(List.of("0"), List.of("10"), List.of("20"));
        assertThat(change.omittedRanges()).isEqualTo(7);
    }

    @Test
    void changesAddUpToWhatReplayGives() {
        follow(SEED, Integer.getInteger("test.cases", 30));
    }

    @Tag("nightly")
    @Test
    void changesAddUpToWhatReplayGivesThousandsOfTimes() {
        follow(SEED + 3_000_000, Integer.getInteger("test.cases", 3_000));
    }

    private void follow(long first, int cases) {
        for (int i = 0; i < cases; i++) {
            long seed = first + i;
            EngineCase of = CaseGenerator.generate(seed);
            JournalProof proof = new JournalProof(of, temp.resolve("case" + i));
            Map<ByteBuffer, List<Update>> byKey = new HashMap<>();
            for (Update update : proof.allUpdates()) {
                byKey.computeIfAbsent(
                                ByteBuffer.wrap(Arrays.copyOfRange(
                                        update.bytes, update.keyAt, update.keyAt + update.keyLength)),
                                key -> new ArrayList<>())
                        .add(update);
            }
            List<ByteBuffer> keys = new ArrayList<>(byKey.keySet());
            Collections.sort(keys);
            for (ByteBuffer key : keys.subList(0, Math.min(3, keys.size()))) {
                try {
                    follow(seed, of.source(), proof, key.array(), byKey.getOrDefault(key, List.of()));
                } catch (UnsupportedException e) {
                    // A base with them is refused, as LegacyCountersTest says.
                    assertThat(String.valueOf(e.getMessage()))
                            .as("seed %d", seed)
                            .contains("counter shards from before Cassandra 2.1");
                }
            }
        }
    }

    private void follow(long seed, TableDefinition table, JournalProof proof, byte[] key, List<Update> updates) {
        Random random = new Random(seed);
        List<Update> some = updates.subList(0, Math.min(40, updates.size()));
        KeyHistory whole = new KeyHistory(table, key);
        KeyHistory half = new KeyHistory(table, key);
        int cut = random.nextInt(some.size());
        List<RowState> before = whole.rows();
        for (int i = 0; i < some.size(); i++) {
            if (i == cut) {
                begin(half, proof, key, some.subList(0, cut));
            }
            KeyChange change = whole.apply(some.get(i));
            List<RowState> after = whole.rows();
            assertThat(applied(before, change))
                    .as("seed %d, update %d", seed, i)
                    .containsExactlyInAnyOrderElementsOf(after);
            if (i >= cut) {
                half.apply(some.get(i));
            }
            before = after;
        }
        if (!TableSchemas.parse(table).isCounter()) {
            // What has met nothing else yet is kept as it was written, also what shadows itself.
            some.forEach(whole::apply);
            some.forEach(half::apply);
        }
        assertThat(half.rows()).as("seed %d cut at %d", seed, cut).isEqualTo(whole.rows());
    }

    private void begin(KeyHistory history, JournalProof proof, byte[] key, List<Update> updates) {
        try (LocalSSTables local = new LocalSSTables()) {
            List<OutputSSTable> replayed = proof.replay(updates);
            List<InputSSTable> inputs = local.open(replayed, TokenRanges.of(KeyHistory.rangeOf(key)));
            history.begin(inputs, new Scratch(temp.resolve("reading"), 1 << 30));
        } finally {
            proof.clean();
        }
    }

    private static List<RowState> applied(List<RowState> before, KeyChange change) {
        List<RowState> out = new ArrayList<>(before);
        for (KeyChange.RowChange row : change.rows()) {
            row.before().ifPresent(was -> assertThat(out.remove(was)).isTrue());
            row.after().ifPresent(out::add);
        }
        return out;
    }
}
