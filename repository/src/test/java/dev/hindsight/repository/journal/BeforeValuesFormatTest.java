package dev.hindsight.repository.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.FormatTooNewException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.repository.digest.Digests;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.store.Body;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class BeforeValuesFormatTest {
    private static final long SEED = Long.getLong("test.seed", 20261123L);
    private static final UUID TABLE = UUID.fromString("8f8e2a10-c7b1-11f0-9d6b-0b1d8a7f3c55");
    private static final UUID OBJECT = UUID.fromString("9c1d0d3e-3c0e-4d0c-9a52-2d8f6f0b7a11");

    private final HeapStore store = new HeapStore();

    private record Part(long token, String key, long number, int version, String bytes) {}

    @Test
    void partsComeBackByTokenRangeByNumberAndOneByOne() throws Exception {
        for (int run = 0; run < 12; run++) {
            Random random = new Random(SEED + run);
            List<Part> parts = random(random, run == 0 ? 1 : 1 + random.nextInt(1500));
            BeforeReader reader = BeforeReader.open(store, put("b" + run, write(parts)));
            assertThat(all(reader.cursor())).as("seed %d run %d", SEED, run).isEqualTo(parts);
            assertThat(reader.tableId()).isEqualTo(TABLE);
            for (int i = 0; i < 25; i++) {
                long a = parts.get(random.nextInt(parts.size())).token() - random.nextInt(2);
                long b = parts.get(random.nextInt(parts.size())).token() + random.nextInt(2);
                TokenRange range = a == b ? TokenRange.FULL : new TokenRange(Math.min(a, b), Math.max(a, b));
                long from = random.nextInt(parts.size());
                long to = from + random.nextInt(parts.size());
                assertThat(all(reader.cursor(range, from, to)))
                        .as("seed %d run %d, %s", SEED, run, range)
                        .isEqualTo(parts.stream()
                                .filter(one -> one.token() > range.start() && one.token() <= range.end())
                                .filter(one -> one.number() >= from && one.number() <= to)
                                .toList());
                long number = 1 + random.nextInt(parts.size() + 2);
                Optional<BeforeCursor> found = reader.find(number);
                assertThat(found.map(BeforeValuesFormatTest::all).orElse(List.of()))
                        .as("seed %d run %d, number %d", SEED, run, number)
                        .isEqualTo(parts.stream()
                                .filter(one -> one.number() == number)
                                .toList());
            }
        }
    }

    @Test
    void equalPartsGiveEqualBytesAndOrderIsAskedFor() throws Exception {
        List<Part> parts = random(new Random(SEED), 300);
        assertThat(write(parts)).isEqualTo(write(parts));
        List<Part> wrong = new ArrayList<>(parts);
        wrong.add(parts.get(0));
        assertThatThrownBy(() -> write(wrong)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> write(List.of())).isInstanceOf(IllegalStateException.class);
    }

    /** Whatever a ranged read gives is as it was written, or a typed failure that names the object. */
    @Test
    void noDamageGivesAWrongPart() throws Exception {
        Random random = new Random(SEED);
        List<Part> expected = random(random, 400);
        byte[] whole = write(expected);
        int told = 0;
        for (int i = 0; i < 1500; i++) {
            byte[] damaged = i % 10 == 9 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
            if (damaged.length == whole.length) {
                int at = i < 400 ? i : i < 600 ? whole.length - 1 - (i - 400) : random.nextInt(whole.length);
                damaged[at] ^= (byte) (1 << random.nextInt(8));
            }
            ObjectRef ref = put("d" + i, damaged);
            List<Part> got = new ArrayList<>();
            try {
                BeforeCursor cursor = BeforeReader.open(store, ref).cursor();
                while (cursor.next()) {
                    got.add(part(cursor));
                }
                assertThat(got).as("damage %d of seed %d", i, SEED).isEqualTo(expected);
            } catch (CorruptException | FormatTooNewException e) {
                assertThat(e).hasMessageContaining("d" + i);
                assertThat(got).isEqualTo(expected.subList(0, got.size()));
                told++;
            }
            if (damaged.length == whole.length) {
                // The object as a whole: its seal covers every byte.
                assertThatThrownBy(() -> payload(damaged)).isInstanceOf(HindsightException.class);
            }
        }
        assertThat(told).isGreaterThan(1200);
    }

    /** Checksums do not help against who computes them: nothing but typed failures, and no endless loop. */
    @Test
    void hostilePayloadsAreRefused() throws Exception {
        Random random = new Random(SEED);
        byte[] payload = payload(write(random(random, 50)));
        for (int i = 0; i < 3000; i++) {
            byte[] hostile = payload.clone();
            for (int j = 1 + random.nextInt(3); j > 0; j--) {
                int at = random.nextInt(3) == 0
                        ? hostile.length - 1 - random.nextInt(BeforeLayout.TAIL_BYTES)
                        : random.nextInt(hostile.length);
                hostile[at] = (byte) random.nextInt(256);
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            EnvelopeWriter writer = new EnvelopeWriter(out, EnvelopeKind.BEFORE, new byte[BeforeLayout.FIELD_BYTES]);
            writer.write(hostile, 0, hostile.length);
            writer.finish();
            ObjectRef ref = put("h" + i, out.toByteArray());
            try {
                BeforeReader reader = BeforeReader.open(store, ref);
                all(reader.cursor());
                reader.find(1 + random.nextInt(20)).ifPresent(BeforeValuesFormatTest::all);
            } catch (HindsightException e) {
                assertThat(e).hasMessageContaining("h" + i);
            }
        }
    }

    /** docs/FORMAT.md, Before-values: the example is what is written today. */
    @Test
    void theExampleOfTheFormatPageIsWhatIsWritten() throws Exception {
        String page = Files.readString(Path.of(System.getProperty("hindsight.root"), "docs", "FORMAT.md"));
        Matcher example = Pattern.compile("```hex name=BeforeValues\n(.*?)```", Pattern.DOTALL)
                .matcher(page);
        assertThat(example.find()).isTrue();
        String hex = example.group(1).replaceAll(";[^\n]*", "").replaceAll("\\s", "");

        assertThat(hex).isEqualTo(HexFormat.of().formatHex(sample()));
    }

    /**
     * CREATE TABLE users (id int PRIMARY KEY, name text): the row of id 7 before records 42 and 43, both written at 2025-11-24
     * 10:10:00.150 UTC; then the partition was deleted.
     */
    private static byte[] sample() throws Exception {
        return write(List.of(
                new Part(-5, "00000007", 42, 1, "80" + "24" + "0b" + "00" + "fd2409afd777f0" + "08" + "0161" + "01"),
                new Part(-5, "00000007", 43, 1, "80" + "24" + "0b" + "00" + "fd2409afd777f0" + "08" + "0162" + "01")));
    }

    private static byte[] payload(byte[] object) {
        try (EnvelopeReader reader = EnvelopeReader.open("x", new ByteArrayInputStream(object), EnvelopeKind.BEFORE)) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            while (!reader.atEnd()) {
                out.write(reader.read1());
            }
            return out.toByteArray();
        }
    }

    private ObjectRef put(String key, byte[] bytes) {
        store.putIfAbsent(key, Body.of(bytes));
        return new ObjectRef(key, bytes.length, Digests.of(bytes));
    }

    private static byte[] write(List<Part> parts) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BeforeWriter writer = new BeforeWriter(out, TABLE, OBJECT, parts.size() == 2 ? 41 : 1);
        for (Part one : parts) {
            byte[] key = HexFormat.of().parseHex(one.key());
            byte[] bytes = HexFormat.of().parseHex("ffff" + one.bytes());
            writer.add(key, key.length, one.token(), one.number(), one.version(), bytes, 2, bytes.length - 2);
        }
        assertThat(writer.parts()).isEqualTo(parts.size());
        writer.finish();
        return out.toByteArray();
    }

    private static List<Part> random(Random random, int count) {
        List<Part> out = new ArrayList<>();
        for (int number = 1; number <= count; number += 1 + random.nextInt(2)) {
            // Few partitions, and several keys of one token.
            long token = (random.nextInt(40) - 20) * (Long.MAX_VALUE / 20);
            String key = HexFormat.of().toHexDigits((byte) random.nextInt(3));
            for (int part = random.nextInt(4) == 0 ? 3 : 1; part > 0; part--) {
                byte[] bytes = new byte[random.nextInt(random.nextInt(30) == 0 ? 40_000 : 400)];
                random.nextBytes(bytes);
                out.add(new Part(
                        token, key, number, random.nextInt(3), HexFormat.of().formatHex(bytes)));
            }
        }
        out.sort(Comparator.comparingLong(Part::token).thenComparing(Part::key).thenComparingLong(Part::number));
        return out;
    }

    private static List<Part> all(BeforeCursor cursor) {
        List<Part> out = new ArrayList<>();
        while (cursor.next()) {
            out.add(part(cursor));
        }
        return out;
    }

    private static Part part(BeforeCursor cursor) {
        HexFormat hex = HexFormat.of();
        return new Part(
                cursor.token,
                hex.formatHex(cursor.bytes, cursor.keyAt, cursor.keyAt + cursor.keyLength),
                cursor.number,
                cursor.version,
                hex.formatHex(cursor.bytes, cursor.partAt, cursor.partAt + cursor.partLength));
    }
}
