package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.cursor.LocalSSTables;
import dev.hindsight.synthesis.journal.BeforeValues;
import dev.hindsight.synthesis.journal.KeyChange;
import dev.hindsight.synthesis.journal.KeyHistory;
import dev.hindsight.synthesis.journal.PastChange;
import dev.hindsight.synthesis.journal.RowState;
import dev.hindsight.synthesis.journal.Turn;
import dev.hindsight.synthesis.journal.Update;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What rows were before each record, for all keys at once, against what {@link KeyHistory} finds key by key: over all shapes of
 * tables that the generator knows. {@code -Dtest.seed} sets the first seed, {@code -Dtest.cases} how many follow.
 */
class BeforeValuesTest {
    private static final long SEED = Long.getLong("test.seed", 1);
    private static final KeyHistory.Limits NO_LIMITS = new KeyHistory.Limits(Integer.MAX_VALUE >> 1, 1_000_000);
    private static final Turn TRUNCATED = new Turn(1, true);

    @TempDir
    Path temp;

    private long records;
    private long parts;

    @BeforeAll
    static void start() {
        CassandraRuntime.start();
    }

    @Test
    void everyRecordHasWhatAKeysHistoryHasBeforeIt() {
        join(SEED, Integer.getInteger("test.cases", 40));
        assertThat(records).isGreaterThan(1_000);
        assertThat(parts).isGreaterThan(300);
    }

    @Tag("nightly")
    @Test
    void everyRecordHasWhatAKeysHistoryHasThousandsOfTimes() {
        join(SEED + 7_000_000, Integer.getInteger("test.cases", 3_000));
    }

    private void join(long first, int cases) {
        for (int i = 0; i < cases; i++) {
            EngineCase of = CaseGenerator.generate(first + i);
            join(of, new JournalProof(of, temp.resolve("case" + i)));
        }
    }

    private void join(EngineCase of, JournalProof proof) {
        Random random = new Random(of.seed());
        List<Update> all = new ArrayList<>(proof.allUpdates());
        all.sort(null);
        if (all.isEmpty()) {
            return;
        }
        long lowest = all.stream().mapToLong(one -> one.number).min().orElseThrow();
        long highest = all.stream().mapToLong(one -> one.number).max().orElseThrow();
        long base = lowest + (long) (random.nextDouble() * (highest - lowest + 1));
        long told = base + (long) (random.nextDouble() * random.nextDouble() * (highest - base));
        long truncated = random.nextInt(3) == 0 ? base + (long) (random.nextDouble() * (highest - base)) : highest + 1;
        List<Update> below = all.stream().filter(one -> one.number < base).toList();
        List<Update> above = all.stream().filter(one -> one.number >= base).toList();
        Map<ByteBuffer, Map<Long, List<byte[]>>> found;
        try (LocalSSTables local = new LocalSSTables()) {
            List<OutputSSTable> replayed = below.isEmpty() ? List.of() : proof.replay(below);
            List<InputSSTable> inputs = local.open(replayed, TokenRanges.FULL);
            found = found(of.source(), inputs, above, told, truncated, random);
            Map<ByteBuffer, List<Update>> byKey = new LinkedHashMap<>();
            above.forEach(one ->
                    byKey.computeIfAbsent(key(one), key -> new ArrayList<>()).add(one));
            byKey.forEach((key, updates) -> {
                List<InputSSTable> own = local.open(replayed, TokenRanges.of(KeyHistory.rangeOf(key.array())));
                check(of, key.array(), own, updates, told, truncated, found.getOrDefault(key, Map.of()));
            });
        } catch (UnsupportedException e) {
            assertThat(String.valueOf(e.getMessage()))
                    .containsAnyOf("deletes the partition at timestamp -", "counter shards from before Cassandra 2.1");
        } finally {
            proof.clean();
        }
    }

    private static ByteBuffer key(Update update) {
        return ByteBuffer.wrap(Arrays.copyOfRange(update.bytes, update.keyAt, update.keyAt + update.keyLength));
    }

    private Map<ByteBuffer, Map<Long, List<byte[]>>> found(
            TableDefinition table,
            List<InputSSTable> inputs,
            List<Update> updates,
            long told,
            long truncated,
            Random random) {
        Map<ByteBuffer, Map<Long, List<byte[]>>> out = new HashMap<>();
        BeforeValues.Limits limits = random.nextBoolean()
                ? BeforeValues.Limits.STANDARD
                : new BeforeValues.Limits(1 + random.nextInt(4_000), 1 + random.nextInt(500));
        List<PastChange> changes = new ArrayList<>();
        ByteBuffer last = ByteBuffer.allocate(0);
        boolean turned = false;
        for (Update update : updates) {
            turned &= key(update).equals(last);
            boolean turns = !turned && update.number >= truncated;
            turned |= turns;
            last = key(update);
            changes.add(new PastChange(update, turns ? List.of(TRUNCATED) : List.of(), true));
        }
        Scratch scratch = new Scratch(temp.resolve("joining"), 1 << 30);
        try (BeforeValues values = new BeforeValues(
                version -> table,
                1,
                told,
                limits,
                scratch,
                (key, keyLength, token, number, version, bytes, at, length) -> out.computeIfAbsent(
                                ByteBuffer.wrap(Arrays.copyOf(key, keyLength)), one -> new HashMap<>())
                        .computeIfAbsent(number, one -> new ArrayList<>())
                        .add(Arrays.copyOfRange(bytes, at, at + length)))) {
            values.run(inputs, changes.iterator());
        }
        return out;
    }

    private void check(
            EngineCase of,
            byte[] key,
            List<InputSSTable> base,
            List<Update> updates,
            long told,
            long truncated,
            Map<Long, List<byte[]>> found) {
        KeyHistory whole = new KeyHistory(of.source(), key, List.of(), NO_LIMITS);
        whole.begin(base, new Scratch(temp.resolve("reading"), 1 << 30));
        boolean empty = false;
        for (Update update : updates) {
            if (update.number >= truncated && !empty) {
                empty = true;
                whole = new KeyHistory(of.source(), key, List.of(), NO_LIMITS);
            }
            KeyChange change = whole.apply(update);
            if (update.number < told) {
                assertThat(found).doesNotContainKey(update.number);
                continue;
            }
            KeyHistory stored = new KeyHistory(of.source(), key, List.of(), NO_LIMITS);
            List<byte[]> own = found.getOrDefault(update.number, List.of());
            stored.begin(own);
            List<RowState> before = change.rows().stream()
                    .map(KeyChange.RowChange::before)
                    .flatMap(Optional::stream)
                    .toList();
            assertThat(stored.rows())
                    .as("seed %d, %s: before", of.seed(), update)
                    .isEqualTo(before);
            assertThat(stored.apply(update))
                    .as("seed %d, %s: change", of.seed(), update)
                    .isEqualTo(change);
            records++;
            parts += own.size();
        }
    }
}
