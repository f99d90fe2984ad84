package dev.hindsight.synthesis.fingerprint;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import net.jpountz.xxhash.XXHash64;
import net.jpountz.xxhash.XXHashFactory;
import org.junit.jupiter.api.Test;

/** Against another implementation of XXH64. */
class ContentHashTest {
    private static final long SEED = Long.getLong("test.seed", 20261122L);
    private static final XXHash64 OTHER = XXHashFactory.safeInstance().hash64();

    @Test
    void isXxh64HoweverTheBytesCome() {
        Random random = new Random(SEED);
        ContentHash hash = new ContentHash();
        for (int i = 0; i < 3000; i++) {
            byte[] bytes = new byte[random.nextInt(i % 50 == 0 ? 40_000 : 200)];
            random.nextBytes(bytes);
            for (int at = 0; at < bytes.length; ) {
                int part = Math.min(bytes.length - at, 1 + random.nextInt(100));
                hash.bytes(bytes, at, part);
                at += part;
            }

            assertThat(hash.length()).isEqualTo(bytes.length);
            assertThat(hash.take()).as("seed %s, case %s", SEED, i).isEqualTo(OTHER.hash(bytes, 0, bytes.length, 0));
        }
    }

    @Test
    void numbersAreLittleEndian() {
        ContentHash hash = new ContentHash();
        hash.byte1(7);
        hash.int4(-2);
        hash.long8(Long.MIN_VALUE + 3);

        byte[] bytes = ByteBuffer.allocate(13)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 7)
                .putInt(-2)
                .putLong(Long.MIN_VALUE + 3)
                .array();
        assertThat(hash.take()).isEqualTo(OTHER.hash(bytes, 0, bytes.length, 0));
        assertThat(hash.take()).isEqualTo(ContentHash.OF_NOTHING).isEqualTo(OTHER.hash(bytes, 0, 0, 0));
    }
}
