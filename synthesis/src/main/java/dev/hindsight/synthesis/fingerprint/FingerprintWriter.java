package dev.hindsight.synthesis.fingerprint;

import dev.hindsight.synthesis.Scratch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/** Writes a fingerprints file into scratch, run after run. One thread; close it also when it is not finished. */
public final class FingerprintWriter implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 14;
    private static final int MOST_OF_RUN = 10 + 10 + 8;

    private final Path file;
    private final Scratch scratch;
    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final CRC32C crc = new CRC32C();
    private long reserved;
    private long count;
    private long previousEnd;
    private boolean finished;

    public FingerprintWriter(Path file, Scratch scratch) {
        this.file = file;
        this.scratch = scratch;
        try {
            this.channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw ScratchFiles.unusable(file, e);
        }
        restart();
    }

    public Path file() {
        return file;
    }

    public long count() {
        return count;
    }

    /** Forgets all runs so far. */
    void restart() {
        try {
            channel.truncate(0);
            channel.position(0);
        } catch (IOException e) {
            throw ScratchFiles.unusable(file, e);
        }
        scratch.release(reserved);
        reserved = 0;
        count = 0;
        previousEnd = Long.MIN_VALUE;
        finished = false;
        buffer.clear();
        buffer.putLong(FingerprintFile.MAGIC);
        buffer.putShort(FingerprintFile.VERSION);
        buffer.putShort(FingerprintFile.ALGORITHM);
        crc.reset();
        crc.update(buffer.array(), 0, buffer.position());
        buffer.putInt((int) crc.getValue());
        crc.reset();
        write();
    }

    /** Of tokens in {@code (start, end]}, behind those of the run before. */
    void add(long start, long end, long hash) {
        if (start < previousEnd || end <= start) {
            throw new IllegalArgumentException(
                    "a run of (" + start + "," + end + "] behind one that ends at " + previousEnd);
        }
        if (buffer.remaining() < MOST_OF_RUN) {
            flush();
        }
        vint(start - previousEnd);
        vint(end - start);
        buffer.putLong(hash);
        previousEnd = end;
        count++;
    }

    /** Nothing can be added any more; again has no effect. */
    void finish() {
        if (finished) {
            return;
        }
        finished = true;
        flush();
        buffer.putLong(count);
        crc.update(buffer.array(), 0, buffer.position());
        buffer.putInt((int) crc.getValue());
        write();
    }

    private void vint(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            buffer.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        buffer.put((byte) rest);
    }

    private void flush() {
        crc.update(buffer.array(), 0, buffer.position());
        write();
    }

    private void write() {
        buffer.flip();
        scratch.reserve(buffer.remaining());
        reserved += buffer.remaining();
        try {
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        } catch (IOException e) {
            throw ScratchFiles.unusable(file, e);
        }
        buffer.clear();
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
