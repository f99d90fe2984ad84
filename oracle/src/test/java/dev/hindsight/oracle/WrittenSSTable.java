package dev.hindsight.oracle;

import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.TableDefinition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.apache.cassandra.db.DecoratedKey;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.io.sstable.Descriptor;
import org.apache.cassandra.io.sstable.SSTableIdentityIterator;
import org.apache.cassandra.io.sstable.format.SSTableReader;
import org.apache.cassandra.io.util.RandomAccessReader;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.utils.ByteBufferUtil;

/** An SSTable written by Cassandra's writers from random writes, and what Cassandra's reader finds in it. */
final class WrittenSSTable {
    static final List<String> COMPRESSIONS = List.of(
            "",
            " AND compression = {'class': 'LZ4Compressor', 'chunk_length_in_kb': 4}",
            " AND compression = {'class': 'LZ4Compressor', 'chunk_length_in_kb': 4, 'min_compress_ratio': 3}",
            " AND compression = {'class': 'SnappyCompressor', 'chunk_length_in_kb': 4}",
            " AND compression = {'class': 'DeflateCompressor', 'chunk_length_in_kb': 8}",
            " AND compression = {'class': 'ZstdCompressor', 'chunk_length_in_kb': 4}",
            " AND compression = {'class': 'NoopCompressor', 'chunk_length_in_kb': 4}",
            " AND compression = {'enabled': 'false'}");

    private final TableMetadata table;
    private final Descriptor descriptor;
    private long[] tokens = {};
    private long[] positions = {};
    private byte[] content = {};

    private WrittenSSTable(TableMetadata table, Descriptor descriptor) {
        this.table = table;
        this.descriptor = descriptor;
    }

    static WrittenSSTable write(
            Path directory, String version, Schemas schema, String compression, long seed, int partitions, int writes) {
        CassandraRuntime.start();
        TableDefinition plain = schema.definition();
        String ddl = schema == Schemas.UNCOMPRESSED ? plain.ddl() : plain.ddl().replace(";\n", compression + ";\n");
        TableMetadata table = TableSchemas.parse(new TableDefinition(plain.name(), plain.types(), ddl));
        RandomWrites random = new RandomWrites(table, seed, partitions);
        List<PartitionUpdate> updates = new ArrayList<>();
        for (int i = 0; i < writes; i++) {
            updates.add(random.next());
        }
        return write(directory, version, table, updates);
    }

    static WrittenSSTable write(Path directory, String version, TableMetadata table, List<PartitionUpdate> updates) {
        WrittenSSTable written = new WrittenSSTable(table, SSTables.flush(table, directory, version, 1, updates));
        written.scan();
        return written;
    }

    private void scan() {
        SSTableReader reader = SSTables.open(table, Replicas.data(descriptor));
        List<Long> allTokens = new ArrayList<>();
        List<Long> allPositions = new ArrayList<>();
        try (RandomAccessReader in = reader.openDataReader()) {
            while (!in.isEOF()) {
                allPositions.add(in.getFilePointer());
                DecoratedKey key = table.partitioner.decorateKey(ByteBufferUtil.readWithShortLength(in));
                allTokens.add((Long) key.getToken().getTokenValue());
                try (SSTableIdentityIterator rows = SSTableIdentityIterator.create(reader, in, key)) {
                    rows.exhaust();
                }
            }
            content = new byte[(int) in.length()];
            in.seek(0);
            in.readFully(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            reader.selfRef().release();
        }
        tokens = allTokens.stream().mapToLong(Long::longValue).toArray();
        positions = allPositions.stream().mapToLong(Long::longValue).toArray();
    }

    TableMetadata table() {
        return table;
    }

    Descriptor descriptor() {
        return descriptor;
    }

    InputSSTable input(TokenRanges ranges) {
        return SSTables.input("node", descriptor, ranges);
    }

    int partitions() {
        return tokens.length;
    }

    long token(int partition) {
        return tokens[partition];
    }

    long position(int partition) {
        return positions[partition];
    }

    int contentLength() {
        return content.length;
    }

    byte[] content(long start, long end) {
        return Arrays.copyOfRange(content, (int) start, (int) end);
    }

    /** {@code start, end} of each range's part of the content, as the whole scan says. */
    List<List<Long>> sections(TokenRanges ranges) {
        List<List<Long>> out = new ArrayList<>();
        for (TokenRange range : ranges) {
            int first = firstAfter(range.start());
            int behind = firstAfter(range.end());
            if (first < behind) {
                out.add(List.of(positions[first], behind < tokens.length ? positions[behind] : content.length));
            }
        }
        return out;
    }

    private int firstAfter(long token) {
        return (int) LongStream.of(tokens).filter(one -> one <= token).count();
    }

    /** Ranges that begin and end on, just before, just behind and between its tokens. */
    TokenRanges randomRanges(Random random) {
        TreeSet<Long> ends = new TreeSet<>();
        int wanted = 2 * (1 + random.nextInt(4));
        while (ends.size() < wanted) {
            long token = random.nextInt(4) == 0 ? random.nextLong() : tokens[random.nextInt(tokens.length)];
            ends.add(token + random.nextInt(3) - 1);
            if (random.nextInt(20) == 0) {
                ends.add(random.nextBoolean() ? Long.MIN_VALUE : Long.MAX_VALUE);
            }
        }
        List<Long> sorted = List.copyOf(ends);
        List<TokenRange> ranges = new ArrayList<>();
        for (int i = 0; i + 1 < sorted.size(); i += 2) {
            ranges.add(new TokenRange(sorted.get(i), sorted.get(i + 1)));
        }
        return TokenRanges.of(ranges);
    }
}
