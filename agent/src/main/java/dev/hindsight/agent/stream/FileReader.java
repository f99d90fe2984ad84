package dev.hindsight.agent.stream;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file without filling the page cache that the node lives from: with O_DIRECT, in aligned blocks, and plainly
 * only where the file system refuses that. Buffers are direct, of fixed size, and used again. One reader, one thread.
 */
public final class FileReader implements AutoCloseable {
    /** A multiple of every block size in use; also the unit of alignment when the file system tells none. */
    private static final int DEFAULT_BLOCK = 4096;

    private static final int BUFFER = 256 * 1024;
    private static final int LARGEST_BLOCK = 64 * 1024;
    private static final int KEPT_BUFFERS = 16;
    private static final BlockingQueue<ByteBuffer> BUFFERS = new LinkedBlockingQueue<>(KEPT_BUFFERS);

    /** Gets pieces in order; a piece is only valid during the call. */
    public interface Sink {
        void accept(ByteBuffer piece) throws IOException;
    }

    private final Path file;
    private final int block;
    private final int pieceBytes;
    private final ByteBuffer whole;
    private FileChannel channel;
    private boolean direct;

    private FileReader(Path file, int block, int pieceBytes, ByteBuffer whole, @Nullable FileChannel channel)
            throws IOException {
        this.file = file;
        this.block = block;
        this.pieceBytes = pieceBytes;
        this.whole = whole;
        this.direct = channel != null;
        this.channel = channel != null ? channel : plain(file);
    }

    public static FileReader open(Path file) throws IOException {
        return open(file, BUFFER, true);
    }

    public static FileReader open(Path file, int pieceBytes) throws IOException {
        return open(file, pieceBytes, true);
    }

    static FileReader open(Path file, int pieceBytes, boolean tryDirect) throws IOException {
        int block = (int) Math.max(512, Math.min(LARGEST_BLOCK, blockSize(file)));
        ByteBuffer pooled = BUFFERS.poll();
        ByteBuffer whole = pooled != null ? pooled : ByteBuffer.allocateDirect(BUFFER + LARGEST_BLOCK);
        try {
            FileChannel channel = tryDirect ? direct(file) : null;
            return new FileReader(file, block, Math.min(pieceBytes, BUFFER), whole, channel);
        } catch (IOException | RuntimeException e) {
            giveBack(whole);
            throw e;
        }
    }

    public long size() throws IOException {
        return channel.size();
    }

    /** Whether the page cache is in fact left alone. */
    public boolean isDirect() {
        return direct;
    }

    /**
     * Hands over exactly {@code length} bytes from {@code position} on.
     *
     * @throws EOFException the file is shorter
     */
    public void read(long position, long length, Sink sink) throws IOException {
        long at = position;
        long end = position + length;
        while (at < end) {
            long start = direct ? at / block * block : at;
            int skip = (int) (at - start);
            long want = Math.min(end - start, Math.max(pieceBytes, block));
            long aligned = direct ? (want + block - 1) / block * block : want;
            ByteBuffer buffer = whole.clear().alignedSlice(block);
            buffer.limit((int) aligned);
            int got = fill(buffer, start);
            if (got < 0) {
                continue;
            }
            if (got <= skip) {
                throw new EOFException(
                        file + " ends at byte " + (start + Math.max(got, 0)) + ", byte " + at + " was asked for");
            }
            buffer.position(skip).limit((int) Math.min(got, end - start));
            at += buffer.remaining();
            sink.accept(buffer);
        }
    }

    /** Negative: the file system refused direct reading after all, and plain reading goes on from the same place. */
    private int fill(ByteBuffer buffer, long start) throws IOException {
        int got = 0;
        try {
            while (buffer.hasRemaining()) {
                int n = channel.read(buffer, start + got);
                if (n <= 0) {
                    break;
                }
                got += n;
                if (direct && n % block != 0) {
                    break; // The end of the file: nothing aligned is left to ask for.
                }
            }
            return got;
        } catch (IOException e) {
            if (!direct || got > 0) {
                throw e;
            }
            FileChannel refused = channel;
            channel = plain(file);
            direct = false;
            refused.close();
            return -1;
        }
    }

    private static @Nullable FileChannel direct(Path file) throws IOException {
        try {
            return FileChannel.open(
                    file, StandardOpenOption.READ, ExtendedOpenOption.DIRECT, LinkOption.NOFOLLOW_LINKS);
        } catch (java.nio.file.NoSuchFileException | java.nio.file.AccessDeniedException e) {
            throw e;
        } catch (IOException | UnsupportedOperationException e) {
            return null;
        }
    }

    private static FileChannel plain(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    }

    private static long blockSize(Path file) {
        try {
            long size = Files.getFileStore(file).getBlockSize();
            return Long.bitCount(size) == 1 ? size : DEFAULT_BLOCK;
        } catch (IOException | UnsupportedOperationException e) {
            return DEFAULT_BLOCK;
        }
    }

    private static void giveBack(ByteBuffer whole) {
        boolean kept = BUFFERS.offer(whole);
        assert kept || BUFFERS.remainingCapacity() == 0 : "left to the collector only when enough are kept";
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            giveBack(whole);
        }
    }
}
