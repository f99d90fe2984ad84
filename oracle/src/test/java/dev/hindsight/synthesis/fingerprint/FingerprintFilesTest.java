package dev.hindsight.synthesis.fingerprint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.Scratch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FingerprintFilesTest {
    private static final long SEED = Long.getLong("test.seed", 20261122L);

    @TempDir
    Path directory;

    private Path file;
    private Scratch scratch;

    private record Run(long start, long end, long hash) {}

    @BeforeEach
    void files() {
        file = directory.resolve("prints");
        scratch = new Scratch(directory, 1L << 30);
    }

    private void write(List<Run> runs) {
        try (FingerprintWriter writer = new FingerprintWriter(file, scratch)) {
            runs.forEach(run -> writer.add(run.start(), run.end(), run.hash()));
            writer.finish();
        }
    }

    private List<Run> read() {
        List<Run> out = new ArrayList<>();
        try (FingerprintReader reader = FingerprintReader.open(file, "prints")) {
            while (reader.next()) {
                out.add(new Run(reader.start(), reader.end(), reader.hash()));
            }
            assertThat(reader.count()).isEqualTo(out.size());
        }
        return out;
    }

    private static List<Run> random(Random random, int count) {
        long[] tokens = random.longs(2L * count).sorted().distinct().toArray();
        List<Run> out = new ArrayList<>();
        for (int i = 0; i + 1 < tokens.length; i += 1 + random.nextInt(2)) {
            out.add(new Run(tokens[i], tokens[i + 1], random.nextLong()));
        }
        return out;
    }

    @Test
    void whatWasWrittenIsRead() {
        Random random = new Random(SEED);
        for (int count : new int[] {0, 1, 2, 100, 20_000}) {
            List<Run> runs = random(random, count);
            write(runs);

            assertThat(read()).as("seed %s", SEED).isEqualTo(runs);
        }
        List<Run> all = List.of(new Run(Long.MIN_VALUE, Long.MAX_VALUE, 0));
        write(all);
        assertThat(read()).isEqualTo(all);
    }

    @Test
    void theFormatIsFixed() throws IOException {
        write(List.of(new Run(Long.MIN_VALUE, -1, 0x0102030405060708L), new Run(0, 300, -1)));

        assertThat(HexFormat.of().formatHex(Files.readAllBytes(file)))
                .isEqualTo("4853465052554e530100010019c8d364" + "00ffffffffffffffff7f0807060504030201"
                        + "01ac02ffffffffffffffff" + "0200000000000000" + "621add08");
    }

    @Test
    void everyFlippedBitAndEveryCutIsFound() throws IOException {
        write(random(new Random(SEED), 5));
        byte[] right = Files.readAllBytes(file);
        for (int bit = 0; bit < right.length * 8; bit++) {
            byte[] wrong = right.clone();
            wrong[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file, wrong);
            assertThatThrownBy(this::read).as("bit %s", bit).isInstanceOf(CorruptException.class);
        }
        for (int length = 0; length < right.length; length++) {
            Files.write(file, Arrays.copyOf(right, length));
            assertThatThrownBy(this::read).as("length %s", length).isInstanceOf(CorruptException.class);
        }
    }

    @Test
    void hostileRunsBehindRightChecksumsGiveSortedRunsOrAnError() throws IOException {
        Random random = new Random(SEED);
        for (int i = 0; i < 3000; i++) {
            byte[] runs = new byte[random.nextInt(80)];
            random.nextBytes(runs);
            if (i % 2 == 0) {
                for (int k = 0; k < runs.length; k++) {
                    runs[k] = (byte) (random.nextInt(4) == 0 ? runs[k] : random.nextBoolean() ? 0 : 0xff);
                }
            }
            Files.write(file, sealed(runs, random.nextInt(6)));
            try {
                long previous = Long.MIN_VALUE;
                for (Run run : read()) {
                    assertThat(run.start()).as("seed %s, case %s", SEED, i).isGreaterThanOrEqualTo(previous);
                    assertThat(run.end()).isGreaterThan(run.start());
                    previous = run.end();
                }
            } catch (CorruptException e) {
                assertThat(e).hasMessageContaining("prints");
            }
        }
    }

    private static byte[] sealed(byte[] runs, long count) {
        ByteBuffer out = ByteBuffer.allocate(16 + runs.length + 12).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(FingerprintFile.MAGIC).putShort((short) 1).putShort((short) 1);
        CRC32C crc = new CRC32C();
        crc.update(out.array(), 0, 12);
        out.putInt((int) crc.getValue()).put(runs).putLong(count);
        crc.reset();
        crc.update(out.array(), 16, runs.length + 8);
        return out.putInt((int) crc.getValue()).array();
    }

    @Test
    void aScratchLimitIsObeyedAndAFreshStartGivesItBack() {
        Scratch small = new Scratch(directory, 1000);
        try (FingerprintWriter writer = new FingerprintWriter(file, small)) {
            for (int i = 0; i < 3; i++) {
                writer.restart();
                for (long start = 0; start < 40; start++) {
                    writer.add(start, start + 1, start);
                }
                writer.finish();
            }
        }

        assertThat(small.peakBytes()).isLessThan(1000);
        assertThat(read()).hasSize(40);
    }

    @Test
    void wholeRunsTileTheirRangesAndKeepEqualTokensTogether() {
        Random random = new Random(SEED);
        TokenRanges ranges =
                TokenRanges.of(new TokenRange(-1000, 0), new TokenRange(10, 20), new TokenRange(50, 90_000));
        try (FingerprintWriter writer = new FingerprintWriter(file, scratch)) {
            WholeRuns runs = new WholeRuns(ranges, writer);
            RunContent content = new RunContent();
            runs.restart();
            for (long token = 51; token < 90_000; token += random.nextInt(50)) {
                runs.before(token, content);
                content.hash.bytes(new byte[900], 0, random.nextInt(900));
            }
            runs.end(content);
        }

        List<Run> made = read();
        assertThat(TokenRanges.of(made.stream()
                        .map(run -> new TokenRange(run.start(), run.end()))
                        .toList()))
                .isEqualTo(ranges);
        assertThat(made.get(0)).isEqualTo(new Run(-1000, 0, ContentHash.OF_NOTHING));
        assertThat(made.get(1)).isEqualTo(new Run(10, 20, ContentHash.OF_NOTHING));
        assertThat(made).hasSizeGreaterThan(100);
    }

    @Test
    void layersHelpOnlyWhereTheyCountAndHaveTheSameEnds() {
        write(List.of(new Run(0, 10, 1), new Run(10, 20, 2), new Run(20, 30, 3)));
        Path upper = directory.resolve("upper");
        try (FingerprintWriter writer = new FingerprintWriter(upper, scratch)) {
            writer.add(0, 10, 11);
            writer.add(12, 20, 12);
            writer.add(20, 30, 13);
            writer.finish();
        }
        try (FingerprintReader below = FingerprintReader.open(file, "below");
                FingerprintReader above = FingerprintReader.open(upper, "above")) {
            LayeredRuns runs = new LayeredRuns(
                    List.of(below, above), List.of(TokenRanges.of(new TokenRange(0, 25)), TokenRanges.FULL));
            runs.restart();

            runs.find(5);
            assertThat(List.of(runs.start(), runs.end())).containsExactly(0L, 10L);
            assertThat(runs.has(1)).isTrue();
            assertThat(runs.has(11)).isTrue();
            assertThat(runs.has(2)).isFalse();
            runs.find(15);
            assertThat(List.of(runs.start(), runs.end())).containsExactly(10L, 20L);
            assertThat(runs.has(2)).isTrue();
            assertThat(runs.has(12)).isFalse();
            runs.find(25);
            assertThat(runs.has(3)).isFalse();
            assertThat(runs.has(13)).isTrue();
            runs.find(31);
            assertThat(List.of(runs.start(), runs.end())).containsExactly(30L, 31L);
            assertThat(runs.isKnown()).isFalse();
        }
    }

    @Test
    void aLayerIsAskedOnlyAboutRunsThatAreNotLaterThroughout() {
        Verdicts verdicts = new Verdicts(directory.resolve("verdicts"), scratch);
        verdicts.add(0, 10, 100, true, Verdict.COMPARE, 1);
        verdicts.add(10, 20, 200, true, Verdict.COMPARE, 1);
        verdicts.add(30, 40, 50, true, Verdict.KNOWN, 1);
        verdicts.add(50, 60, Long.MIN_VALUE, false, Verdict.COMPARE, 1);
        verdicts.close();

        assertThat(verdicts.compared(99)).isEqualTo(TokenRanges.of(new TokenRange(50, 60)));
        assertThat(verdicts.compared(100))
                .isEqualTo(TokenRanges.of(List.of(new TokenRange(0, 10), new TokenRange(50, 60))));
        assertThat(verdicts.compared(Long.MAX_VALUE))
                .isEqualTo(TokenRanges.of(List.of(new TokenRange(0, 20), new TokenRange(50, 60))));
    }

    @Test
    void manyRangesAreJoinedOverTheSmallestGaps() {
        Verdicts.FewRanges few = new Verdicts.FewRanges(3);
        long[][] ranges = {{0, 1}, {100, 101}, {102, 103}, {500, 501}, {502, 503}, {504, 505}, {900, 901}};
        for (long[] range : ranges) {
            few.add(range[0], range[1]);
        }

        TokenRanges joined = few.ranges();

        assertThat(joined.ranges()).hasSizeLessThanOrEqualTo(3);
        for (long[] range : ranges) {
            assertThat(joined.contains(range[1])).isTrue();
        }
        assertThat(joined.contains(300)).isFalse();
        assertThat(joined.contains(700)).isFalse();
    }
}
