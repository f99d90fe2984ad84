package dev.hindsight.agent.capture;

import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.codec.commitlog.SegmentPosition;
import dev.hindsight.model.failure.NotAppliedException;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * One file of the commit log, open from when it was seen until it is read to its end: that the node deletes it loses nothing.
 * One thread.
 */
final class OpenSegment implements AutoCloseable {
    final long id;
    /** Where reading goes on; null before the first frame. */
    @Nullable
    SegmentPosition where;
    /** Whether it ever had a frame. */
    boolean content;
    /** Whether it has a section: one without a frame is what a node writes when it closes what it has not used. */
    boolean marked;
    /** When its file was first seen to be gone, else 0. */
    long goneMicros;
    /** Whether the node that wrote it is dead: nothing will be added. */
    boolean orphan;
    /** Whether it had been deleted while that node lived. */
    boolean goneInTime;
    /** Since when it gave nothing new. */
    long quietSince;
    /** Since when it cannot be read on, else 0. */
    long damagedSince;
    /** Why. */
    String damage = "";
    /** Whether also an agent that is killed finds it again. */
    boolean linked;
    /** Whether the last look went to what was its end then. */
    boolean atEnd;

    final Path path;
    private final FileChannel channel;

    private OpenSegment(long id, Path path, FileChannel channel) {
        this.id = id;
        this.path = path;
        this.channel = channel;
    }

    static OpenSegment open(long id, Path path) throws IOException {
        return new OpenSegment(id, path, FileChannel.open(path, StandardOpenOption.READ));
    }

    int position() {
        SegmentPosition at = where;
        return at == null ? 0 : at.position();
    }

    long sizeBytes() {
        try {
            return channel.size();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether anything was written at its beginning: a node makes files of zeros before it needs them. */
    boolean hasBegun() {
        byte[] first = new byte[(int) Math.min(16, sizeBytes())];
        source().read(0, first, 0, first.length);
        for (byte one : first) {
            if (one != 0) {
                return true;
            }
        }
        return false;
    }

    /** The file as long as it is now. */
    ByteSource source() {
        long size = sizeBytes();
        return new ByteSource() {
            @Override
            public String name() {
                return String.valueOf(path.getFileName());
            }

            @Override
            public long sizeBytes() {
                return size;
            }

            @Override
            public void read(long position, byte[] into, int offset, int length) {
                ByteBuffer buffer = ByteBuffer.wrap(into, offset, length);
                try {
                    for (long at = position; buffer.hasRemaining(); ) {
                        int count = channel.read(buffer, at);
                        if (count < 0) {
                            throw new EOFException("it ends at " + at + " and not at " + size);
                        }
                        at += count;
                    }
                } catch (IOException e) {
                    throw new NotAppliedException(
                            "commit log " + path + " cannot be read: " + e.getMessage(),
                            "look at the disk that holds it",
                            e);
                }
            }
        };
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
