package dev.hindsight.oracle;

import dev.hindsight.codec.sstable.Components;
import dev.hindsight.synthesis.InputSSTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.cassandra.io.util.File;
import org.apache.cassandra.io.util.FileHandle;
import org.apache.cassandra.io.util.RandomAccessReader;
import org.jspecify.annotations.Nullable;

/**
 * The local, sparse copy of an input's Data.db: as long as the original, with only the wanted chunks in it, each at its
 * own offset and checked when it came. Fetched by one thread, afterwards read by one.
 */
final class DataFile implements AutoCloseable {
    private final InputSSTable input;
    private final SourceComponent source;
    private final ScratchDirectory directory;
    private final ChunkLayout chunks;
    private final @Nullable CompressedChunks compressed;
    private final Path path;
    private final BitSet present = new BitSet();
    private byte[] buffer = new byte[0];
    private @Nullable FileHandle handle;

    DataFile(InputSSTable input, SourceComponent source, ScratchDirectory directory, FetchMeter meter) {
        this.input = input;
        this.source = source;
        this.directory = directory;
        this.path = directory.path().resolve(input.descriptor() + "-" + Components.DATA);
        if (input.components().containsKey(Components.COMPRESSION)) {
            Path info = new SourceComponent(input, Components.COMPRESSION, meter).copyTo(directory);
            this.compressed = new CompressedChunks(input, info, source.sizeBytes());
            this.chunks = compressed;
        } else {
            Path crc = new SourceComponent(input, Components.CRC, meter).copyTo(directory);
            this.compressed = null;
            this.chunks = new PlainChunks(input, crc, source.sizeBytes());
        }
        try (FileChannel out = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            // A hole up to the last byte; only this byte is written.
            SourceComponent.writeFully(out, ByteBuffer.allocate(1), source.sizeBytes() - 1);
        } catch (IOException e) {
            close();
            throw ScratchDirectory.unusable(path, e);
        }
    }

    ChunkLayout chunks() {
        return chunks;
    }

    void fetch(List<Section> sections) {
        BitSet wanted = new BitSet();
        for (Section section : sections) {
            wanted.set(chunks.chunkOf(section.start()), chunks.chunkOf(section.end() - 1) + 1);
        }
        fetch(wanted, sections);
        buffer = new byte[0];
    }

    /** The partition key at {@code position}, with its chunks fetched if they are not here yet. */
    byte[] keyAt(long position) {
        if (position < 0 || position + 2 >= chunks.dataLength()) {
            throw Damage.of(
                    input,
                    "index: a partition at position " + position + " of " + chunks.dataLength() + " of "
                            + Components.DATA);
        }
        fetchBytes(position, position + 2);
        try (RandomAccessReader in = handle().createReader()) {
            in.seek(position);
            int length = in.readUnsignedShort();
            long end = position + 2 + length;
            if (end > chunks.dataLength()) {
                throw Damage.of(input, "index: no partition is at position " + position + " of " + Components.DATA);
            }
            fetchBytes(position, end);
        } catch (IOException | RuntimeException e) {
            throw Damage.wrap(input, Components.DATA + " at position " + position, e);
        }
        // A second reader, because the first may have buffered a chunk before it was fetched.
        try (RandomAccessReader in = handle().createReader()) {
            in.seek(position);
            byte[] key = new byte[in.readUnsignedShort()];
            in.readFully(key);
            return key;
        } catch (IOException | RuntimeException e) {
            throw Damage.wrap(input, Components.DATA + " at position " + position, e);
        }
    }

    private void fetchBytes(long from, long to) {
        BitSet wanted = new BitSet();
        wanted.set(chunks.chunkOf(from), chunks.chunkOf(to - 1) + 1);
        fetch(wanted, List.of());
    }

    /** For reading content; valid until close. */
    FileHandle handle() {
        if (handle == null) {
            FileHandle.Builder builder = new FileHandle.Builder(new File(path));
            if (compressed != null) {
                builder.withCompressionMetadata(compressed.metadata());
            }
            handle = builder.complete();
        }
        return handle;
    }

    private void fetch(BitSet wanted, List<Section> sections) {
        wanted.andNot(present);
        if (wanted.isEmpty()) {
            return;
        }
        try (FileChannel out = FileChannel.open(path, StandardOpenOption.WRITE)) {
            int from = wanted.nextSetBit(0);
            while (from >= 0) {
                int to = from + 1;
                while (wanted.get(to) && chunks.endOffset(to) - chunks.offset(from) <= SourceComponent.READ_BYTES) {
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
        int length = Math.toIntExact(chunks.endOffset(to - 1) - start);
        if (buffer.length < length) {
            buffer = new byte[length];
        }
        directory.reserve(length);
        source.read(start, buffer, 0, length);
        for (int chunk = from; chunk < to; chunk++) {
            int offset = (int) (chunks.offset(chunk) - start);
            String wrong = chunks.wrong(chunk, buffer, offset, (int) (chunks.endOffset(chunk) - chunks.offset(chunk)));
            if (wrong != null) {
                throw Damage.of(
                        input,
                        Components.DATA + " chunk " + chunk + " at offset " + chunks.offset(chunk) + ": " + wrong + "; "
                                + tokens(chunk, sections));
            }
        }
        SourceComponent.writeFully(out, ByteBuffer.wrap(buffer, 0, length), start);
        present.set(from, to);
    }

    private String tokens(int chunk, List<Section> sections) {
        long start = (long) chunk * chunks.chunkLength();
        String hurt = sections.stream()
                .filter(section -> section.start() < start + chunks.chunkLength() && section.end() > start)
                .map(Section::tokens)
                .collect(Collectors.joining(", "));
        return "it holds tokens of " + (hurt.isEmpty() ? "the ranges " + input.ranges() : hurt);
    }

    @Override
    public void close() {
        if (handle != null) {
            handle.close();
            handle = null;
        }
        if (compressed != null) {
            compressed.close();
        }
    }
}
