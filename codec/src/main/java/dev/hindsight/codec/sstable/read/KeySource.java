package dev.hindsight.codec.sstable.read;

/** Partition keys straight from Data.db, whose checksums vouch for them. */
public interface KeySource {
    /**
     * The key of the partition that starts at {@code position} of the content.
     *
     * @throws dev.hindsight.codec.bytes.MalformedException the data end before
     */
    byte[] keyAt(long position);
}
