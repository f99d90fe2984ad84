package dev.hindsight.codec.sstable.write;

import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.LocalDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.LongConsumer;

/**
 * A file that is written once from its start to its end, in pieces of its buffer's size. The buffer is on the heap: the
 * JDK's own direct buffer, one per thread however many files are open, takes a piece to the channel. One thread.
 */
final class OutputFile implements AutoCloseable {
    private final Path path;
    private final FileChannel channel;
    private final LongConsumer listener;
    private final byte[] buffer;
    private final ByteBuffer view;
    private int fill;
    private long flushed;

    /**
     * @param path must not exist
     * @param listener told of each piece before it is written
     */
    OutputFile(Path path, int bufferBytes, LongConsumer listener) {
        this.path = path;
        this.listener = listener;
        this.buffer = new byte[bufferBytes];
        this.view = ByteBuffer.wrap(buffer);
        try {
            this.channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw unwritable(path, e);
        }
    }

    Path path() {
        return path;
    }

    long position() {
        return flushed + fill;
    }

    /** Makes room for so many bytes in one piece: from {@link #at} on in the returned array; then {@link #advance}. */
    byte[] room(int bytes) {
        if (buffer.length - fill < bytes) {
            flush();
        }
        return buffer;
    }

    int at() {
        return fill;
    }

    void advance(int bytes) {
        fill += bytes;
    }

    void put(byte[] bytes, int offset, int length) {
        int from = offset;
        int left = length;
        while (left > buffer.length - fill) {
            int part = buffer.length - fill;
            System.arraycopy(bytes, from, buffer, fill, part);
            fill += part;
            from += part;
            left -= part;
            flush();
        }
        System.arraycopy(bytes, from, buffer, fill, left);
        fill += left;
    }

    void put1(int value) {
        room(1)[fill++] = (byte) value;
    }

    void putShort2(int value) {
        VInts.putShort2(room(2), fill, value);
        fill += 2;
    }

    void putInt4(int value) {
        VInts.putInt4(room(4), fill, value);
        fill += 4;
    }

    void putLong8(long value) {
        VInts.putLong8(room(8), fill, value);
        fill += 8;
    }

    void putUnsignedVInt(long value) {
        room(VInts.MAX_LENGTH);
        fill = VInts.putUnsigned(buffer, fill, value);
    }

    void flush() {
        if (fill == 0) {
            return;
        }
        listener.accept(fill);
        view.limit(fill).position(0);
        write(view, flushed);
        flushed += fill;
        fill = 0;
    }

    /** Writes over bytes that were put before. */
    void patch(long position, byte[] bytes, int length) {
        flush();
        write(ByteBuffer.wrap(bytes, 0, length), position);
    }

    private void write(ByteBuffer from, long position) {
        long to = position;
        try {
            while (from.hasRemaining()) {
                to += channel.write(from, to);
            }
        } catch (IOException e) {
            throw unwritable(path, e);
        }
    }

    /** Writes the rest and closes. Returns the file's size. */
    long finish(boolean force) {
        flush();
        try {
            if (force) {
                channel.force(false);
            }
            channel.close();
        } catch (IOException e) {
            throw unwritable(path, e);
        }
        return flushed;
    }

    /** Closes without writing what is left. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw unwritable(path, e);
        }
    }

    static HindsightException unwritable(Path path, IOException cause) {
        return LocalDisk.notWritten("", path, cause);
    }
}
