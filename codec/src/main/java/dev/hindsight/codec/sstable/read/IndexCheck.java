package dev.hindsight.codec.sstable.read;

import dev.hindsight.codec.bytes.MalformedException;

/** Holds a whole index against the partitions of Data.db, as they are read one after the other. One thread. */
public final class IndexCheck {
    private final PartitionIndex index;
    private boolean started;
    private long token;
    private long position;

    /** @param index freshly opened */
    public IndexCheck(PartitionIndex index) {
        this.index = index;
    }

    /**
     * The next partition of the data.
     *
     * @throws MalformedException the index says otherwise of the one before
     */
    public void partition(long itsToken, long itsPosition) {
        if (started && itsToken != token) {
            verify(itsPosition);
        }
        started = true;
        token = itsToken;
        position = itsPosition;
    }

    /** There are no more. */
    public void end() {
        if (started) {
            verify(PartitionIndex.NONE);
        }
    }

    private void verify(long next) {
        PartitionIndex.Neighbours found = index.around(token);
        if (found.lastUpTo() != position || found.firstAfter() != next) {
            throw new MalformedException("index: the partition of token " + token + " is at position "
                    + found.lastUpTo() + " and the next at " + found.firstAfter() + ", but the data have them at "
                    + position + " and " + next + " (" + PartitionIndex.NONE + " means none)");
        }
    }
}
