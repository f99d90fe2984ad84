package dev.hindsight.repository.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.journal.Incarnation;
import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.model.journal.Observation;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class CapturesTest {
    private static final long SEED = Long.getLong("test.seed", 20261123L);
    private static final UUID HOST = UUID.fromString("8f8e2a10-c7b1-11f0-9d6b-0b1d8a7f3c55");
    private static final Incarnation INCARNATION = new Incarnation(1_763_979_000_123L, 0x1d8a7f3c);
    private static final CaptureHeader HEADER = new CaptureHeader(HOST, INCARNATION, 0, CaptureHeader.NONE);

    private static final List<CaptureItem> SAMPLE = List.of(
            new CaptureItem.NodeStarted(1_763_978_999_000_000L, 1_763_978_999_001L, "5.0.9"),
            new CaptureItem.Scope(Set.of("shop", "Users")),
            new CaptureItem.Log(1_763_978_999_001L, 8, new Observation(1_763_979_000_100_000L, 1_763_979_000_200_000L)),
            new CaptureItem.Frame(4711, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}),
            new CaptureItem.Frame(4733, new byte[] {(byte) 0xca, (byte) 0xfe}),
            new CaptureItem.Done(new LogPosition(1_763_978_999_001L, 4733), true),
            new CaptureItem.Gap(
                    new LogPosition(1_763_978_999_001L, 4733),
                    new LogPosition(1_763_978_999_002L, LogPosition.END),
                    1_763_979_000_200_000L,
                    1_763_979_000_300_000L,
                    "cap of pinned bytes"),
            new CaptureItem.Outside(
                    UUID.fromString("5a1c3b40-c7b1-11f0-9d0e-0e2a3d5b7c11"),
                    1_763_979_000_250_000L,
                    1_763_979_010_300_000L,
                    "sstableloader brought SSTables"),
            new CaptureItem.Seen(new LogPosition(1_763_978_999_003L, 0), 1_763_979_000_400_000L));

    private static byte[] write(CaptureHeader header, List<CaptureItem> items) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        CaptureWriter writer = new CaptureWriter(out, header);
        for (CaptureItem item : items) {
            writer.add(item);
        }
        writer.finish();
        return out.toByteArray();
    }

    private static List<CaptureItem> read(byte[] bytes) {
        try (CaptureReader reader = CaptureReader.open("captures/x", new ByteArrayInputStream(bytes))) {
            List<CaptureItem> out = new ArrayList<>();
            for (Optional<CaptureItem> item = reader.next(); item.isPresent(); item = reader.next()) {
                out.add(item.get());
            }
            return out;
        }
    }

    private static List<CaptureItem> random(Random random, int count) {
        List<CaptureItem> out = new ArrayList<>();
        while (out.size() < count) {
            switch (random.nextInt(8)) {
                case 0 -> out.add(SAMPLE.get(random.nextInt(2)));
                case 1 -> out.add(SAMPLE.get(5 + random.nextInt(4)));
                default -> {
                    long micros = random.nextLong(1L << 50);
                    out.add(new CaptureItem.Log(random.nextLong(), 7, new Observation(micros, micros + 5)));
                    for (int i = random.nextInt(9); i > 0; i--) {
                        byte[] mutation = new byte[random.nextInt(random.nextInt(20) == 0 ? 60_000 : 300)];
                        random.nextBytes(mutation);
                        out.add(new CaptureItem.Frame(random.nextInt(1 << 30), mutation));
                    }
                }
            }
        }
        return out;
    }

    @Test
    void itemsComeBackAsTheyWere() throws Exception {
        Random random = new Random(SEED);
        assertThat(read(write(HEADER, SAMPLE))).isEqualTo(SAMPLE);
        for (int i = 0; i < 200; i++) {
            List<CaptureItem> items = random(random, random.nextInt(60));
            assertThat(read(write(HEADER, items))).as("seed %d run %d", SEED, i).isEqualTo(items);
        }
    }

    @Test
    void aChainOfObjectsNamesWhatCameBefore() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        String seal = new CaptureWriter(out, HEADER).finish();
        CaptureHeader next = new CaptureHeader(HOST, INCARNATION, 1, seal);
        try (CaptureReader first = CaptureReader.open("x", new ByteArrayInputStream(out.toByteArray()));
                CaptureReader second = CaptureReader.open("x", new ByteArrayInputStream(write(next, SAMPLE)))) {
            assertThat(first.header()).isEqualTo(HEADER);
            assertThat(first.next()).isEmpty();
            assertThat(second.header()).isEqualTo(next);
            assertThat(second.header().previous()).isEqualTo(first.seal());
        }
    }

    @Test
    void everyFlippedByteIsNoticed() throws Exception {
        byte[] bytes = write(HEADER, random(new Random(SEED), 200));
        assertThat(bytes.length).isGreaterThan(2 * Envelope.FRAME_BYTES);
        int step = 1 + bytes.length / 8000;
        for (int at = 0; at < bytes.length; at += at < 300 || at > bytes.length - 300 ? 1 : step) {
            byte[] damaged = bytes.clone();
            damaged[at] ^= (byte) (1 << at % 8);
            requireCorrupt(damaged, "flipped at " + at);
        }
        byte[] small = write(HEADER, SAMPLE);
        for (int at = 0; at < small.length; at++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] damaged = small.clone();
                damaged[at] ^= (byte) (1 << bit);
                requireCorrupt(damaged, "bit " + bit + " flipped at " + at);
            }
        }
    }

    @Test
    void everyCutAndWhateverIsAddedIsNoticed() throws Exception {
        byte[] bytes = write(HEADER, SAMPLE);
        for (int length = 0; length < bytes.length; length++) {
            requireCorrupt(Arrays.copyOf(bytes, length), "cut at " + length);
        }
        requireCorrupt(Arrays.copyOf(bytes, bytes.length + 1), "a byte more");
    }

    @Test
    void framesCannotChangePlaces() throws Exception {
        byte[] mutation = new byte[3 * Envelope.FRAME_BYTES];
        byte[] bytes = write(HEADER, List.of(SAMPLE.get(2), new CaptureItem.Frame(9, mutation)));
        byte[] swapped = bytes.clone();
        int first = (int) Envelope.frameOffset(CaptureHeader.BYTES, 1);
        int second = (int) Envelope.frameOffset(CaptureHeader.BYTES, 2);
        int size = second - first;
        System.arraycopy(bytes, second, swapped, first, size);
        System.arraycopy(bytes, first, swapped, second, size);

        requireCorrupt(swapped, "swapped");
        assertThat(Envelope.checkFrame("x", 1, bytes, first, size)).isEqualTo(Envelope.FRAME_BYTES);
        assertThatThrownBy(() -> Envelope.checkFrame("x", 1, bytes, second, size))
                .isInstanceOf(CorruptException.class);
        assertThat(bytes).hasSize((int) Envelope.objectBytes(CaptureHeader.BYTES, 26 + 9 + mutation.length));
    }

    /** Bytes that are well enveloped but nonsense: a hostile writer, not damage. */
    @Test
    void nonsenseInAnEnvelopeIsRefusedWithoutTakingMemory() throws Exception {
        Random random = new Random(SEED);
        byte[] frameOutside = {CaptureWriter.FRAME, 0, 0, 0, 1, 0, 0, 0, 0};
        requireCorrupt(enveloped(frameOutside), "frame outside");
        byte[] log = new byte[26 + 9];
        log[0] = CaptureWriter.LOG;
        log[26] = CaptureWriter.FRAME;
        log[31] = 0x7f;
        requireCorrupt(enveloped(log), "a frame of 2 GiB");
        log[31] = (byte) 0xff;
        requireCorrupt(enveloped(log), "a negative length");
        byte[] scope = {CaptureWriter.SCOPE, 0x7f, 0, 0, 0};
        requireCorrupt(enveloped(scope), "2^31 keyspaces");
        byte[] outside = new byte[36];
        outside[0] = CaptureWriter.OUTSIDE;
        outside[33] = 0x7f;
        requireCorrupt(enveloped(outside), "a cause of 32 KiB");
        requireCorrupt(enveloped(Arrays.copyOf(outside, 30)), "half an item");
        for (int i = 0; i < 20_000; i++) {
            byte[] any = new byte[1 + random.nextInt(60)];
            random.nextBytes(any);
            any[0] = (byte) random.nextInt(10);
            try {
                read(enveloped(any));
            } catch (CorruptException e) {
                assertThat(e).hasMessageContaining("captures/x");
            }
        }
    }

    @Test
    void theExampleOfTheFormatPageIsWhatIsWritten() throws Exception {
        String page = Files.readString(Path.of(System.getProperty("hindsight.root"), "docs", "FORMAT.md"));
        Matcher example =
                Pattern.compile("```hex name=Capture\n(.*?)```", Pattern.DOTALL).matcher(page);
        byte[] written = write(HEADER, SAMPLE);

        assertThat(example.find()).as(HexFormat.of().formatHex(written)).isTrue();
        String hex = example.group(1).replaceAll("(?m);.*$", "").replaceAll("\\s+", "");
        assertThat(hex).isEqualTo(HexFormat.of().formatHex(written));
        assertThat(read(HexFormat.of().parseHex(hex))).isEqualTo(SAMPLE);
    }

    /** What agents wrote before there were items of data from outside. */
    @Test
    void capturesOfVersion1StayReadable() {
        String hex = "48494e4453474854000100010000000000448f8e2a10c7b111f09d6b0b1d8a7f3c550000019ab557793b1d8a7f3c"
                + "00000000000000000000000000000000000000000000000000000000000000000000000000000000c588e3910000"
                + "00c3f9bb4af306000644545da06bc00000019ab55774d90005352e302e3907000000020005557365727300047368"
                + "6f70010000019ab55774d908000644545db134a0000644545db2bb4002000012670000000a010203040506070809"
                + "0a020000127d00000002cafe040000019ab55774d90000127d01050000019ab55774d90000127d0000019ab55774"
                + "da7fffffff000644545db2bb40000644545db441e00013636170206f662070696e6e656420627974657303000001"
                + "9ab55774db00000000000644545db5c8800000000000000000000000c32201270ab5dfa0c5e94d1132a021bf3041"
                + "7590f3c3e61bf69223e46a3dc20001";

        assertThat(read(HexFormat.of().parseHex(hex)))
                .isEqualTo(SAMPLE.stream()
                        .filter(item -> !(item instanceof CaptureItem.Outside))
                        .toList());
    }

    private static byte[] enveloped(byte[] payload) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        EnvelopeWriter writer = new EnvelopeWriter(out, EnvelopeKind.CAPTURE, HEADER.toBytes());
        writer.write(payload, 0, payload.length);
        writer.finish();
        return out.toByteArray();
    }

    private static void requireCorrupt(byte[] bytes, String what) {
        assertThatThrownBy(() -> read(bytes))
                .as(what)
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining("captures/x");
    }
}
