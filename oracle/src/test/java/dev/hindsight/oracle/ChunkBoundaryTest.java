package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.codec.bytes.ByteCursor;
import dev.hindsight.codec.sstable.Components;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.OutputGroup;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.SynthesisRequest;
import dev.hindsight.synthesis.SynthesisResult;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.TtlPolicy;
import dev.hindsight.synthesis.cursor.CursorSynthesiser;
import dev.hindsight.synthesis.fetch.ScratchDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.io.sstable.Descriptor;
import org.apache.cassandra.io.sstable.IVerifier;
import org.apache.cassandra.io.sstable.format.SSTableFormat;
import org.apache.cassandra.io.sstable.format.SSTableReader;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.schema.TableMetadataRef;
import org.apache.cassandra.utils.OutputHandler;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Data that end just where a chunk does. Cassandra adds an empty chunk when it compacts, and none when it flushes; its
 * verifier takes a compressed SSTable without it for damaged, so that ours have it always.
 */
class ChunkBoundaryTest {
    private static final int ROWS = 30;
    private static final int CHUNK = 4096;

    /** Chunks of plain files are as long as a writer's buffer. */
    private static final int PLAIN_CHUNK = 64 << 10;

    @TempDir
    Path temp;

    /** The verifier wants a store, and a store makes its directories. */
    @AfterAll
    static void deleteWhatTheStoreMade() {
        if (Files.exists(CassandraRuntime.nowhere())) {
            ScratchDirectory.delete(CassandraRuntime.nowhere());
        }
    }

    @ParameterizedTest
    @CsvSource({"nb,LZ4Compressor", "oa,LZ4Compressor", "da,LZ4Compressor", "oa,ZstdCompressor", "nb,", "oa,", "da,"})
    void isReadWholeAndInRangesAndWrittenAsCassandraDoes(String version, String compressor) throws Exception {
        CassandraRuntime.start();
        boolean compressed = compressor != null;
        String name = version + (compressed ? compressor.toLowerCase(Locale.ROOT) : "plain");
        // An id of its own: the schema, which is one per process, also holds tables of other tests.
        TableDefinition definition = new TableDefinition(
                new TableName("boundary", name),
                List.of(),
                "CREATE TABLE boundary." + name + " (k int, c int, v text, PRIMARY KEY (k, c)) WITH ID = "
                        + new UUID(0x3000, name.hashCode()) + " AND compression = "
                        + (compressed
                                ? "{'class': '" + compressor + "', 'chunk_length_in_kb': 4}"
                                : "{'enabled': 'false'}")
                        + ";\n");
        TableMetadata table = TableSchemas.parse(definition);
        WrittenSSTable sstable = atTheBoundary(table, version, compressed ? CHUNK : PLAIN_CHUNK);
        List<String> rows = SSTables.dump(table, Replicas.data(sstable.descriptor()));
        reads(definition, sstable.descriptor(), sstable, rows, "flushed");
        if (version.equals("da")) {
            return;
        }
        WrittenPair pair = SSTableWriterTest.rewrite(
                table, temp.resolve("pair"), version, sstable.descriptor(), sstable.partitions());
        if (compressed) {
            int full = sstable.contentLength() / CHUNK;
            assertThat(chunks(sstable.descriptor())).isEqualTo(full);
            assertThat(chunks(pair.theirs)).isEqualTo(full);
            assertThat(chunks(pair.ours)).isEqualTo(full + 1);
        } else {
            pair.assertSame(version);
        }
        assertThat(SSTables.dump(table, Replicas.data(pair.ours))).isEqualTo(rows);
        verify(table, pair.ours);
        reads(definition, pair.ours, sstable, rows, "ours");
    }

    /** All of it, its last partition, and its first. */
    private void reads(
            TableDefinition table, Descriptor descriptor, WrittenSSTable sstable, List<String> rows, String name)
            throws IOException {
        long last = sstable.token(sstable.partitions() - 1);
        TokenRanges end = TokenRanges.of(new TokenRange(last - 1, last));
        TokenRanges start = TokenRanges.of(new TokenRange(Long.MIN_VALUE, sstable.token(0)));

        assertThat(merge(table, SSTables.input("node", descriptor, TokenRanges.FULL), name + "whole"))
                .isEqualTo(rows);
        assertThat(merge(table, SSTables.input("node", descriptor, end), name + "end"))
                .isEqualTo(rows.subList(rows.size() - ROWS - 1, rows.size()));
        assertThat(merge(table, SSTables.input("node", descriptor, start), name + "start"))
                .isEqualTo(rows.subList(0, ROWS + 1));
    }

    /** Grows one value until the whole has the length. */
    private WrittenSSTable atTheBoundary(TableMetadata table, String version, int chunk) {
        int lastBytes = 5000;
        WrittenSSTable written = write(table, version, lastBytes);
        for (int length = written.contentLength(); length % chunk != 0; length = written.contentLength()) {
            // Some times, since the numbers before a longer value are longer.
            lastBytes += chunk - length % chunk;
            written = write(table, version, lastBytes);
        }
        return written;
    }

    private WrittenSSTable write(TableMetadata table, String version, int lastBytes) {
        List<PartitionUpdate> rows = new ArrayList<>();
        for (int key = 0; key < 40; key++) {
            for (int row = 0; row < ROWS; row++) {
                rows.add(FetchTest.clustered(table, key, row, key == 0 && row == 0 ? lastBytes : 90));
            }
        }
        return WrittenSSTable.write(temp.resolve("flushed" + lastBytes), version, table, rows);
    }

    /** Of CompressionInfo.db, the empty one among them. */
    private static int chunks(Descriptor descriptor) throws IOException {
        ByteCursor in = new ByteCursor(
                Components.COMPRESSION,
                Files.readAllBytes(descriptor
                        .fileFor(SSTableFormat.Components.COMPRESSION_INFO)
                        .toPath()));
        in.readUtf();
        for (int options = in.readInt(); options > 0; options--) {
            in.readUtf();
            in.readUtf();
        }
        in.skip(2 * Integer.BYTES + Long.BYTES);
        return in.readInt();
    }

    private List<String> merge(TableDefinition table, InputSSTable input, String name) throws IOException {
        Path scratch = Files.createDirectory(temp.resolve(name + "-scratch"));
        SynthesisResult result = new CursorSynthesiser()
                .synthesise(
                        new SynthesisRequest(
                                table,
                                table,
                                List.of(input),
                                new PurgePolicy.KeepTombstones(),
                                new TtlPolicy.Keep(),
                                RandomWrites.NOW,
                                List.of(new OutputGroup("all", TokenRanges.FULL)),
                                temp.resolve(name),
                                1,
                                1L << 40),
                        new Scratch(scratch, 1L << 30),
                        SynthesisProgress.NONE);
        return Replicas.dump(TableSchemas.parse(table), result, "all");
    }

    private static void verify(TableMetadata table, Descriptor descriptor) throws Exception {
        SSTableReader reader =
                SSTableReader.open(null, descriptor, null, TableMetadataRef.forOfflineTools(table), true, false);
        try (IVerifier verifier = reader.getVerifier(
                CassandraCompaction.store(table),
                new OutputHandler.LogOutput(),
                true,
                IVerifier.options()
                        .extendedVerification(true)
                        .checkVersion(false)
                        .build())) {
            verifier.verify();
        } finally {
            reader.selfRef().release();
        }
    }
}
