package dev.hindsight.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.schema.DdlSchemas;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.codec.sstable.EncodingBase;
import dev.hindsight.codec.sstable.RowHeader;
import dev.hindsight.codec.sstable.SSTableVersion;
import dev.hindsight.codec.sstable.read.BigIndex;
import dev.hindsight.codec.sstable.read.KeySource;
import dev.hindsight.codec.sstable.read.PartitionEnds;
import dev.hindsight.codec.sstable.read.PartitionIndex;
import dev.hindsight.codec.sstable.read.Section;
import dev.hindsight.codec.sstable.read.SectionFinder;
import dev.hindsight.codec.sstable.read.TrieIndex;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Index.db with Summary.db, and Partitions.db with Rows.db: whatever they say, the sections found are within the data. */
class IndexFuzzTest {
    private static final TableSchema TABLE =
            DdlSchemas.tableSchema("ks", List.of(), "CREATE TABLE ks.t (k int, c int, v blob, PRIMARY KEY (k, c));");
    private static final byte[] KEY_0 = {0, 0, 0, 0};
    private static final byte[] KEY_1 = {0, 0, 0, 1};
    /** Where the second partition of the seeds starts; key 1 comes first in one half of the ring. */
    private static final long DATA_LENGTH = 182_115;

    static Stream<byte[]> bigSeeds() {
        return Corpus.with(
                Stream.of(
                        Bytes.join(Seeds.INDEX_NB, Seeds.SUMMARY),
                        Bytes.join(Seeds.INDEX_OA, Seeds.SUMMARY),
                        Bytes.join(Seeds.INDEX_OA, new byte[0])),
                "anyIndexGivesSectionsOrIsRefused");
    }

    static Stream<byte[]> trieSeeds() {
        return Corpus.with(Stream.of(Bytes.join(Seeds.PARTITIONS, Seeds.ROWS)), "anyTrieGivesSectionsOrIsRefused");
    }

    @MethodSource("bigSeeds")
    @FuzzTest
    void anyIndexGivesSectionsOrIsRefused(byte[] data) {
        List<byte[]> parts = Bytes.parts(data, 2);
        find(
                () -> new BigIndex(
                        Bytes.source("Index.db", parts.get(0)),
                        parts.get(1).length == 0 ? null : Bytes.source("Summary.db", parts.get(1)),
                        DATA_LENGTH,
                        parts.get(1).length % 2 == 0 ? KEY_1 : null),
                data.length % 2 == 0);
    }

    @MethodSource("trieSeeds")
    @FuzzTest
    void anyTrieGivesSectionsOrIsRefused(byte[] data) {
        List<byte[]> parts = Bytes.parts(data, 2);
        find(
                () -> new TrieIndex(
                        Bytes.source("Partitions.db", parts.get(0)),
                        Bytes.source("Rows.db", parts.get(1)),
                        keys(),
                        KEY_0,
                        KEY_1),
                true);
    }

    private static KeySource keys() {
        return position -> position == 0 ? KEY_0 : KEY_1;
    }

    /** Believes the index, and looks at its row indexes for the sake of looking. */
    private static PartitionEnds ends(boolean unsigned) {
        RowHeader header = new RowHeader(
                EncodingBase.NONE,
                TABLE.partitionKeyType(),
                TABLE.clustering().stream().map(column -> column.type()).toList(),
                TABLE.statics(),
                TABLE.regulars());
        return (start, upTo, index) -> {
            index.lastBlock(header, unsigned ? SSTableVersion.OA : SSTableVersion.NB);
            return upTo;
        };
    }

    private static void find(Supplier<PartitionIndex> index, boolean unsigned) {
        for (TokenRanges ranges : List.of(
                TokenRanges.FULL,
                TokenRanges.of(new TokenRange(Long.MIN_VALUE, 0)),
                TokenRanges.of(new TokenRange(-1L << 62, -1L << 61), new TokenRange(0, 1L << 62)),
                TokenRanges.of(new TokenRange(0, Long.MAX_VALUE)))) {
            try {
                long last = 0;
                for (Section section : SectionFinder.find(index.get(), ranges, DATA_LENGTH, keys(), ends(unsigned))) {
                    if (section.start() < last || section.end() <= section.start() || section.end() > DATA_LENGTH) {
                        throw new IllegalStateException(section + " after " + last);
                    }
                    last = section.end();
                }
            } catch (MalformedException e) {
                // This is what wrong bytes may end in.
                continue;
            }
        }
    }
}
