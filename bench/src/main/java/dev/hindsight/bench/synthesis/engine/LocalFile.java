package dev.hindsight.bench.synthesis.engine;

import dev.hindsight.codec.bytes.ByteSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A component in a local file, open until it is closed. */
final class LocalFile implements ByteSource, AutoCloseable {
    private final Path path;
    private final FileChannel channel;
    private final long size;

    LocalFile(Path path) {
        this.path = path;
        try {
            this.channel = FileChannel.open(path, StandardOpenOption.READ);
            this.size = channel.size();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String name() {
        return path.toString();
    }

    @Override
    public long sizeBytes() {
        return size;
    }

    @Override
    public void read(long position, byte[] into, int offset, int length) {
        ByteBuffer target = ByteBuffer.wrap(into, offset, length);
        try {
            while (target.hasRemaining()) {
                if (channel.read(target, position + target.position() - offset) < 0) {
                    throw new UncheckedIOException(new IOException(path + " ends before " + (position + length)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
