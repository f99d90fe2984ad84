package dev.hindsight.synthesis.fingerprint;

import dev.hindsight.model.failure.CorruptException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * Reads the runs of a fingerprints file in token order. All of it is checked when it is opened, and no length in it is
 * believed before. One thread.
 */
public final class FingerprintReader implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 14;

    private final Path file;
    private final String name;
    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private long position;
    private final long runsEnd;
    private final long count;
    private long read;
    private long start;
    private long end = Long.MIN_VALUE;
    private long hash;

    private FingerprintReader(Path file, String name, FileChannel channel) throws IOException {
        this.file = file;
        this.name = name;
        this.channel = channel;
        long size = channel.size();
        if (size < FingerprintFile.HEAD_BYTES + FingerprintFile.TAIL_BYTES) {
            throw corrupt("it has " + size + " bytes, fewer than any has");
        }
        this.runsEnd = size - FingerprintFile.TAIL_BYTES;
        checkHead();
        this.count = checkRuns(size);
        rewind();
    }

    /**
     * @param name for messages: the object's key
     * @throws CorruptException its bytes cannot be
     */
    public static FingerprintReader open(Path file, String name) {
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
            try {
                return new FingerprintReader(file, name, channel);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw ScratchFiles.unusable(file, e);
        }
    }

    private void checkHead() throws IOException {
        buffer.limit(FingerprintFile.HEAD_BYTES);
        fill();
        CRC32C crc = new CRC32C();
        crc.update(buffer.array(), 0, FingerprintFile.HEAD_BYTES - Integer.BYTES);
        if (buffer.getLong(0) != FingerprintFile.MAGIC
                || buffer.getInt(FingerprintFile.HEAD_BYTES - Integer.BYTES) != (int) crc.getValue()) {
            throw corrupt("it does not begin as fingerprints do");
        }
        if (buffer.getShort(8) != FingerprintFile.VERSION || buffer.getShort(10) != FingerprintFile.ALGORITHM) {
            throw corrupt("version " + buffer.getShort(8) + ", algorithm " + buffer.getShort(10)
                    + ", only version 1 and algorithm 1 are known");
        }
    }

    private long checkRuns(long size) throws IOException {
        CRC32C crc = new CRC32C();
        long checkedEnd = size - Integer.BYTES;
        for (position = FingerprintFile.HEAD_BYTES; position < checkedEnd; ) {
            buffer.clear();
            buffer.limit((int) Math.min(BUFFER_BYTES, checkedEnd - position));
            fill();
            crc.update(buffer.array(), 0, buffer.limit());
        }
        position = runsEnd;
        buffer.clear().limit(FingerprintFile.TAIL_BYTES);
        fill();
        long told = buffer.getLong(0);
        if (buffer.getInt(Long.BYTES) != (int) crc.getValue()) {
            throw corrupt("its checksum is " + Integer.toHexString((int) crc.getValue()) + ", not "
                    + Integer.toHexString(buffer.getInt(Long.BYTES)));
        }
        return told;
    }

    /** Before the first run again. */
    void rewind() {
        position = FingerprintFile.HEAD_BYTES;
        buffer.clear().limit(0);
        read = 0;
        start = Long.MIN_VALUE;
        end = Long.MIN_VALUE;
    }

    /** Goes to the next run; false behind the last. */
    public boolean next() {
        try {
            if (position == runsEnd && !buffer.hasRemaining()) {
                if (read != count) {
                    throw corrupt("it has " + read + " runs and says that it has " + count);
                }
                return false;
            }
            long gap = vint();
            long length = vint();
            if (Long.compareUnsigned(gap, Long.MAX_VALUE - end) > 0) {
                throw corrupt("run " + read + " starts behind the last token");
            }
            start = end + gap;
            if (length == 0 || Long.compareUnsigned(length, Long.MAX_VALUE - start) > 0) {
                throw corrupt("run " + read + " from " + start + " has length " + Long.toUnsignedString(length));
            }
            end = start + length;
            long value = 0;
            for (int i = 0; i < Long.BYTES; i++) {
                value |= (byte1() & 0xffL) << 8 * i;
            }
            hash = value;
            read++;
            return true;
        } catch (IOException e) {
            throw ScratchFiles.unusable(file, e);
        }
    }

    /** The run holds the tokens of {@code (start, end]}. */
    public long start() {
        return start;
    }

    public long end() {
        return end;
    }

    public long hash() {
        return hash;
    }

    /** As its tail tells. */
    public long count() {
        return count;
    }

    /** How many runs have any partition; it is before the first run again then. */
    public long countWithContent() {
        long found = 0;
        rewind();
        while (next()) {
            found += hash == ContentHash.OF_NOTHING ? 0 : 1;
        }
        rewind();
        return found;
    }

    private long vint() throws IOException {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            int next = byte1();
            if (shift == 63 && (next & 0xfe) != 0) {
                break;
            }
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw corrupt("run " + read + " has a number of more than 64 bits");
    }

    private int byte1() throws IOException {
        if (!buffer.hasRemaining()) {
            if (position >= runsEnd) {
                throw corrupt("it ends within run " + read);
            }
            buffer.clear();
            buffer.limit((int) Math.min(BUFFER_BYTES, runsEnd - position));
            fill();
        }
        return buffer.get();
    }

    /** Fills the buffer up to its limit from {@link #position} on, which moves. */
    private void fill() throws IOException {
        while (buffer.hasRemaining()) {
            int got = channel.read(buffer, position);
            if (got < 0) {
                throw new IOException("it ends at " + position);
            }
            position += got;
        }
        buffer.flip();
    }

    private CorruptException corrupt(String what) {
        return new CorruptException(
                "fingerprints " + name + ": " + what, "run 'hindsight verify' to see all that is damaged");
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw ScratchFiles.unusable(file, e);
        }
    }
}
