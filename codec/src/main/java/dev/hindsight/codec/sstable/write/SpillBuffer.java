package dev.hindsight.codec.sstable.write;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that are put in order and later read back in order: in memory up to a limit, beyond it in a temporary file whose
 * space is given back by {@link #clear} or {@link #close}; a killed process leaves none, since the file has no name. One
 * thread.
 */
final class SpillBuffer implements AutoCloseable {
    private static final int FIRST_BYTES = 4 << 10;

    /** Takes bytes that were put, in pieces whose lengths are multiples of eight but for the last. */
    interface Taker {
        void take(byte[] bytes, int length);
    }

    private final Path file;
    private final int limit;
    private final WriteListener listener;
    private byte[] memory = new byte[FIRST_BYTES];
    private int fill;
    private @Nullable FileChannel spilled;
    private long spilledBytes;

    /**
     * @param file made only when it is needed
     * @param limitBytes a power of two, at least 4 KiB
     */
    SpillBuffer(Path file, int limitBytes, WriteListener listener) {
        this.file = file;
        this.limit = limitBytes;
        this.listener = listener;
    }

    long size() {
        return spilledBytes + fill;
    }

    void put(byte[] bytes, int offset, int length) {
        int from = offset;
        int left = length;
        while (left > memory.length - fill) {
            if (memory.length < limit) {
                memory = Arrays.copyOf(memory, 2 * memory.length);
                continue;
            }
            int part = memory.length - fill;
            System.arraycopy(bytes, from, memory, fill, part);
            fill += part;
            from += part;
            left -= part;
            spill();
        }
        System.arraycopy(bytes, from, memory, fill, left);
        fill += left;
    }

    private void spill() {
        listener.temporary(fill);
        try {
            FileChannel channel = spilled;
            if (channel == null) {
                channel = FileChannel.open(
                        file,
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.DELETE_ON_CLOSE);
                spilled = channel;
            }
            ByteBuffer view = ByteBuffer.wrap(memory, 0, fill);
            while (view.hasRemaining()) {
                spilledBytes += channel.write(view, spilledBytes);
            }
            fill = 0;
        } catch (IOException e) {
            throw OutputFile.unwritable(file, e);
        }
    }

    /** Gives everything that was put, in order; the bytes may be changed by the taker. Only {@link #clear} is of use afterwards. */
    void drain(Taker taker) {
        FileChannel channel = spilled;
        if (channel == null) {
            taker.take(memory, fill);
            return;
        }
        if (fill > 0) {
            spill();
        }
        try {
            for (long at = 0; at < spilledBytes; ) {
                int part = (int) Math.min(memory.length, spilledBytes - at);
                ByteBuffer view = ByteBuffer.wrap(memory, 0, part);
                while (view.hasRemaining()) {
                    if (channel.read(view, at + view.position()) < 0) {
                        throw new IOException("it ends at " + (at + view.position()) + " of " + spilledBytes);
                    }
                }
                taker.take(memory, part);
                at += part;
            }
        } catch (IOException e) {
            throw OutputFile.unwritable(file, e);
        }
    }

    /** As new; the memory stays. */
    void clear() {
        fill = 0;
        close();
    }

    /** Deletes the temporary file. */
    @Override
    public void close() {
        FileChannel channel = spilled;
        if (channel != null) {
            spilled = null;
            try {
                channel.close();
            } catch (IOException e) {
                throw OutputFile.unwritable(file, e);
            }
            listener.temporary(-spilledBytes);
            spilledBytes = 0;
        }
    }
}
