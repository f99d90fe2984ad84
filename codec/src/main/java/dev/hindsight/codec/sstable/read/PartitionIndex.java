package dev.hindsight.codec.sstable.read;

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
     */
    record Neighbours(long lastUpTo, long firstAfter) {}

    /**
     * Both partitions next to a token.
     *
     * @param token not smaller than at the call before
     * @throws dev.hindsight.codec.bytes.MalformedException the index is damaged
     */
    Neighbours around(long token);
}
