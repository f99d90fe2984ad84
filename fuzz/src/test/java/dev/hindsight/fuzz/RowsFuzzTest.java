package dev.hindsight.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.Window;
import dev.hindsight.codec.row.PartitionSkipper;
import dev.hindsight.codec.row.RowCursor;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.schema.DdlSchemas;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.codec.sstable.EncodingBase;
import dev.hindsight.codec.sstable.PartitionSink;
import dev.hindsight.codec.sstable.PartitionStatistics;
import dev.hindsight.codec.sstable.RowHeader;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.TtlPolicy;
import dev.hindsight.synthesis.merge.DamagedInput;
import dev.hindsight.synthesis.merge.NeedsLongExpiry;
import dev.hindsight.synthesis.merge.PartitionMerge;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Data.db of two inputs, as it is after decompression, through cursors, walkers, the merge and the row encoder. */
class RowsFuzzTest {
    private static final EncodingBase BASE = new EncodingBase(1_700_000_000_000_001L, 1_765_846_237L, 0);
    private static final TableSchema RICH = DdlSchemas.tableSchema("ks", List.of(Seeds.RICH_TYPE), Seeds.RICH);
    private static final TableSchema COUNTER = DdlSchemas.tableSchema("ks", List.of(), Seeds.COUNTER);

    static Stream<byte[]> seeds() {
        return Corpus.with(
                Stream.of(
                        seed(0, Seeds.RICH_NB, Seeds.RICH_NB),
                        seed(2, Seeds.RICH_OA, Seeds.RICH_OA),
                        seed(6, Seeds.RICH_OA, Seeds.RICH_NB),
                        seed(1, Seeds.COUNTER_NB, Seeds.COUNTER_NB),
                        seed(3, Seeds.COUNTER_OA, Seeds.COUNTER_OA),
                        seed(11, Seeds.COUNTER_OA, new byte[0]),
                        Seeds.FOUND_COUNTER),
                "mergingAnyBytesGivesRowsOrNamesTheInput");
    }

    private static byte[] seed(int kind, byte[] left, byte[] right) {
        return Bytes.join(new byte[] {(byte) kind}, left, right);
    }

    @MethodSource("seeds")
    @FuzzTest
    void mergingAnyBytesGivesRowsOrNamesTheInput(byte[] data) {
        List<byte[]> parts = Bytes.parts(data, 3);
        int kind = parts.get(0).length == 0 ? 0 : parts.get(0)[0];
        TableSchema table = (kind & 1) == 0 ? RICH : COUNTER;
        RowHeader header = header(table);
        RowLayout left = new RowLayout(header, (kind & 2) != 0);
        RowLayout right = new RowLayout(header, ((kind >> 1 ^ kind >> 2) & 1) != 0);
        RowLayout output = new RowLayout(header, (kind & 8) != 0);
        PurgePolicy purge =
                (kind & 16) == 0 ? new PurgePolicy.KeepTombstones() : new PurgePolicy.PurgeBefore(1_766_000_000L);
        TtlPolicy ttl = (kind & 32) == 0 ? new TtlPolicy.Keep() : new TtlPolicy.Freeze(1_766_000_000L, 1_800_000_000L);
        try {
            new PartitionMerge(
                            List.of(
                                    new RowCursor(0, left, Bytes.window(parts.get(1)), TokenRanges.FULL),
                                    new RowCursor(1, right, Bytes.window(parts.get(2)), TokenRanges.FULL)),
                            output,
                            table.dropped(),
                            purge,
                            ttl,
                            1_767_225_600L,
                            TokenRanges.FULL,
                            new CheckingSink())
                    .run();
        } catch (DamagedInput | UnsupportedException | NeedsLongExpiry e) {
            // These are what wrong bytes may end in.
            return;
        }
    }

    static Stream<byte[]> partitions() {
        return Corpus.with(
                Stream.of(
                        Bytes.join(new byte[] {0}, Seeds.RICH_NB),
                        Bytes.join(new byte[] {2}, Seeds.RICH_OA),
                        Bytes.join(new byte[] {1}, Seeds.COUNTER_NB),
                        Bytes.join(new byte[] {3}, Seeds.COUNTER_OA)),
                "steppingOverAPartitionEndsWhereReadingItDoes");
    }

    @MethodSource("partitions")
    @FuzzTest
    void steppingOverAPartitionEndsWhereReadingItDoes(byte[] data) {
        List<byte[]> parts = Bytes.parts(data, 2);
        int kind = parts.get(0).length == 0 ? 0 : parts.get(0)[0];
        byte[] bytes = parts.get(1);
        RowLayout layout = new RowLayout(header((kind & 1) == 0 ? RICH : COUNTER), (kind & 2) != 0);
        Window window = Bytes.window(bytes);
        RowCursor cursor = new RowCursor(0, layout, window, TokenRanges.FULL);
        PartitionSkipper skipper = new PartitionSkipper(layout, Bytes.source("Data.db", bytes));
        try {
            while (cursor.nextPartition()) {
                long start = cursor.partitionPosition();
                while (cursor.next()) {
                    if (cursor.bodyEnd < cursor.bodyAt) {
                        throw new IllegalStateException("a row ends before it begins");
                    }
                }
                long end = window.filePosition();
                if (skipper.end(start, bytes.length) != end) {
                    throw new IllegalStateException("the partition at " + start + " ends at " + end);
                }
            }
        } catch (MalformedException e) {
            try {
                skipper.end(0, bytes.length);
            } catch (MalformedException alike) {
                // This is what wrong bytes may end in.
                return;
            }
        }
    }

    private static RowHeader header(TableSchema table) {
        return new RowHeader(
                BASE,
                table.partitionKeyType(),
                table.clustering().stream().map(column -> column.type()).toList(),
                table.statics(),
                table.regulars());
    }

    /** What comes out has the order that the sink is promised. */
    private static final class CheckingSink implements PartitionSink {
        private boolean open;
        private long last = Long.MIN_VALUE;

        @Override
        public void begin(byte[] key, int keyLength, long token, long deletedAt, long deletionTime) {
            if (open || token < last || keyLength > key.length) {
                throw new IllegalStateException("a partition begins out of order");
            }
            open = true;
            last = token;
        }

        @Override
        public void endHeader() {}

        @Override
        public void add(PartitionStatistics statistics) {}

        @Override
        public void append(byte[] bytes, int offset, int length) {
            java.util.Objects.checkFromIndexSize(offset, length, bytes.length);
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
            java.util.Objects.checkFromIndexSize(offset, length, clustering.length);
        }

        @Override
        public void end(PartitionStatistics statistics) {
            open = false;
        }
    }
}
