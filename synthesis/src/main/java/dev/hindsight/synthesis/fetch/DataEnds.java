package dev.hindsight.synthesis.fetch;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.row.PartitionSkipper;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.sstable.RowHeader;
import dev.hindsight.codec.sstable.SSTableVersion;
import dev.hindsight.codec.sstable.read.PartitionEnds;
import dev.hindsight.codec.sstable.read.PartitionIndex;

/**
 * Walks to the end of the partition before a range: all of it when it is short, else from its last block on. One thread.
 */
final class DataEnds implements PartitionEnds {
    /** Two blocks of the usual row index. More would be fetched for nothing. */
    private static final long SHORT_BYTES = 128 << 10;

    private final DataFile data;
    private final RowHeader header;
    private final SSTableVersion version;
    private final PartitionSkipper skipper;

    DataEnds(DataFile data, RowHeader header, SSTableVersion version) {
        this.data = data;
        this.header = header;
        this.version = version;
        this.skipper = new PartitionSkipper(new RowLayout(header, version.isSinceFive()), data.content());
    }

    @Override
    public long endOf(long start, long upTo, PartitionIndex index) {
        if (upTo - start > SHORT_BYTES) {
            long block = index.lastBlock(header, version);
            if (block != PartitionIndex.NONE) {
                if (block <= start || block >= upTo) {
                    throw new MalformedException("index: the partition at [" + start + "," + upTo
                            + ") has its last rows at position " + block);
                }
                bring(block, upTo);
                return skipper.endFrom(block, upTo);
            }
        }
        bring(start, upTo);
        return skipper.end(start, upTo);
    }

    /** At once what will be needed anyway; of something long, only what is asked for. */
    private void bring(long from, long to) {
        if (to - from <= SHORT_BYTES) {
            data.fetch(from, to);
        }
    }
}
