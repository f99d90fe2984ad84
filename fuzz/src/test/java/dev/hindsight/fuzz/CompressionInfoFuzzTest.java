package dev.hindsight.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.sstable.read.CompressedChunks;
import dev.hindsight.model.failure.UnsupportedException;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** CompressionInfo.db, and chunks whose stored bytes are anything, decompressed by each of the libraries. */
class CompressionInfoFuzzTest {
    private static final int CHUNK = 4096;

    static Stream<byte[]> seeds() {
        return Corpus.with(
                Stream.of("LZ4Compressor", "SnappyCompressor", "DeflateCompressor", "ZstdCompressor", "NoopCompressor")
                        .map(name -> Bytes.join(info(name), new byte[60])),
                "anyChunkIsDecodedOrRefused");
    }

    private static byte[] info(String compressor) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeUTF(compressor);
            out.writeInt(1);
            out.writeUTF("lz4_compressor_type");
            out.writeUTF("fast");
            out.writeInt(CHUNK);
            out.writeInt(Integer.MAX_VALUE);
            out.writeLong(CHUNK + 10);
            out.writeInt(2);
            out.writeLong(0);
            out.writeLong(30);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    @MethodSource("seeds")
    @FuzzTest
    void anyChunkIsDecodedOrRefused(byte[] data) {
        List<byte[]> parts = Bytes.parts(data, 2);
        byte[] stored = parts.get(1);
        try (CompressedChunks chunks =
                CompressedChunks.open(Bytes.source("CompressionInfo.db", parts.get(0)), stored.length)) {
            byte[] into = new byte[Math.min(chunks.chunkLength(), 1 << 20)];
            for (int chunk = 0; chunk < Math.min(chunks.chunkCount(), 8); chunk++) {
                decode(chunks, chunk, stored, into);
            }
        } catch (MalformedException | UnsupportedException e) {
            // These are what wrong bytes may end in.
            return;
        }
    }

    private static void decode(CompressedChunks chunks, int chunk, byte[] stored, byte[] into) {
        int at = Math.toIntExact(chunks.offset(chunk));
        int length = Math.toIntExact(chunks.endOffset(chunk)) - at;
        if (into.length < chunks.chunkLength()) {
            return;
        }
        try {
            chunks.verify(chunk, ByteBuffer.wrap(stored), at, length);
        } catch (MalformedException e) {
            // Bytes that a checksum vouches for are what decompressors see; here they see all.
            chunks.chunkCount();
        }
        chunks.decode(chunk, ByteBuffer.wrap(stored), at, length, into, 0);
        chunks.decode(
                chunk, ByteBuffer.allocateDirect(stored.length).put(stored).flip(), at, length, into, 0);
    }
}
