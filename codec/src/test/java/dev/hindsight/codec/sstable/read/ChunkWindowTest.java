package dev.hindsight.codec.sstable.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.codec.bytes.LocalFile;
import dev.hindsight.codec.bytes.MalformedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChunkWindowTest {
    private static final int CHUNK = 1024;
    private static final int LENGTH = 4000 * CHUNK + 17;

    @TempDir
    Path temp;

    private final byte[] content = new byte[LENGTH];
    private Path data;
    private Path crc;

    @BeforeEach
    void write() throws IOException {
        new Random(1).nextBytes(content);
        int chunks = (LENGTH + CHUNK - 1) / CHUNK;
        ByteBuffer checksums = ByteBuffer.allocate(4 + 4 * chunks).putInt(CHUNK);
        for (int i = 0; i < chunks; i++) {
            CRC32 one = new CRC32();
            one.update(content, i * CHUNK, Math.min(CHUNK, LENGTH - i * CHUNK));
            checksums.putInt((int) one.getValue());
        }
        data = Files.write(temp.resolve("oa-1-big-Data.db"), content);
        crc = Files.write(temp.resolve("oa-1-big-CRC.db"), checksums.array());
    }

    private ChunkWindow window(ByteSource source, int bufferBytes, Section... sections) {
        return new ChunkWindow(
                source,
                PlainChunks.open(LocalFile.open(crc), LENGTH),
                List.of(sections),
                bufferBytes,
                new StoredBytes());
    }

    @Test
    void growsForALargeItemAndShrinksBehindIt() {
        ChunkWindow window = window(LocalFile.open(data), 8 * CHUNK, new Section(5, LENGTH, "all"));
        window.nextSection();

        window.require(3000 * CHUNK);
        assertThat(Arrays.copyOfRange(window.bytes, window.position, window.position + 3000 * CHUNK))
                .isEqualTo(Arrays.copyOfRange(content, 5, 5 + 3000 * CHUNK));
        assertThat(window.bytes.length).isGreaterThan(3000 * CHUNK);
        window.position = window.limit;
        window.require(10);

        assertThat(window.bytes.length).isEqualTo(8 * CHUNK);
        assertThat(window.bytes[window.position]).isEqualTo(content[(int) window.filePosition()]);
    }

    @Test
    void keepsItsArrayWhileItemsAreSmall() {
        ChunkWindow window = window(LocalFile.open(data), 8 * CHUNK, new Section(0, LENGTH, "all"));
        window.nextSection();
        byte[] array = window.bytes;
        while (window.hasMore()) {
            window.require((int) Math.min(3 * CHUNK, LENGTH - window.filePosition()));
            assertThat(window.bytes).isSameAs(array);
            window.position += (int) Math.min(2 * CHUNK + 5, LENGTH - window.filePosition());
        }
    }

    @Test
    void neverGoesBeyondTheSection() {
        ChunkWindow window =
                window(LocalFile.open(data), 8 * CHUNK, new Section(10, 20, "few"), new Section(20, 9000, "more"));
        window.nextSection();

        assertThat(window.limit - window.position).isEqualTo(10);
        assertThatThrownBy(() -> window.require(11))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("few");
        assertThatThrownBy(() -> window.require(Integer.MAX_VALUE)).isInstanceOf(MalformedException.class);
        assertThat(window.nextSection()).isTrue();
        assertThat(window.filePosition()).isEqualTo(20);
        window.require(8980);
        assertThat(window.bytes[window.position + 8979]).isEqualTo(content[8999]);
        assertThat(window.nextSection()).isFalse();
    }

    @Test
    void aWrongChunkIsNamedWithItsTokens() throws IOException {
        byte[] damaged = content.clone();
        damaged[100 * CHUNK + 7] ^= 4;
        LocalFile file = LocalFile.open(Files.write(temp.resolve("damaged"), damaged));
        ChunkWindow window = window(file, 8 * CHUNK, new Section(0, LENGTH, "(1,2]"));
        window.nextSection();

        assertThatThrownBy(() -> window.require(200 * CHUNK))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("Data.db chunk 100 at offset " + 100 * CHUNK)
                .hasMessageContaining("(1,2]");
    }

    @Test
    void readsAnySourceNotOnlyFiles() {
        ByteSource far = new ByteSource() {
            @Override
            public String name() {
                return "far";
            }

            @Override
            public long sizeBytes() {
                return LENGTH;
            }

            @Override
            public void read(long position, byte[] into, int offset, int length) {
                System.arraycopy(content, (int) position, into, offset, length);
            }
        };
        ChunkWindow window = window(far, 0, new Section(3 * CHUNK, 5 * CHUNK, "x"));
        window.nextSection();
        window.require(2 * CHUNK);

        assertThat(Arrays.copyOfRange(window.bytes, window.position, window.limit))
                .isEqualTo(Arrays.copyOfRange(content, 3 * CHUNK, 5 * CHUNK));
    }
}
