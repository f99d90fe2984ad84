package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.codec.commitlog.SegmentReader;
import dev.hindsight.codec.commitlog.SegmentReader.Tail;
import dev.hindsight.model.failure.UnsupportedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.apache.cassandra.config.TransparentDataEncryptionOptions;
import org.apache.cassandra.db.commitlog.CommitLogDescriptor;
import org.apache.cassandra.security.EncryptionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncryptedCommitLogTest {
    @TempDir
    Path temp;

    @ParameterizedTest
    @ValueSource(ints = {CommitLogDescriptor.VERSION_40, CommitLogDescriptor.VERSION_50})
    void isRefusedByName(int version) throws IOException {
        CassandraRuntime.start();
        EncryptionContext encryption = new EncryptionContext(
                new TransparentDataEncryptionOptions("AES/CBC/PKCS5Padding", "testing:1", null), new byte[16], false);
        ByteBuffer segment = ByteBuffer.allocate(1 << 16);
        CommitLogDescriptor.writeHeader(
                segment,
                new CommitLogDescriptor(version, 17, null, encryption),
                Map.of(EncryptionContext.ENCRYPTION_IV, "00112233445566778899aabbccddeeff"));
        Path file = temp.resolve("CommitLog-" + version + "-17.log");
        Files.write(file, Arrays.copyOf(segment.array(), segment.capacity()));

        for (Tail tail : Tail.values()) {
            assertThatThrownBy(() -> SegmentReader.open(new FileSource(file), tail))
                    .isInstanceOf(UnsupportedException.class)
                    .hasMessageContaining(file.getFileName().toString())
                    .hasMessageContaining("encrypted");
        }
    }
}
