package dev.hindsight.codec.sstable.read;

/** Where partitions end, straight from Data.db, whose checksums vouch for it. */
public interface PartitionEnds {
    /**
     * Where the partition that starts at {@code start} of the content ends.
     *
     * @param upTo where it should, so that little has to be read; nothing behind is
     * @param index which gave it as {@code lastUpTo} just now: its {@link PartitionIndex#lastBlock} may spare the way there
     * @throws dev.hindsight.codec.bytes.MalformedException not up to there
     */
    long endOf(long start, long upTo, PartitionIndex index);
}
