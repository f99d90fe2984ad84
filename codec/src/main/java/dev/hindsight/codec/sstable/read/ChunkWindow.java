package dev.hindsight.codec.sstable.read;

import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.codec.bytes.LocalFile;
import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.Window;
import dev.hindsight.codec.sstable.Components;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The wanted sections of a Data.db as uncompressed bytes. Reads as many chunks at once as the buffer takes, verifies each
 * chunk's checksum, and decompresses straight behind what is unread. Allocates when it is made, and when a single item is
 * larger than the buffer; the memory for that is given back afterwards. One thread.
 *
 * <p>Failures: {@link MalformedException} naming chunk, offset and tokens; what the source throws when it cannot be read.
 */
public final class ChunkWindow extends Window {
    /** No row and no marker may be larger: 256 MiB. Cassandra refuses mutations of half a commit-log segment (16 MiB). */
    public static final int MAX_ITEM_BYTES = 256 << 20;

    /** An array that has grown no more than so many times is not given back: the next large item may be near. */
    private static final long KEPT = 4;

    private static final int MAX_SPARE_BYTES = 8 << 20;

    private final ByteSource source;
    private final ChunkLayout chunks;
    private final List<Section> sections;
    private final int ordinaryBytes;
    private final StoredBytes room;
    private final int runBytes;

    private int nextSection;
    /** Of the current section, in content bytes. */
    private long end;
    /** The content position of {@code bytes[0]}. */
    private long base;
    /** The first chunk that is not decoded yet. */
    private int nextChunk;

    /**
     * @param source Data.db, or a sparse copy with the sections' chunks
     * @param chunks of it; not closed by this
     * @param sections in order, apart, none empty
     * @param bufferBytes of content to hold at once; at least two chunks are
     * @param room used while bytes are brought, by this thread only
     */
    public ChunkWindow(
            ByteSource source, ChunkLayout chunks, List<Section> sections, int bufferBytes, StoredBytes room) {
        super(new byte[0]);
        this.source = source;
        this.chunks = chunks;
        this.sections = List.copyOf(sections);
        this.ordinaryBytes = Math.max(bufferBytes, 2 * chunks.chunkLength());
        this.room = room;
        this.runBytes = Math.max(ordinaryBytes / 2, chunks.chunkLength());
    }

    @Override
    protected void fill(int count) {
        if (count > end - filePosition()) {
            throw new MalformedException(Components.DATA + ": " + count + " bytes are needed at position "
                    + filePosition() + " but the section " + where() + " ends at " + end);
        }
        if (count > MAX_ITEM_BYTES) {
            throw new MalformedException(Components.DATA + ": an item of " + count + " bytes at position "
                    + filePosition() + " is larger than any may be (" + MAX_ITEM_BYTES + "); " + where());
        }
        int unread = limit - position;
        int needed = unread + roundUp(count - unread);
        byte[] into = bytes.length < needed || (bytes.length > KEPT * ordinaryBytes && needed <= ordinaryBytes)
                ? new byte[needed <= ordinaryBytes ? ordinaryBytes : grown(needed)]
                : bytes;
        System.arraycopy(bytes, position, into, 0, unread);
        base += position;
        bytes = into;
        position = 0;
        limit = unread;
        while (limit < count) {
            decodeRun();
        }
    }

    private int roundUp(int more) {
        return (more / chunks.chunkLength() + 2) * chunks.chunkLength();
    }

    private static int grown(int needed) {
        return needed + Math.min(needed / 2, MAX_SPARE_BYTES);
    }

    /** One read, and its chunks behind {@code limit}. */
    private void decodeRun() {
        int first = nextChunk;
        int last = chunks.chunkOf(end - 1);
        long start = chunks.offset(first);
        long runEnd = start;
        int content = 0;
        int behind = first;
        while (behind <= last) {
            long chunkEnd = chunks.endOffset(behind);
            int more = chunks.contentLength(behind);
            if (behind > first && (chunkEnd - start > runBytes || limit + content + more > bytes.length)) {
                break;
            }
            runEnd = chunkEnd;
            content += more;
            behind++;
        }
        int length = (int) (runEnd - start);
        ByteBuffer stored = read(start, length);
        int decoded = limit;
        for (int chunk = first; chunk < behind; chunk++) {
            int at = (int) (chunks.offset(chunk) - start);
            int chunkBytes = (int) (chunks.endOffset(chunk) - start) - at;
            try {
                chunks.decode(chunk, stored, at, chunkBytes, bytes, decoded);
            } catch (MalformedException e) {
                throw new MalformedException(e.getMessage() + "; it holds tokens of " + where(), e);
            }
            decoded += chunks.contentLength(chunk);
        }
        nextChunk = behind;
        limit = (int) Math.min(decoded, end - base);
    }

    private ByteBuffer read(long start, int length) {
        if (source instanceof LocalFile file) {
            ByteBuffer stored = room.direct(Math.max(length, runBytes));
            stored.clear().limit(length);
            file.read(start, stored);
            return stored.clear();
        }
        ByteBuffer stored = room.array(Math.max(length, runBytes));
        source.read(start, stored.array(), 0, length);
        return stored;
    }

    @Override
    public boolean hasMore() {
        return filePosition() < end;
    }

    @Override
    public boolean nextSection() {
        if (nextSection == sections.size()) {
            return false;
        }
        Section section = sections.get(nextSection++);
        if (bytes.length == 0) {
            bytes = new byte[ordinaryBytes];
        }
        end = section.end();
        nextChunk = chunks.chunkOf(section.start());
        base = chunks.chunkStart(nextChunk);
        limit = 0;
        decodeRun();
        position = (int) (section.start() - base);
        return true;
    }

    @Override
    public long filePosition() {
        return base + position;
    }

    /** For messages. */
    private String where() {
        return nextSection == 0 ? "none" : sections.get(nextSection - 1).tokens();
    }
}
