package dev.hindsight.codec.bytes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class VIntsTest {
    private static final long SEED = Long.getLong("test.seed", 9);

    @Test
    void readsWhatItWroteAtEveryPlaceOfAnArray() {
        Random random = new Random(SEED);
        for (int i = 0; i < 100_000; i++) {
            long value = random.nextLong() >>> random.nextInt(64);
            int size = VInts.size(value);
            int at = random.nextInt(12);
            byte[] bytes = new byte[at + size + random.nextInt(12)];
            random.nextBytes(bytes);
            byte[] before = bytes.clone();

            assertThat(VInts.putUnsigned(bytes, at, value)).isEqualTo(at + size);

            assertThat(VInts.length(bytes, at)).isEqualTo(size);
            assertThat(VInts.unsigned(bytes, at)).isEqualTo(value);
            assertThat(Arrays.copyOf(bytes, at)).isEqualTo(Arrays.copyOf(before, at));
            assertThat(Arrays.copyOfRange(bytes, at + size, bytes.length))
                    .isEqualTo(Arrays.copyOfRange(before, at + size, before.length));
        }
    }

    @Test
    void writesTheSameWhereItMayWriteAhead() {
        Random random = new Random(SEED);
        for (int i = 0; i < 100_000; i++) {
            long value = random.nextLong() >>> random.nextInt(64);
            int at = random.nextInt(12);
            byte[] expected = new byte[at + VInts.size(value)];
            byte[] bytes = new byte[expected.length + 8];
            VInts.putUnsigned(expected, at, value);

            assertThat(VInts.putUnsignedAhead(bytes, at, value)).isEqualTo(expected.length);

            assertThat(Arrays.copyOf(bytes, expected.length)).isEqualTo(expected);
        }
    }
}
