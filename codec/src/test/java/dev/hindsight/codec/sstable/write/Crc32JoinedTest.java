package dev.hindsight.codec.sstable.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.codec.bytes.VInts;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class Crc32JoinedTest {
    private static final long SEED = Long.getLong("test.seed", 32);

    @Test
    void isTheSumOfAllPartsTogether() {
        Random random = new Random(SEED);
        for (int round = 0; round < 50; round++) {
            Crc32Joined joined = new Crc32Joined();
            CRC32 whole = new CRC32();
            for (int part = random.nextInt(20); part >= 0; part--) {
                byte[] bytes = new byte[random.nextInt(4) == 0 ? random.nextInt(200_000) : random.nextInt(300)];
                random.nextBytes(bytes);
                CRC32 own = new CRC32();
                own.update(bytes);
                whole.update(bytes);
                joined.add((int) own.getValue(), bytes.length);
                if (random.nextBoolean()) {
                    byte[] number = new byte[4];
                    VInts.putInt4(number, 0, (int) own.getValue());
                    whole.update(number);
                    joined.addInt4((int) own.getValue());
                }
            }
            assertThat(joined.value()).as("seed %d round %d", SEED, round).isEqualTo(whole.getValue());
        }
    }
}
