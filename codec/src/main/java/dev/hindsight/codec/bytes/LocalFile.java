package dev.hindsight.codec.bytes;

import dev.hindsight.model.failure.NotAppliedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** A file of this machine, held open until {@link #close}. Its size is that of when it was opened. */
public final class LocalFile implements ByteSource, AutoCloseable {
    private final Path path;
    private final FileChannel channel;
    private final long sizeBytes;

    private LocalFile(Path path, FileChannel channel, long sizeBytes) {
        this.path = path;
        this.channel = channel;
        this.sizeBytes = sizeBytes;
    }

    /** @throws NotAppliedException it cannot be opened */
    public static LocalFile open(Path path) {
        try {
            FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
            try {
                return new LocalFile(path, channel, channel.size());
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    @Override
    public String name() {
        return path.toString();
    }

    @Override
    public Optional<Path> localFile() {
        return Optional.of(path);
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public void read(long position, byte[] into, int offset, int length) {
        read(position, ByteBuffer.wrap(into, offset, length));
    }

    /** Reads until {@code into} is full; a direct buffer spares a copy. */
    public void read(long position, ByteBuffer into) {
        try {
            for (long at = position; into.hasRemaining(); ) {
                int count = channel.read(into, at);
                if (count < 0) {
                    throw new IOException("it ends at " + at + " and not at " + sizeBytes);
                }
                at += count;
            }
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    private static NotAppliedException unreadable(Path path, IOException e) {
        return new NotAppliedException(
                path + " cannot be read: " + e.getMessage(),
                "look at the disk that holds it, then run the same command again",
                e);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }
}
