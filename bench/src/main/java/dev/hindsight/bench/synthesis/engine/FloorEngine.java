package dev.hindsight.bench.synthesis.engine;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/**
 * What no merge of these inputs into this output can do without: read all inputs and check their checksums, decompress
 * them, compare what is there more than once, copy what stays, compress it, make its checksums and write it. Works on the
 * very bytes, in blocks of 64 chunks of which each step takes one after the other; what is needed only to measure (a second
 * copy to compare with, the output's bytes) is not counted.
 */
final class FloorEngine implements Engine {
    private static final int CHUNKS = 64;
    /** A row or so: comparing and copying go piece by piece. */
    private static final int PIECE = 96;

    private final LZ4SafeDecompressor decompressor =
            LZ4Factory.fastestInstance().safeDecompressor();
    private final LZ4Compressor compressor = LZ4Factory.fastestInstance().fastCompressor();
    private final Map<String, Long> steps = new LinkedHashMap<>();
    private long since;
    private long differences;

    @Override
    public Map<String, Long> run(Job job) throws Exception {
        if (job.verb() != Job.Verb.MERGE) {
            throw new UnsupportedOperationException(job.verb().name());
        }
        steps.clear();
        List<ChunkedFile> inputs = ChunkedFile.below(job.inputs());
        List<ChunkedFile> outputs = ChunkedFile.below(job.output());
        double staying = (double) ChunkedFile.content(outputs) / ChunkedFile.content(inputs);
        Meter meter = new Meter();
        for (ChunkedFile input : inputs) {
            new Blocks(input).take(staying);
        }
        Path written = Files.createTempFile(job.output(), "floor", ".db");
        try (FileChannel to = FileChannel.open(written, StandardOpenOption.WRITE)) {
            for (ChunkedFile output : outputs) {
                new Blocks(output).give(to);
            }
        } finally {
            Files.delete(written);
        }
        if (differences > 0) {
            throw new IllegalStateException(differences + " pieces differ from their copies");
        }
        Map<String, Long> figures = meter.figures();
        figures.put(
                Figures.CPU, steps.values().stream().mapToLong(Long::longValue).sum());
        figures.putAll(steps);
        return figures;
    }

    private void begin() {
        since = Meter.threadCpuNanos();
    }

    private void end(String step) {
        steps.merge(step, Meter.threadCpuNanos() - since, Long::sum);
    }

    /** One file's blocks, with buffers for one of them. */
    private final class Blocks {
        private final ChunkedFile file;
        private final ByteBuffer stored;
        private final byte[] content;
        private final byte[] copy;
        private final int[] compressedTo = new int[CHUNKS];
        private final CRC32 checksum = new CRC32();

        Blocks(ChunkedFile file) {
            this.file = file;
            int mostStored = compressor.maxCompressedLength(file.chunkBytes()) + Integer.BYTES;
            this.stored = ByteBuffer.allocateDirect(CHUNKS * mostStored);
            this.content = new byte[CHUNKS * file.chunkBytes()];
            this.copy = new byte[CHUNKS * file.chunkBytes()];
        }

        /** As an input. */
        void take(double staying) throws IOException {
            try (FileChannel from = FileChannel.open(file.data(), StandardOpenOption.READ)) {
                for (int first = 0; first < file.ends().length; first += CHUNKS) {
                    int last = Math.min(first + CHUNKS, file.ends().length);
                    begin();
                    read(from, first, last);
                    check(first, last);
                    end(Figures.READ);
                    begin();
                    int length = decompress(first, last);
                    end(Figures.DECOMPRESS);
                    System.arraycopy(content, 0, copy, 0, length);
                    int stay = (int) (length * staying);
                    begin();
                    compare(stay, length);
                    end(Figures.COMPARE);
                    begin();
                    copy(stay);
                    end(Figures.COPY);
                }
            }
        }

        /** As an output. */
        void give(FileChannel to) throws IOException {
            CRC32 digest = new CRC32();
            try (FileChannel from = FileChannel.open(file.data(), StandardOpenOption.READ)) {
                for (int first = 0; first < file.ends().length; first += CHUNKS) {
                    int last = Math.min(first + CHUNKS, file.ends().length);
                    read(from, first, last);
                    decompress(first, last);
                    begin();
                    compress(first, last);
                    end(Figures.COMPRESS);
                    begin();
                    for (int chunk = first; chunk < last; chunk++) {
                        int end = compressedTo[chunk - first];
                        checksum.reset();
                        checksum.update(stored.limit(end)
                                .position(chunk == first ? 0 : compressedTo[chunk - first - 1] + Integer.BYTES));
                        stored.limit(end + Integer.BYTES).putInt((int) checksum.getValue());
                    }
                    stored.flip();
                    digest.update(stored.duplicate());
                    while (stored.hasRemaining()) {
                        to.write(stored);
                    }
                    end(Figures.WRITE);
                }
            }
        }

        /** Leaves room for a checksum after each chunk. */
        private void compress(int first, int last) {
            stored.clear();
            ByteBuffer from = ByteBuffer.wrap(content);
            int at = 0;
            for (int chunk = first; chunk < last; chunk++) {
                int start = (chunk - first) * file.chunkBytes();
                at += compressor.compress(from, start, file.content(chunk), stored, at, stored.capacity() - at);
                compressedTo[chunk - first] = at;
                at += Integer.BYTES;
            }
        }

        private void read(FileChannel from, int first, int last) throws IOException {
            long start = file.start(first);
            stored.clear().limit((int) (file.ends()[last - 1] - start));
            while (stored.hasRemaining()) {
                if (from.read(stored, start + stored.position()) < 0) {
                    throw new EOFException(file.data().toString());
                }
            }
        }

        private void check(int first, int last) throws IOException {
            for (int chunk = first; chunk < last; chunk++) {
                int end = at(first, file.ends()[chunk]) - Integer.BYTES;
                checksum.reset();
                checksum.update(stored.duplicate().limit(end).position(at(first, file.start(chunk))));
                if (stored.getInt(end) != (int) checksum.getValue()) {
                    throw new IOException("chunk " + chunk + " of " + file.data() + " has a wrong checksum");
                }
            }
        }

        private int at(int first, long offset) {
            return (int) (offset - file.start(first));
        }

        private int decompress(int first, int last) {
            int length = 0;
            ByteBuffer to = ByteBuffer.wrap(content);
            for (int chunk = first; chunk < last; chunk++) {
                int start = at(first, file.start(chunk));
                int size = at(first, file.ends()[chunk]) - Integer.BYTES - start;
                int made = file.content(chunk);
                if (size >= file.maxCompressedBytes()) {
                    stored.get(start, content, length, made);
                } else {
                    // The first four bytes say how long the content is; LZ4 itself does not.
                    decompressor.decompress(stored, start + Integer.BYTES, size - Integer.BYTES, to, length, made);
                }
                length += made;
            }
            return length;
        }

        private void compare(int from, int to) {
            for (int at = from; at < to; at += PIECE) {
                int end = Math.min(at + PIECE, to);
                if (!Arrays.equals(content, at, end, copy, at, end)) {
                    differences++;
                }
            }
        }

        private void copy(int to) {
            for (int at = 0; at < to; at += PIECE) {
                System.arraycopy(content, at, copy, at, Math.min(PIECE, to - at));
            }
        }
    }
}
