package dev.hindsight.codec.sstable.read;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.Tokens;
import dev.hindsight.codec.sstable.Components;
import dev.hindsight.codec.sstable.read.PartitionIndex.Neighbours;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the sections of Data.db that hold token ranges. An index has no checksum, and a wrong one must not make partitions
 * vanish: the partitions just outside of each section are read from the data, and must be outside. That those inside are
 * inside, and in order, is for the reader of the sections to check.
 */
public final class SectionFinder {
    private SectionFinder() {}

    /**
     * @param dataLength content bytes of Data.db
     * @throws MalformedException the index contradicts itself or the data
     */
    public static List<Section> find(PartitionIndex index, TokenRanges ranges, long dataLength, KeySource keys) {
        List<Section> sections = new ArrayList<>();
        for (TokenRange range : ranges) {
            Neighbours start = range.start() == Long.MIN_VALUE
                    ? new Neighbours(PartitionIndex.NONE, 0)
                    : index.around(range.start());
            Neighbours end = range.end() == Long.MAX_VALUE
                    ? new Neighbours(dataLength, PartitionIndex.NONE)
                    : index.around(range.end());
            confirmOutside(keys, start.lastUpTo(), Long.MIN_VALUE, range.start(), dataLength);
            confirmOutside(keys, end.firstAfter(), range.end(), Long.MAX_VALUE, dataLength);
            long from = start.firstAfter();
            long to = end.firstAfter() == PartitionIndex.NONE ? dataLength : end.firstAfter();
            if (from == PartitionIndex.NONE || from == to) {
                continue;
            }
            long last =
                    sections.isEmpty() ? 0 : sections.get(sections.size() - 1).end();
            if (from < last || to < from || to > dataLength || start.lastUpTo() >= from) {
                throw new MalformedException("index: range " + range + " is at [" + from + "," + to + "), after "
                        + Math.max(last, start.lastUpTo()) + ", in data of " + dataLength + " bytes");
            }
            sections.add(new Section(from, to, range.toString()));
        }
        return sections;
    }

    private static void confirmOutside(KeySource keys, long position, long after, long upTo, long dataLength) {
        if (position == PartitionIndex.NONE) {
            return;
        }
        if (position < 0 || position >= dataLength) {
            throw new MalformedException(
                    "index: a partition at position " + position + " of " + dataLength + " of " + Components.DATA);
        }
        long token = Tokens.of(keys.keyAt(position));
        if (token <= after || token > upTo) {
            throw new MalformedException("index: the partition at position " + position + " of " + Components.DATA
                    + " has token " + token + " and not one in (" + after + "," + upTo + "]");
        }
    }
}
