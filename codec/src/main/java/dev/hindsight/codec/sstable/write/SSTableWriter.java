package dev.hindsight.codec.sstable.write;

import dev.hindsight.codec.bytes.Tokens;
import dev.hindsight.codec.sstable.Components;
import dev.hindsight.codec.sstable.PartitionSink;
import dev.hindsight.codec.sstable.PartitionStatistics;
import dev.hindsight.codec.sstable.RowBatch;
import dev.hindsight.model.failure.NotAppliedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Writes one SSTable of version nb or oa with all its components, as {@code BigTableWriter} 5.0.9 would write the same
 * partitions. Bytes are not looked into: they have to be coded with the header and for the version of the options. Holds
 * about 0.5 MiB and the Bloom filter of at most 64 MiB, whatever is appended; a very wide partition's row index and a large summary go to
 * temporary files beside the components. One thread.
 *
 * <p>Closing without {@link #finish} deletes what was written. Whatever a method throws, the writer is only to be closed then.
 */
public final class SSTableWriter implements PartitionSink, AutoCloseable {
    private static final int MAX_KEY_BYTES = 0xffff;
    private static final int SMALL_PIECE_BYTES = 64 << 10;

    private enum State {
        BETWEEN,
        IN_HEADER,
        IN_ROWS,
        FINISHED,
        CLOSED
    }

    private final SSTableWriterOptions options;
    private final DataFile data;
    private final IndexFile index;
    private final SummaryFile summary;
    private final StatisticsFile statistics;
    private final @Nullable BloomFilter filter;
    private final long[] hashSecond = new long[1];
    private long hashFirst;
    private State state = State.BETWEEN;
    private byte[] firstKey = new byte[0];
    private byte[] key = new byte[64];
    private byte[] lastKey = new byte[64];
    private int keyLength;
    private int lastKeyLength;
    private long firstToken;
    private long lastToken;
    private long partitionStart;
    private int unfiltereds;
    private long partitions;
    private long rows;

    /** @throws NotAppliedException the directory or a file cannot be made, or a component is there already */
    public SSTableWriter(SSTableWriterOptions options) {
        this.options = options;
        try {
            Files.createDirectories(options.directory());
        } catch (IOException e) {
            throw OutputFile.unwritable(options.directory(), e);
        }
        for (String component : components()) {
            if (Files.exists(options.path(component))) {
                throw new NotAppliedException(
                        options.path(component) + " exists already", "give an empty directory, or another id");
            }
        }
        summary = new SummaryFile(options);
        statistics = new StatisticsFile(options);
        filter = options.bloomFilterFpChance() == 1
                ? null
                : new BloomFilter(options.expectedKeys(), options.bloomFilterFpChance());
        data = new DataFile(options);
        try {
            index = new IndexFile(options);
        } catch (RuntimeException e) {
            data.close();
            deleteComponents();
            throw e;
        }
    }

    private TreeSet<String> components() {
        TreeSet<String> all = new TreeSet<>(List.of(
                Components.DATA,
                Components.DIGEST,
                Components.INDEX,
                Components.SUMMARY,
                Components.STATISTICS,
                Components.TOC));
        all.add(options.compression() == null ? Components.CRC : Components.COMPRESSION);
        if (options.bloomFilterFpChance() != 1) {
            all.add(Components.FILTER);
        }
        return all;
    }

    /** Of Data.db as it is stored, without the chunk that is not full yet. */
    public long storedBytes() {
        return data.storedBytes();
    }

    /** Of Data.db before compression. */
    public long uncompressedBytes() {
        return data.position();
    }

    public long partitions() {
        return partitions;
    }

    /**
     * Whether more partitions were expected than a Bloom filter may have room for, and it has no more room: the next had
     * better go to another SSTable, though they are taken.
     */
    public boolean isFull() {
        return filter != null && partitions >= filter.isFullAt();
    }

    @Override
    public void begin(byte[] bytes, int length, long token, long deletedAt, long deletionTime) {
        expect(state == State.BETWEEN, "begin");
        if (length > MAX_KEY_BYTES) {
            throw new IllegalArgumentException("a partition key of " + length + " bytes is longer than 65535");
        }
        byte[] reused = lastKey;
        lastKey = key;
        lastKeyLength = keyLength;
        key = reused.length < length ? new byte[2 * length] : reused;
        keyLength = length;
        System.arraycopy(bytes, 0, key, 0, length);
        hashFirst = Tokens.hash(key, 0, length, hashSecond);
        long expected = length == 0 ? Long.MIN_VALUE : hashFirst == Long.MIN_VALUE ? Long.MAX_VALUE : hashFirst;
        if (token != expected) {
            throw new IllegalArgumentException("a partition's token is said to be " + token + " but is " + expected);
        }
        if (partitions == 0) {
            firstKey = Arrays.copyOf(key, length);
            firstToken = token;
        } else if (token < lastToken
                || token == lastToken && Arrays.compareUnsigned(key, 0, length, lastKey, 0, lastKeyLength) <= 0) {
            throw new IllegalArgumentException(
                    "a partition of token " + token + " does not follow the one before, of token " + lastToken);
        }
        lastToken = token;
        partitionStart = data.position();
        unfiltereds = 0;
        index.begin(partitionStart, deletedAt, deletionTime);
        state = State.IN_HEADER;
    }

    @Override
    public void append(byte[] bytes, int offset, int length) {
        data.put(bytes, offset, length);
    }

    @Override
    public void endHeader() {
        expect(state == State.IN_HEADER && unfiltereds == 0, "endHeader");
        index.endHeader(data.position());
        state = State.IN_ROWS;
    }

    @Override
    public void unfiltered(
            int kind,
            byte[] clustering,
            int offset,
            int length,
            int values,
            long openDeletedAt,
            long openDeletionTime) {
        index.unfiltered(kind, clustering, offset, length, values, data.position(), openDeletedAt, openDeletionTime);
        if (kind == ClusteringPrefix.CLUSTERING) {
            rows++;
        }
        if (unfiltereds == 0) {
            statistics.covered().add(index.last());
        }
        unfiltereds = Math.min(2, unfiltereds + 1);
    }

    @Override
    public void rows(RowBatch batch, long openDeletedAt, long openDeletionTime) {
        if (batch.count == 0) {
            return;
        }
        long start = data.position();
        data.put(batch.bytes, 0, batch.length);
        int from = 0;
        if (unfiltereds == 0) {
            index.rows(batch, 0, 1, start, openDeletedAt, openDeletionTime);
            statistics.covered().add(index.last());
            from = 1;
        }
        index.rows(batch, from, batch.count, start, openDeletedAt, openDeletionTime);
        // Only 0, 1 and more are told apart.
        unfiltereds = Math.min(2, unfiltereds + batch.count);
        rows += batch.count;
    }

    @Override
    public void add(PartitionStatistics part) {
        statistics.add(part);
    }

    @Override
    public void end(PartitionStatistics rest) {
        expect(state == State.IN_ROWS, "end");
        statistics.add(rest);
        if (unfiltereds > 1) {
            statistics.covered().add(index.last());
        }
        statistics.endPartition(key, keyLength, data.position() - partitionStart);
        if (filter != null) {
            filter.add(hashFirst, hashSecond[0]);
        }
        long indexPosition = index.position();
        index.end(key, keyLength, data.position());
        summary.add(key, keyLength, indexPosition);
        partitions++;
        state = State.BETWEEN;
    }

    private void expect(boolean condition, String call) {
        if (!condition) {
            throw new IllegalStateException(call + " called when the writer is " + state);
        }
    }

    /**
     * Completes all components, TOC.txt last. Nothing but {@link #close} may be called afterwards, which deletes nothing then.
     *
     * @throws IllegalStateException there is no partition: close the writer instead
     */
    public WrittenSSTable finish() {
        expect(state == State.BETWEEN && partitions > 0, "finish");
        data.endOfData();
        index.finish(options.force());
        writeFilter();
        summary.finish(firstKey, firstKey.length, key, keyLength);
        data.finish();
        statistics.finish(data.compressionRatio(), firstKey, Arrays.copyOf(key, keyLength));
        TreeSet<String> components = components();
        writeToc(components);
        List<WrittenSSTable.Component> files = new ArrayList<>();
        components.remove(Components.TOC);
        components.forEach(component -> files.add(component(component)));
        files.add(component(Components.TOC));
        index.close();
        state = State.FINISHED;
        return new WrittenSSTable(
                options.descriptor(), files, firstToken, lastToken, partitions, rows, data.position());
    }

    private WrittenSSTable.Component component(String name) {
        Path path = options.path(name);
        try {
            return new WrittenSSTable.Component(path, Files.size(path));
        } catch (IOException e) {
            throw OutputFile.unwritable(path, e);
        }
    }

    private void writeFilter() {
        if (filter != null) {
            try (OutputFile file =
                    new OutputFile(options.path(Components.FILTER), SMALL_PIECE_BYTES, options.listener()::other)) {
                filter.write(file);
                file.finish(options.force());
            }
        }
    }

    /** One name per line, sorted: {@code TOCComponent} 5.0.9. */
    private void writeToc(TreeSet<String> components) {
        byte[] text = (String.join("\n", components) + "\n").getBytes(StandardCharsets.US_ASCII);
        try (OutputFile file = new OutputFile(options.path(Components.TOC), text.length, options.listener()::other)) {
            file.put(text, 0, text.length);
            file.finish(options.force());
        }
    }

    /** Deletes what was written unless {@link #finish} has returned. */
    @Override
    public void close() {
        if (state == State.FINISHED || state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        try (data;
                index;
                summary) {
            deleteComponents();
        }
    }

    private void deleteComponents() {
        for (String component : components()) {
            try {
                Files.deleteIfExists(options.path(component));
            } catch (IOException e) {
                throw OutputFile.unwritable(options.path(component), e);
            }
        }
    }
}
