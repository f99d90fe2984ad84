package dev.hindsight.repository.digest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.CorruptException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DigestsTest {
    private static final long SEED = Long.getLong("test.seed", 20261122L);
    private static final String ABC = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @TempDir
    Path directory;

    @Test
    void allWaysGiveWhatTheStandardSays() throws Exception {
        byte[] abc = "abc".getBytes(StandardCharsets.UTF_8);
        Path file = Files.write(directory.resolve("abc"), abc);

        assertThat(Digests.of(abc)).isEqualTo(ABC).hasSize(Digests.TEXT_LENGTH);
        assertThat(Digests.of("xabcx".getBytes(StandardCharsets.UTF_8), 1, 3)).isEqualTo(ABC);
        assertThat(Digests.of(file)).isEqualTo(ABC);
        assertThat(Digests.of(new ByteArrayInputStream(abc))).isEqualTo(ABC);
    }

    @Test
    void streamsDigestWhateverTheCallsTheyAreReadAndWrittenWith() throws Exception {
        Random random = new Random(SEED);
        byte[] content = new byte[500_000];
        random.nextBytes(content);
        ByteArrayOutputStream copy = new ByteArrayOutputStream();
        DigestingInputStream in = new DigestingInputStream(new ByteArrayInputStream(content));
        try (DigestingOutputStream out = new DigestingOutputStream(copy)) {
            byte[] buffer = new byte[10_000];
            for (int n = 0; n >= 0; ) {
                int b = in.read();
                if (b >= 0) {
                    out.write(b);
                }
                n = in.read(buffer, 5, random.nextInt(9_000));
                out.write(buffer, 5, Math.max(n, 0));
            }

            assertThat(out.sizeBytes()).isEqualTo(content.length);
            assertThat(out.digest()).isEqualTo(Digests.of(content)).isEqualTo(out.digest());
        }
        assertThat(in.sizeBytes()).isEqualTo(content.length);
        assertThat(in.digest()).isEqualTo(Digests.of(content));
        assertThat(copy.toByteArray()).isEqualTo(content);
    }

    @Test
    void goodBytesPass() throws Exception {
        byte[] content = new byte[300_000];
        new Random(SEED).nextBytes(content);

        assertThat(verifying(content, content).readAllBytes()).isEqualTo(content);
        try (InputStream in = verifying(content, content)) {
            assertThat(in.skip(1000)).isEqualTo(1000);
            assertThat(in.readAllBytes()).hasSize(299_000);
            assertThat(in.read()).isEqualTo(-1);
        }
        assertThat(verifying(new byte[0], new byte[0]).read()).isEqualTo(-1);
    }

    @Test
    void wrongBytesNeverReachTheirEnd() {
        byte[] content = new byte[10_000];
        new Random(SEED).nextBytes(content);
        byte[] flipped = content.clone();
        flipped[9_999] ^= 1;

        assertThatThrownBy(() -> drain(verifying(flipped, content)))
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining("data/x")
                .hasMessageContaining(Digests.of(content))
                .hasMessageContaining(Digests.of(flipped));
        assertThatThrownBy(() -> drain(verifying(Arrays.copyOf(content, 9_999), content)))
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining("size is 9999 bytes, expected 10000");
        assertThatThrownBy(() -> drain(verifying(Arrays.copyOf(content, 50_000), content)))
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining("more than 10000 bytes");
        assertThatThrownBy(() -> new VerifyingInputStream(InputStream.nullInputStream(), "data/x", 0, "md5:abc"))
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining("md5:abc");
    }

    private static VerifyingInputStream verifying(byte[] actual, byte[] expected) {
        return new VerifyingInputStream(
                new ByteArrayInputStream(actual), "data/x", expected.length, Digests.of(expected));
    }

    private static void drain(InputStream in) throws Exception {
        in.transferTo(OutputStream.nullOutputStream());
    }
}
