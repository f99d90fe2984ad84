package dev.hindsight.repository.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.FormatTooNewException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.journal.ChangeRecord;
import dev.hindsight.model.journal.ContentDigest;
import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.model.journal.Observation;
import dev.hindsight.model.journal.Origin;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.repository.digest.Digests;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.store.Body;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class JournalSegmentTest {
    private static final long SEED = Long.getLong("test.seed", 20261123L);
    private static final UUID TABLE = UUID.fromString("8f8e2a10-c7b1-11f0-9d6b-0b1d8a7f3c55");
    private static final UUID SEGMENT = UUID.fromString("5f6d0d3e-3c0e-4d0c-9a52-2d8f6f0b7a11");
    private static final UUID HOST = UUID.fromString("0c0a2f6e-6a7c-4a57-8f43-5ad1c1c6b001");

    private final HeapStore store = new HeapStore();

    /** What a record looks like from outside. */
    private record Seen(ChangeRecord change, long token, int version, String key, String update) {}

    private record Input(ChangeRecord change, long token, int version, byte[] bytes, int keyAt, int keyLength) {
        Seen seen() {
            return new Seen(
                    new ChangeRecord(
                            change.number(),
                            change.instantMicros(),
                            change.observed(),
                            change.late(),
                            change.writeMicros(),
                            new ContentDigest(0, 0),
                            change.origins()),
                    token,
                    version,
                    HexFormat.of().formatHex(bytes, keyAt, keyAt + keyLength),
                    HexFormat.of().formatHex(bytes));
        }
    }

    @Test
    void recordsComeBackByTokenRangeAndNumber() throws Exception {
        for (int run = 0; run < 12; run++) {
            Random random = new Random(SEED + run);
            List<Input> inputs = random(random, run == 0 ? 1 : 1 + random.nextInt(1500));
            ObjectRef ref = put("s" + run, write(inputs));
            JournalSegmentReader reader = JournalSegmentReader.open(store, ref);

            assertThat(all(reader.cursor())).as("seed %d run %d", SEED, run).isEqualTo(seen(inputs));
            assertThat(reader.records()).isEqualTo(inputs.size());
            assertThat(reader.tableId()).isEqualTo(TABLE);
            for (int i = 0; i < 25; i++) {
                long a = inputs.get(random.nextInt(inputs.size())).token() - random.nextInt(2);
                long b = inputs.get(random.nextInt(inputs.size())).token() + random.nextInt(2);
                TokenRange range = a == b ? TokenRange.FULL : new TokenRange(Math.min(a, b), Math.max(a, b));
                long from = random.nextInt(inputs.size());
                long to = from + random.nextInt(inputs.size());
                List<Seen> expected = inputs.stream()
                        .filter(one -> one.token() > range.start() && one.token() <= range.end())
                        .filter(one ->
                                one.change().number() >= from && one.change().number() <= to)
                        .map(Input::seen)
                        .toList();
                assertThat(all(reader.cursor(range, from, to)))
                        .as("seed %d run %d, %s", SEED, run, range)
                        .isEqualTo(expected);
            }
            byNumber(reader, inputs, random);
        }
    }

    private static void byNumber(JournalSegmentReader reader, List<Input> inputs, Random random) {
        List<Input> ordered = inputs.stream()
                .sorted(Comparator.comparingLong(one -> one.change().number()))
                .toList();
        List<JournalSegmentReader.Place> places = new ArrayList<>();
        reader.places(places::add);
        assertThat(places).hasSameSizeAs(ordered);
        for (int i = 0; i < ordered.size(); i++) {
            ChangeRecord change = ordered.get(i).change();
            assertThat(places.get(i).number()).isEqualTo(change.number());
            assertThat(places.get(i).instantMicros()).isEqualTo(change.instantMicros());
            assertThat(places.get(i).digest()).isEqualTo(change.digest());
        }
        for (int i = 0; i < 20; i++) {
            int which = random.nextInt(ordered.size());
            RecordCursor cursor = reader.cursorAt(reader.placeOf(which));
            assertThat(cursor.next()).isTrue();
            assertThat(cursor.number).isEqualTo(ordered.get(which).change().number());
            long instant = ordered.get(which).change().instantMicros() + random.nextInt(3) - 1;
            assertThat(reader.recordsUpTo(instant)).isEqualTo((int) ordered.stream()
                    .filter(one -> one.change().instantMicros() <= instant)
                    .count());
        }
        assertThat(reader.firstNumber()).isEqualTo(ordered.get(0).change().number());
        assertThat(reader.lastInstantMicros())
                .isEqualTo(ordered.get(ordered.size() - 1).change().instantMicros());
    }

    @Test
    void equalRecordsGiveEqualBytesAndOrderIsAskedFor() throws Exception {
        List<Input> inputs = random(new Random(SEED), 300);
        assertThat(write(inputs)).isEqualTo(write(inputs));
        List<Input> wrong = new ArrayList<>(inputs);
        wrong.add(inputs.get(0));
        assertThatThrownBy(() -> write(wrong)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> write(List.of())).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anUpdateOfManyMegabytesIsReadInOnePiece() throws Exception {
        byte[] large = new byte[5 << 20];
        new Random(SEED).nextBytes(large);
        ChangeRecord change = change(1, 100, new Random(SEED));
        ObjectRef ref = put("large", write(List.of(new Input(change, 7, 8, large, 18, 4))));
        RecordCursor cursor = JournalSegmentReader.open(store, ref).cursor();
        assertThat(cursor.next()).isTrue();
        assertThat(Arrays.equals(
                        cursor.bytes, cursor.updateAt, cursor.updateAt + cursor.updateLength, large, 0, large.length))
                .isTrue();
        assertThat(cursor.next()).isFalse();
    }

    /** Whatever a ranged read gives is as it was written, or a typed failure that names the object. */
    @Test
    void noDamageGivesAWrongRecord() throws Exception {
        Random random = new Random(SEED);
        List<Input> inputs = random(random, 400);
        List<Seen> expected = seen(inputs);
        byte[] whole = write(inputs);
        int told = 0;
        for (int i = 0; i < 1500; i++) {
            byte[] damaged = i % 10 == 9 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
            if (damaged.length == whole.length) {
                int at = i < 400 ? i : i < 600 ? whole.length - 1 - (i - 400) : random.nextInt(whole.length);
                damaged[at] ^= (byte) (1 << random.nextInt(8));
            }
            ObjectRef ref = put("d" + i, damaged);
            List<Seen> got = new ArrayList<>();
            try {
                JournalSegmentReader reader = JournalSegmentReader.open(store, ref);
                RecordCursor cursor = reader.cursor();
                while (cursor.next()) {
                    got.add(seen(cursor));
                }
                assertThat(got).as("damage %d of seed %d", i, SEED).isEqualTo(expected);
            } catch (CorruptException | FormatTooNewException e) {
                assertThat(e).hasMessageContaining("d" + i);
                assertThat(got).isEqualTo(expected.subList(0, got.size()));
                told++;
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
                        ? hostile.length - 1 - random.nextInt(SegmentLayout.TAIL_BYTES)
                        : random.nextInt(hostile.length);
                hostile[at] = (byte) random.nextInt(256);
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            EnvelopeWriter writer = new EnvelopeWriter(out, EnvelopeKind.SEGMENT, new byte[SegmentLayout.FIELD_BYTES]);
            writer.write(hostile, 0, hostile.length);
            writer.finish();
            ObjectRef ref = put("h" + i, out.toByteArray());
            try {
                JournalSegmentReader reader = JournalSegmentReader.open(store, ref);
                RecordCursor cursor = reader.cursor();
                while (cursor.next()) {
                    cursor.origins();
                }
                reader.places(place -> {});
                reader.recordsUpTo(random.nextLong());
                reader.cursorAt(reader.placeOf(0)).next();
            } catch (HindsightException e) {
                assertThat(e).hasMessageContaining("h" + i);
            }
        }
    }

    /** docs/FORMAT.md, Journal segments: the example is what is written today. */
    @Test
    void theExampleOfTheFormatPageIsWhatIsWritten() throws Exception {
        String page = Files.readString(Path.of(System.getProperty("hindsight.root"), "docs", "FORMAT.md"));
        Matcher example = Pattern.compile("```hex name=JournalSegment\n(.*?)```", Pattern.DOTALL)
                .matcher(page);
        assertThat(example.find()).isTrue();
        String hex = example.group(1).replaceAll(";[^\n]*", "").replaceAll("\\s", "");

        assertThat(hex).isEqualTo(HexFormat.of().formatHex(sample()));
    }

    private static byte[] sample() throws Exception {
        Origin origin = new Origin(HOST, new LogPosition(1_763_978_999_001L, 4711));
        Origin other = new Origin(new UUID(HOST.getMostSignificantBits(), 2), new LogPosition(1_763_978_990_002L, 99));
        byte[] update = HexFormat.of().parseHex("8f8e2a10c7b111f09d6b0b1d8a7f3c55" + "0400000007" + "01");
        long micros = 1_763_979_000_150_000L;
        ChangeRecord first = new ChangeRecord(
                41,
                micros,
                new Observation(micros - 50_000, micros + 50_000),
                false,
                micros,
                new ContentDigest(0x0011223344556677L, 0x8899aabbccddeeffL),
                List.of(origin, other));
        ChangeRecord second = new ChangeRecord(
                42,
                micros + 1000,
                new Observation(micros - 90_000, micros - 80_000),
                true,
                42,
                new ContentDigest(0xffeeddccbbaa9988L, 0x7766554433221100L),
                List.of(origin));
        return write(List.of(
                new Input(second, -5, 8, update, 17, 4), new Input(first, 4_711_000_000_000L, 8, update, 17, 4)));
    }

    private static byte[] payload(byte[] object) {
        try (EnvelopeReader reader =
                EnvelopeReader.open("x", new java.io.ByteArrayInputStream(object), EnvelopeKind.SEGMENT)) {
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

    private static byte[] write(List<Input> inputs) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        JournalSegmentWriter writer = new JournalSegmentWriter(out, TABLE, SEGMENT, 41, 1_763_979_000_150_000L);
        for (Input one : inputs) {
            byte[] shifted = new byte[one.bytes().length + 3];
            System.arraycopy(one.bytes(), 0, shifted, 3, one.bytes().length);
            writer.add(
                    one.change(),
                    one.token(),
                    one.version(),
                    shifted,
                    3,
                    one.bytes().length,
                    one.keyAt(),
                    one.keyLength());
        }
        writer.finish();
        return out.toByteArray();
    }

    private static List<Input> random(Random random, int count) {
        List<Input> out = new ArrayList<>();
        long instant = random.nextLong(1L << 50);
        for (int number = 1; number <= count; number++) {
            instant += random.nextInt(3) == 0 ? random.nextInt(1_000_000) : 0;
            byte[] bytes = new byte[30 + random.nextInt(random.nextInt(30) == 0 ? 40_000 : 400)];
            random.nextBytes(bytes);
            // Few partitions, and several keys of one token.
            long token = (random.nextInt(40) - 20) * (Long.MAX_VALUE / 20);
            bytes[20] = (byte) random.nextInt(3);
            out.add(new Input(change(number, instant, random), token, 7 + random.nextInt(2), bytes, 20, 1));
        }
        out.sort(Comparator.<Input>comparingLong(one -> one.token())
                .thenComparing(one -> one.bytes()[20] & 0xff)
                .thenComparing(one -> one.change().number()));
        return out;
    }

    private static ChangeRecord change(long number, long instant, Random random) {
        List<Origin> origins = new ArrayList<>();
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            origins.add(new Origin(
                    new UUID(0, i), new LogPosition(1000 + random.nextInt(2), random.nextInt(Integer.MAX_VALUE))));
        }
        long from = instant - random.nextInt(10_000);
        return new ChangeRecord(
                number,
                instant,
                new Observation(from, from + random.nextInt(20_000)),
                random.nextInt(5) == 0,
                random.nextInt(4) == 0 ? random.nextLong() : instant,
                new ContentDigest(random.nextLong(), random.nextLong()),
                origins);
    }

    private static List<Seen> seen(List<Input> inputs) {
        return inputs.stream().map(Input::seen).toList();
    }

    private static List<Seen> all(RecordCursor cursor) {
        List<Seen> out = new ArrayList<>();
        while (cursor.next()) {
            out.add(seen(cursor));
        }
        return out;
    }

    private static Seen seen(RecordCursor cursor) {
        return new Seen(
                new ChangeRecord(
                        cursor.number,
                        cursor.instantMicros,
                        cursor.observed(),
                        cursor.late,
                        cursor.writeMicros,
                        new ContentDigest(0, 0),
                        cursor.origins()),
                cursor.token,
                cursor.logVersion,
                HexFormat.of().formatHex(cursor.bytes, cursor.keyAt, cursor.keyAt + cursor.keyLength),
                HexFormat.of().formatHex(cursor.bytes, cursor.updateAt, cursor.updateAt + cursor.updateLength));
    }
}
