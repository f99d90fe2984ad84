package dev.hindsight.codec.sstable.read;

import dev.hindsight.codec.bytes.ByteString;
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
}
