package dev.hindsight.agent.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileReaderTest {
    @TempDir
    Path dir;

    private static byte[] read(FileReader reader, long position, long length) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        reader.read(position, length, piece -> {
            byte[] bytes = new byte[piece.remaining()];
            piece.get(bytes);
            out.writeBytes(bytes);
        });
        return out.toByteArray();
    }

    @Test
    void directAndPlainReadTheSameWhateverTheAlignment() throws Exception {
        long seed = Long.getLong("test.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int size : new int[] {1, 511, 512, 513, 4095, 4096, 4097, 8192, 262_144, 300_001, 1_048_576}) {
            byte[] data = new byte[size];
            random.nextBytes(data);
            Path file = Files.write(dir.resolve("f" + size), data);
            for (boolean direct : new boolean[] {true, false}) {
                try (FileReader reader = FileReader.open(file, 65_536, direct)) {
                    for (int i = 0; i < 30; i++) {
                        int from = i == 0 ? 0 : random.nextInt(size);
                        int length = i == 0 ? size : 1 + random.nextInt(size - from);
                        assertThat(read(reader, from, length))
                                .as("size %d, %d+%d, direct %s, -Dtest.seed=%d", size, from, length, direct, seed)
                                .isEqualTo(Arrays.copyOfRange(data, from, from + length));
                    }
                }
            }
        }
    }

    @Test
    void endOfTheFileIsNotPaddedOver() throws Exception {
        Path file = Files.write(dir.resolve("f"), new byte[5000]);
        for (boolean direct : new boolean[] {true, false}) {
            try (FileReader reader = FileReader.open(file, 65_536, direct)) {
                assertThatThrownBy(() -> read(reader, 4999, 2)).isInstanceOf(EOFException.class);
                assertThatThrownBy(() -> read(reader, 5000, 1)).isInstanceOf(EOFException.class);
                assertThatThrownBy(() -> read(reader, 20_000, 1)).isInstanceOf(EOFException.class);
            }
        }
    }

    @Test
    void linksAreNotOpened() throws Exception {
        Path file = Files.write(dir.resolve("f"), new byte[10]);
        Path link = Files.createSymbolicLink(dir.resolve("l"), file);

        assertThatThrownBy(() -> FileReader.open(link).close()).isInstanceOf(IOException.class);
    }
}
