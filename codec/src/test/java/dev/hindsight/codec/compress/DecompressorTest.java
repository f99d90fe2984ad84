package dev.hindsight.codec.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.github.luben.zstd.Zstd;
import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.model.failure.UnsupportedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;
import net.jpountz.lz4.LZ4Factory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.xerial.snappy.Snappy;

class DecompressorTest {
    private static final long SEED = Long.getLong("test.seed", System.nanoTime());
    private static final int GUARD = 64;

    static final Iterable<String> NAMES = Decompressor.NAMES;

    private static byte[] compress(String name, byte[] content) {
        switch (name) {
            case "LZ4Compressor": {
                byte[] block = LZ4Factory.fastestInstance().fastCompressor().compress(content);
                return ByteBuffer.allocate(4 + block.length)
                        .putInt(Integer.reverseBytes(content.length))
                        .put(block)
                        .array();
            }
            case "SnappyCompressor":
                try {
                    return Snappy.compress(content);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            case "DeflateCompressor": {
                Deflater deflater = new Deflater();
                deflater.setInput(content);
                deflater.finish();
                byte[] out = new byte[2 * content.length + 100];
                int length = deflater.deflate(out);
                deflater.end();
                return Arrays.copyOf(out, length);
            }
            case "ZstdCompressor":
                return Zstd.compress(content);
            default:
                return content.clone();
        }
    }

    private static byte[] content(Random random) {
        byte[] content = new byte[1 + random.nextInt(20_000)];
        int distinct = 1 + random.nextInt(256);
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) random.nextInt(distinct);
        }
        return content;
    }

    private static ByteBuffer placed(byte[] bytes, int at, boolean direct) {
        int capacity = at + bytes.length + 7;
        ByteBuffer out = direct ? ByteBuffer.allocateDirect(capacity) : ByteBuffer.allocate(capacity);
        out.put(at, bytes);
        return out;
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void givesBackWhatWasCompressed(String name) {
        Random random = new Random(SEED);
        try (Decompressor decompressor = Decompressor.named("org.apache.cassandra.io.compress." + name)) {
            for (int i = 0; i < 200; i++) {
                byte[] content = content(random);
                byte[] compressed = compress(name, content);
                int at = random.nextInt(100);
                byte[] into = new byte[content.length + 2 * GUARD];

                decompressor.decompress(
                        placed(compressed, at, random.nextBoolean()),
                        at,
                        compressed.length,
                        into,
                        GUARD,
                        content.length);

                assertThat(Arrays.copyOfRange(into, GUARD, GUARD + content.length))
                        .as("seed %d", SEED)
                        .isEqualTo(content);
            }
        }
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void wrongBytesAreMalformedAndWriteNowhereElse(String name) {
        Random random = new Random(SEED);
        try (Decompressor decompressor = Decompressor.named(name)) {
            for (int i = 0; i < 3000; i++) {
                byte[] content = content(random);
                byte[] compressed = compress(name, content);
                for (int flip = random.nextInt(5); flip >= 0; flip--) {
                    compressed[random.nextInt(compressed.length)] ^= (byte) (1 << random.nextInt(8));
                }
                int length = random.nextInt(3) == 0 ? random.nextInt(compressed.length) : compressed.length;
                int expected = random.nextInt(3) == 0 ? random.nextInt(content.length + 100) : content.length;
                byte[] into = new byte[expected + 2 * GUARD];
                Arrays.fill(into, (byte) 0x5a);
                ByteBuffer stored = placed(compressed, 3, random.nextBoolean());

                Throwable failure =
                        catchThrowable(() -> decompressor.decompress(stored, 3, length, into, GUARD, expected));

                if (failure != null) {
                    assertThat(failure).as("seed %d", SEED).isInstanceOf(MalformedException.class);
                }
                for (int g = 0; g < GUARD; g++) {
                    assertThat(into[g]).as("seed %d", SEED).isEqualTo((byte) 0x5a);
                    assertThat(into[GUARD + expected + g]).as("seed %d", SEED).isEqualTo((byte) 0x5a);
                }
            }
        }
    }

    @Test
    void anotherCompressorIsRefusedByName() {
        assertThatThrownBy(() -> Decompressor.named("com.example.MyCompressor"))
                .isInstanceOf(UnsupportedException.class)
                .hasMessageContaining("com.example.MyCompressor");
    }

    @Test
    void aDamagedNameIsNotAForeignOne() {
        assertThatThrownBy(() -> Decompressor.named("LZ4CompresSor")).isInstanceOf(MalformedException.class);
    }
}
