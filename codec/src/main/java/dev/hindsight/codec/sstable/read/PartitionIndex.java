package dev.hindsight.codec.sstable.read;

import dev.hindsight.codec.bytes.ByteString;
import dev.hindsight.codec.sstable.RowHeader;
import dev.hindsight.codec.sstable.SSTableVersion;
import java.util.Optional;

/**
 * Where partitions start in Data.db, by what the index says; nothing is believed before the data confirm it ({@link
 * SectionFinder}). One thread.
 */
public sealed interface PartitionIndex permits BigIndex, TrieIndex {
    /** Of a position: there is no such partition. */
    long NONE = -1;

    /**
     * @param lastUpTo start of the last partition with a token up to the asked one, or {@link #NONE}
     * @param firstAfter start of the first partition with a greater token, or {@link #NONE}
     * @param keyAfter key of that partition, when the index holds whole keys
     */
    record Neighbours(long lastUpTo, long firstAfter, Optional<ByteString> keyAfter) {}

    /**
     * Both partitions next to a token.
     *
     * @param token not smaller than at the call before
     * @throws dev.hindsight.codec.bytes.MalformedException the index is damaged
     */
    Neighbours around(long token);

    /**
     * Of the partition that the last call of {@link #around} gave as {@code lastUpTo}: the start in Data.db of its last rows,
     * as its row index says, or {@link #NONE} when it has no row index.
     *
     * @throws dev.hindsight.codec.bytes.MalformedException the row index is damaged
     */
    long lastBlock(RowHeader header, SSTableVersion version);
}
