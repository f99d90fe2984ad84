package dev.hindsight.oracle;

import dev.hindsight.codec.sstable.Components;
import dev.hindsight.synthesis.InputSSTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** Chunks of an uncompressed Data.db: their CRC32s are in CRC.db, after four bytes with the chunk length. */
final class PlainChunks implements ChunkLayout {
    private final long dataLength;
    private final int chunkLength;
    private final int[] checksums;

    PlainChunks(InputSSTable input, Path crc, long dataFileBytes) {
        ByteBuffer bytes;
        try {
            bytes = ByteBuffer.wrap(Files.readAllBytes(crc));
        } catch (IOException e) {
            throw ScratchDirectory.unusable(crc, e);
        }
        this.dataLength = dataFileBytes;
        this.chunkLength = bytes.remaining() >= 4 ? bytes.getInt() : 0;
        int stored = bytes.remaining() / 4;
        long needed = chunkLength <= 0 ? -1 : (dataLength + chunkLength - 1) / chunkLength;
        if (needed <= 0
                || bytes.remaining() % 4 != 0
                || stored < needed
                || stored > needed + CompressedChunks.EMPTY_CHUNKS) {
            throw Damage.of(
                    input,
                    Components.CRC + ": " + stored + " checksums of chunks of " + chunkLength
                            + " bytes do not make the " + dataLength + " bytes of " + Components.DATA);
        }
        this.checksums = new int[(int) needed];
        for (int i = 0; i < checksums.length; i++) {
            checksums[i] = bytes.getInt();
        }
    }

    @Override
    public int chunkCount() {
        return checksums.length;
    }

    @Override
    public long dataLength() {
        return dataLength;
    }

    @Override
    public int chunkLength() {
        return chunkLength;
    }

    @Override
    public long offset(int chunk) {
        return (long) chunk * chunkLength;
    }

    @Override
    public long endOffset(int chunk) {
        return Math.min(dataLength, offset(chunk) + chunkLength);
    }

    @Override
    public @Nullable String wrong(int chunk, byte[] bytes, int offset, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, offset, length);
        return checksums[chunk] == (int) crc.getValue()
                ? null
                : String.format(
                        Locale.ROOT, "CRC32 is %08x but %08x is stored", (int) crc.getValue(), checksums[chunk]);
    }
}
