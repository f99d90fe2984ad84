package dev.hindsight.codec.bytes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ShortRunsTest {
    @Test
    void findsEveryByteThatDiffers() {
        Random random = new Random(1);
        for (int length = 0; length <= ShortRuns.MAX_LENGTH; length++) {
            byte[] left = new byte[length + 3];
            byte[] right = new byte[length + 5];
            random.nextBytes(left);
            System.arraycopy(left, 3, right, 5, length);

            assertThat(ShortRuns.equal(left, 3, right, 5, length)).isTrue();
            for (int i = 0; i < length; i++) {
                right[5 + i] ^= (byte) (1 << random.nextInt(8));
                assertThat(ShortRuns.equal(left, 3, right, 5, length))
                        .as("byte %d of %d", i, length)
                        .isFalse();
                right[5 + i] = left[3 + i];
            }
        }
    }

    @Test
    void copiesNoByteLessAndNoneMore() {
        Random random = new Random(2);
        for (int length = 0; length <= ShortRuns.MAX_LENGTH; length++) {
            byte[] from = new byte[length + 4];
            byte[] to = new byte[length + 7];
            random.nextBytes(from);
            random.nextBytes(to);
            byte[] expected = to.clone();
            System.arraycopy(from, 2, expected, 3, length);

            ShortRuns.copy(from, 2, to, 3, length);

            assertThat(to).isEqualTo(expected);
        }
    }
}
