package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.Window;
import dev.hindsight.codec.sstable.Components;
import dev.hindsight.codec.sstable.SSTableVersion;
import dev.hindsight.codec.sstable.read.Cardinality;
import dev.hindsight.codec.sstable.read.DecodedStatistics;
import dev.hindsight.codec.sstable.read.StatisticsReader;
import dev.hindsight.codec.sstable.read.StoredBytes;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.CorruptInputException;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.fetch.FetchedInput;
import dev.hindsight.synthesis.fetch.FetchedInputs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import org.apache.cassandra.io.sstable.format.SSTableFormat;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Wrong bytes in any component: the failure names the SSTable, or what is read is as if they were right. Where only the
 * rows can tell (a trie that points into the middle of a partition), {@link DamageTest} looks at the rows.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class ReadingDamageTest {
    private static final long SEED = Long.getLong("test.seed", 20_261_122L);
    private static final List<String> NOT_READ = List.of(Components.FILTER, Components.TOC, Components.DIGEST);
    private static final List<String> ONLY_ROWS_TELL = List.of(Components.PARTITIONS, Components.ROWS);
    private static final TokenRanges MIDDLE =
            TokenRanges.of(new TokenRange(-1L << 61, 1L << 60), new TokenRange(1L << 61, 1L << 62));

    @TempDir
    Path temp;

    private int outcomes;
    private int unnoticed;

    @ParameterizedTest
    @ValueSource(strings = {"nb", "oa", "da"})
    void aFlippedBitIsNamedOrChangesNothing(String version) {
        damage(version, 25);
    }

    @Tag("nightly")
    @ParameterizedTest
    @ValueSource(strings = {"nb", "oa", "da"})
    void manyFlippedBitsAreNamedOrChangeNothing(String version) {
        damage(version, 1000);
    }

    @ParameterizedTest
    @EnumSource
    void wrongStatisticsWithRightChecksumsAreMalformedOrUnderstood(SSTableVersion version) throws IOException {
        for (Schemas schema : List.of(Schemas.COMPOSITE, Schemas.COLLECTIONS)) {
            Random random = new Random(SEED);
            WrittenSSTable sstable =
                    WrittenSSTable.write(temp.resolve("in" + schema), version.text(), schema, "", SEED, 20, 300);
            byte[] right = Files.readAllBytes(
                    sstable.descriptor().fileFor(SSTableFormat.Components.STATS).toPath());
            for (int i = 0; i < 20_000; i++) {
                byte[] wrong = right.clone();
                int near = random.nextInt(wrong.length);
                for (int flips = random.nextInt(4); flips >= 0; flips--) {
                    int at = Math.min(wrong.length - 1, near + random.nextInt(16));
                    wrong[at] = random.nextInt(3) == 0 ? (byte) -1 : (byte) random.nextInt(256);
                }
                Throwable failure = catchThrowable(() -> {
                    DecodedStatistics statistics = StatisticsReader.read(seal(wrong), version);
                    statistics.rowHeader();
                    statistics.cardinality().ifPresent(Cardinality::estimator);
                });
                if (failure != null) {
                    assertThat(failure)
                            .as("seed %d, %d", SEED, i)
                            .isInstanceOfAny(MalformedException.class, UnsupportedException.class);
                }
            }
        }
    }

    /** With checksums that fit, as long as the directory can be followed. */
    private static byte[] seal(byte[] file) {
        ByteBuffer bytes = ByteBuffer.wrap(file);
        CRC32 crc = new CRC32();
        crc.update(file, 0, 4);
        bytes.putInt(4, (int) crc.getValue());
        int count = bytes.getInt(0);
        int directory = 8 + 8 * count;
        if (count < 1 || count > 4) {
            return file;
        }
        crc.update(file, 8, 8 * count);
        bytes.putInt(directory, (int) crc.getValue());
        for (int i = 0; i < count; i++) {
            int start = bytes.getInt(12 + 8 * i);
            int end = (i + 1 < count ? bytes.getInt(20 + 8 * i) : file.length) - 4;
            if (start >= directory && start <= end && end <= file.length - 4) {
                crc.reset();
                crc.update(file, start, end - start);
                bytes.putInt(end, (int) crc.getValue());
            }
        }
        return file;
    }

    private void damage(String version, int flips) {
        Random random = new Random(SEED);
        int run = 0;
        for (String compression : WrittenSSTable.COMPRESSIONS) {
            WrittenSSTable sstable = WrittenSSTable.write(
                    temp.resolve("in" + run++), version, Schemas.COMPOSITE, compression, random.nextLong(), 60, 600);
            InputSSTable whole = sstable.input(MIDDLE);
            List<Long> expected = read(whole);
            for (String component :
                    whole.components().keySet().stream().sorted().toList()) {
                long size = DamagedSource.source(whole, component).sizeBytes();
                for (int i = 0; i < flips && size > 0 && !NOT_READ.contains(component); i++) {
                    // The first and the last bytes of a component mean most.
                    long at = switch (random.nextInt(4)) {
                        case 0 -> Math.min(size - 1, random.nextInt(64));
                        case 1 -> Math.max(0, size - 1 - random.nextInt(64));
                        default -> (long) (random.nextDouble() * size);
                    };
                    int bits = random.nextInt(4) == 0 ? 1 + random.nextInt(255) : 1 << random.nextInt(8);
                    boolean cut = random.nextInt(10) == 0;
                    holds(
                            cut
                                    ? DamagedSource.truncate(whole, component, at)
                                    : DamagedSource.flip(whole, component, at, bits),
                            component,
                            expected,
                            "seed " + SEED + ": " + component + " of " + version + compression
                                    + (cut ? " cut at " : " with bits " + bits + " wrong at ") + at + " of " + size);
                }
            }
        }
        // Else it would be another SSTable that is read.
        assertThat(unnoticed).isLessThan(outcomes / 2);
    }

    private void holds(InputSSTable damaged, String component, List<Long> expected, String what) {
        List<List<Long>> got = new ArrayList<>();
        Throwable failure = catchThrowable(() -> got.add(read(damaged)));
        outcomes++;
        if (failure == null) {
            unnoticed++;
            if (!ONLY_ROWS_TELL.contains(component)) {
                assertThat(got.get(0)).as(what).isEqualTo(expected);
            }
        } else {
            assertThat(failure).as(what).isInstanceOf(CorruptInputException.class);
            assertThat(failure.getMessage()).as(what).contains(damaged.descriptor(), damaged.origin());
            // What no decoder expected would be caught at the thread's boundary.
            assertThat(failure.getMessage()).as(what).doesNotContain("fetching: ");
        }
    }

    /** Sections and checksums of their bytes. */
    private List<Long> read(InputSSTable input) {
        Scratch scratch = new Scratch(temp.resolve("scratch"), 1L << 26);
        List<Long> out = new ArrayList<>();
        try (FetchedInputs fetched = FetchedInputs.fetch(List.of(input), scratch, SynthesisProgress.NONE)) {
            for (FetchedInput one : fetched.inputs()) {
                out.add(one.partitions());
                one.sections().forEach(section -> out.addAll(List.of(section.start(), section.end())));
                Window window = one.window(1, new StoredBytes());
                while (window.nextSection()) {
                    CRC32 crc = new CRC32();
                    drain(window, count -> crc.update(window.bytes, window.position, count));
                    out.add(crc.getValue());
                }
            }
        }
        scratch.reserve(scratch.limitBytes());
        return out;
    }

    private static void drain(Window window, Consumer<Integer> taker) {
        while (window.hasMore()) {
            window.require(1);
            taker.accept(window.limit - window.position);
            window.position = window.limit;
        }
    }
}
