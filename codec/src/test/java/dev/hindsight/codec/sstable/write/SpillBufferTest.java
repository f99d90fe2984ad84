package dev.hindsight.codec.sstable.write;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpillBufferTest {
    private static final long SEED = Long.getLong("test.seed", 8);
    private static final int LIMIT = 16 << 10;

    @TempDir
    Path temp;

    @Test
    void givesBackInOrderWhatWasPut() throws Exception {
        Random random = new Random(SEED);
        Path file = temp.resolve("spilled");
        Counts counts = new Counts();
        try (SpillBuffer buffer = new SpillBuffer(file, LIMIT, counts)) {
            for (int round = 0; round < 60; round++) {
                int target = random.nextInt(round % 2 == 0 ? LIMIT : 20 * LIMIT);
                ByteArrayOutputStream expected = new ByteArrayOutputStream();
                while (expected.size() < target) {
                    byte[] bytes = new byte[random.nextInt(10) == 0 ? random.nextInt(3 * LIMIT) : 4];
                    random.nextBytes(bytes);
                    buffer.put(bytes, 0, bytes.length);
                    expected.writeBytes(bytes);
                }
                assertThat(buffer.size()).isEqualTo(expected.size());
                assertThat(counts.temporary > 0).isEqualTo(expected.size() > LIMIT);

                ByteArrayOutputStream actual = new ByteArrayOutputStream();
                buffer.drain((bytes, length) -> actual.write(bytes, 0, length));

                assertThat(actual.toByteArray())
                        .as("seed %d round %d", SEED, round)
                        .isEqualTo(expected.toByteArray());
                buffer.clear();
                assertThat(buffer.size()).isZero();
                assertThat(file).doesNotExist();
                assertThat(counts.temporary).isZero();
            }
        }
    }

    /** Of a listener. */
    static final class Counts implements WriteListener {
        long data;
        long other;
        long temporary;

        @Override
        public void data(long bytes) {
            data += bytes;
        }

        @Override
        public void other(long bytes) {
            other += bytes;
        }

        @Override
        public void temporary(long bytes) {
            temporary += bytes;
        }
    }
}
