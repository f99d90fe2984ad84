package dev.hindsight.synthesis.fetch;

import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.codec.bytes.LocalFile;
import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.Window;
import dev.hindsight.codec.sstable.Components;
import dev.hindsight.codec.sstable.read.ChunkLayout;
import dev.hindsight.codec.sstable.read.ChunkWindow;
import dev.hindsight.codec.sstable.read.CompressedChunks;
import dev.hindsight.codec.sstable.read.KeySource;
import dev.hindsight.codec.sstable.read.PlainChunks;
import dev.hindsight.codec.sstable.read.Section;
import dev.hindsight.codec.sstable.read.StoredBytes;
import dev.hindsight.synthesis.InputSSTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An input's Data.db on this machine. Mostly a sparse copy: as long as the original, with only the wanted chunks in it, each
 * at its own offset and checked when it came. Or the original, when it is a local file and may be read in place; its chunks
 * are then checked only when they are read. Fetched by one thread, afterwards read by one.
 */
final class DataFile implements KeySource, AutoCloseable {
    private final InputSSTable input;
    private final SourceComponent source;
    private final ScratchDirectory directory;
    private final LocalFile layoutFile;
    private final ChunkLayout chunks;
    private final LocalFile copy;
    private final Path path;
    private final boolean inPlace;
    private final BitSet present = new BitSet();
    private ByteBuffer buffer = ByteBuffer.allocate(0);

    /** The content of the chunk that was asked for last. */
    private byte[] content = new byte[0];

    private int contentChunk = -1;

    private DataFile(
            InputSSTable input,
            SourceComponent source,
            ScratchDirectory directory,
            LocalFile layoutFile,
            ChunkLayout chunks,
            Path path,
            boolean inPlace,
            LocalFile copy) {
        this.input = input;
        this.source = source;
        this.directory = directory;
        this.layoutFile = layoutFile;
        this.chunks = chunks;
        this.path = path;
        this.inPlace = inPlace;
        this.copy = copy;
    }

    static DataFile open(InputSSTable input, ScratchDirectory directory, FetchMeter meter, LocalInputs local) {
        SourceComponent source = new SourceComponent(input, Components.DATA, meter);
        boolean compressed = input.components().containsKey(Components.COMPRESSION);
        Path layoutPath = new SourceComponent(input, compressed ? Components.COMPRESSION : Components.CRC, meter)
                .copyTo(directory);
        boolean inPlace =
                local == LocalInputs.READ_IN_PLACE && source.localFile().isPresent();
        Path path = inPlace
                ? source.localFile().orElseThrow()
                : directory.path().resolve(input.descriptor() + "-" + Components.DATA);
        LocalFile layoutFile = LocalFile.open(layoutPath);
        ChunkLayout chunks = null;
        try {
            chunks = compressed
                    ? CompressedChunks.open(layoutFile, source.sizeBytes())
                    : PlainChunks.open(layoutFile, source.sizeBytes());
            if (!inPlace) {
                makeHole(path, source.sizeBytes());
            }
            return new DataFile(input, source, directory, layoutFile, chunks, path, inPlace, LocalFile.open(path));
        } catch (RuntimeException e) {
            if (chunks != null) {
                chunks.close();
            }
            layoutFile.close();
            throw e;
        }
    }

    private static void makeHole(Path path, long sizeBytes) {
        try (FileChannel out = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            // A hole up to the last byte; only this byte is written.
            SourceComponent.writeFully(out, ByteBuffer.allocate(1), sizeBytes - 1);
        } catch (IOException e) {
            throw ScratchDirectory.unusable(path, e);
        }
    }

    ChunkLayout chunks() {
        return chunks;
    }

    Path path() {
        return path;
    }

    Window window(List<Section> sections, int bufferBytes, StoredBytes room) {
        return new ChunkWindow(copy, chunks, sections, bufferBytes, room);
    }

    void fetch(List<Section> sections) {
        BitSet wanted = new BitSet();
        for (Section section : sections) {
            wanted.set(chunks.chunkOf(section.start()), chunks.chunkOf(section.end() - 1) + 1);
        }
        fetch(wanted, sections);
        buffer = ByteBuffer.allocate(0);
        content = new byte[0];
        contentChunk = -1;
    }

    /** The chunks of {@code [from, to)} of the content, before {@link #content} is asked for them. */
    void fetch(long from, long to) {
        BitSet wanted = new BitSet();
        wanted.set(chunks.chunkOf(from), chunks.chunkOf(to - 1) + 1);
        fetch(wanted, List.of());
    }

    /** Its chunks are fetched if they are not here yet. */
    @Override
    public byte[] keyAt(long position) {
        byte[] length = bytesAt(position, 2);
        return bytesAt(position + 2, (length[0] & 0xff) << 8 | length[1] & 0xff);
    }

    private byte[] bytesAt(long position, int length) {
        byte[] out = new byte[length];
        readContent(position, out, 0, length);
        return out;
    }

    /** Single bytes of the content; chunks are fetched if they are not here yet. */
    ByteSource content() {
        return new Content();
    }

    private final class Content implements ByteSource {
        @Override
        public String name() {
            return source.name();
        }

        @Override
        public long sizeBytes() {
            return chunks.dataLength();
        }

        @Override
        public void read(long position, byte[] into, int offset, int length) {
            readContent(position, into, offset, length);
        }
    }

    private void readContent(long position, byte[] into, int offset, int length) {
        if (position < 0 || position > chunks.dataLength() - length) {
            throw new MalformedException("index: a partition at position " + position + " of " + chunks.dataLength()
                    + " of " + Components.DATA);
        }
        for (int done = 0; done < length; ) {
            long at = position + done;
            int chunk = chunks.chunkOf(at);
            load(chunk);
            int from = (int) (at - chunks.chunkStart(chunk));
            int count = Math.min(length - done, chunks.contentLength(chunk) - from);
            System.arraycopy(content, from, into, offset + done, count);
            done += count;
        }
    }

    private void load(int chunk) {
        if (chunk == contentChunk) {
            return;
        }
        if (!present.get(chunk)) {
            BitSet wanted = new BitSet();
            wanted.set(chunk);
            fetch(wanted, List.of());
        }
        int length = (int) (chunks.endOffset(chunk) - chunks.offset(chunk));
        room(length);
        copy.read(chunks.offset(chunk), buffer.array(), 0, length);
        if (content.length == 0) {
            content = new byte[chunks.chunkLength()];
        }
        contentChunk = -1;
        chunks.decode(chunk, buffer, 0, length, content, 0);
        contentChunk = chunk;
    }

    private void room(int length) {
        if (buffer.capacity() < length) {
            buffer = ByteBuffer.allocate(length);
        }
    }

    private void fetch(BitSet wanted, List<Section> sections) {
        wanted.andNot(present);
        if (wanted.isEmpty()) {
            return;
        }
        if (inPlace) {
            for (int chunk = wanted.nextSetBit(0); chunk >= 0; chunk = wanted.nextSetBit(chunk + 1)) {
                source.count(chunks.endOffset(chunk) - chunks.offset(chunk));
            }
            present.or(wanted);
            return;
        }
        try (FileChannel out = FileChannel.open(path, StandardOpenOption.WRITE)) {
            int from = wanted.nextSetBit(0);
            while (from >= 0) {
                int to = from + 1;
                long start = chunks.offset(from);
                while (wanted.get(to) && chunks.endOffset(to) - start <= SourceComponent.READ_BYTES) {
                    to++;
                }
                fetchRun(from, to, out, sections);
                from = wanted.nextSetBit(to);
            }
        } catch (IOException e) {
            throw ScratchDirectory.unusable(path, e);
        }
    }

    private void fetchRun(int from, int to, FileChannel out, List<Section> sections) throws IOException {
        long start = chunks.offset(from);
        int length = (int) (chunks.endOffset(to - 1) - start);
        room(length);
        directory.reserve(length);
        source.read(start, buffer.array(), 0, length);
        for (int chunk = from; chunk < to; chunk++) {
            int at = (int) (chunks.offset(chunk) - start);
            try {
                chunks.verify(chunk, buffer, at, (int) (chunks.endOffset(chunk) - start) - at);
            } catch (MalformedException e) {
                throw new MalformedException(e.getMessage() + "; " + tokens(chunk, sections), e);
            }
        }
        SourceComponent.writeFully(out, ByteBuffer.wrap(buffer.array(), 0, length), start);
        present.set(from, to);
    }

    private String tokens(int chunk, List<Section> sections) {
        long start = chunks.chunkStart(chunk);
        String hurt = sections.stream()
                .filter(section -> section.start() < start + chunks.chunkLength() && section.end() > start)
                .map(Section::tokens)
                .collect(Collectors.joining(", "));
        return "it holds tokens of " + (hurt.isEmpty() ? "the ranges " + input.ranges() : hurt);
    }

    @Override
    public void close() {
        chunks.close();
        layoutFile.close();
        copy.close();
    }
}
