package dev.hindsight.codec.sstable.read;

import dev.hindsight.codec.bytes.ByteString;
import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.Tokens;
import dev.hindsight.codec.sstable.Components;
import dev.hindsight.codec.sstable.read.PartitionIndex.Neighbours;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds the sections of Data.db that hold token ranges. An index has no checksum, and a wrong one must not make partitions
 * vanish: the keys of the partitions on both sides of where a range starts and ends are read from the data, and the one must
 * end where the other starts. That the partitions between are inside, and in order, is for the reader of the sections to
 * check.
 */
public final class SectionFinder {
    private SectionFinder() {}

    /**
     * @param dataLength content bytes of Data.db
     * @throws MalformedException the index contradicts itself or the data
     */
    public static List<Section> find(
            PartitionIndex index, TokenRanges ranges, long dataLength, KeySource keys, PartitionEnds ends) {
        List<Section> sections = new ArrayList<>();
        for (TokenRange range : ranges) {
            Neighbours start = range.start() == Long.MIN_VALUE
                    ? new Neighbours(PartitionIndex.NONE, 0, Optional.empty())
                    : edge(index, range.start(), dataLength, keys, ends);
            Neighbours end = range.end() == Long.MAX_VALUE
                    ? new Neighbours(PartitionIndex.NONE, PartitionIndex.NONE, Optional.empty())
                    : edge(index, range.end(), dataLength, keys, ends);
            long from = start.firstAfter();
            long to = end.firstAfter() == PartitionIndex.NONE ? dataLength : end.firstAfter();
            if (from == PartitionIndex.NONE || from == to) {
                continue;
            }
            long last =
                    sections.isEmpty() ? 0 : sections.get(sections.size() - 1).end();
            if (from < last || to < from || to > dataLength) {
                throw new MalformedException("index: range " + range + " is at [" + from + "," + to + "), after " + last
                        + ", in data of " + dataLength + " bytes");
            }
            confirm(keys, from, start.keyAfter(), range.start(), range.end(), dataLength);
            sections.add(new Section(from, to, range.toString()));
        }
        return sections;
    }

    /** The neighbours of where a range starts or ends, by the data, and with no other partition between them. */
    private static Neighbours edge(
            PartitionIndex index, long token, long dataLength, KeySource keys, PartitionEnds ends) {
        Neighbours found = index.around(token);
        long before = found.lastUpTo();
        long after = found.firstAfter() == PartitionIndex.NONE ? dataLength : found.firstAfter();
        confirm(keys, before, Optional.empty(), Long.MIN_VALUE, token, dataLength);
        if (before >= after || after > dataLength) {
            throw new MalformedException("index: the first partition behind token " + token + " is at " + after
                    + ", after " + before + ", in data of " + dataLength + " bytes");
        }
        long end = before == PartitionIndex.NONE ? 0 : ends.endOf(before, after, index);
        if (end != after) {
            throw new MalformedException("index: the first partition behind token " + token + " is at position " + after
                    + " of " + Components.DATA + ", but the partition before ends at " + end);
        }
        confirm(keys, found.firstAfter(), found.keyAfter(), token, Long.MAX_VALUE, dataLength);
        return found;
    }

    private static void confirm(
            KeySource keys, long position, Optional<ByteString> indexed, long after, long upTo, long dataLength) {
        if (position == PartitionIndex.NONE) {
            return;
        }
        if (position < 0 || position >= dataLength) {
            throw new MalformedException(
                    "index: a partition at position " + position + " of " + dataLength + " of " + Components.DATA);
        }
        byte[] key = keys.keyAt(position);
        long token = Tokens.of(key);
        if (token <= after || token > upTo) {
            throw new MalformedException("index: the partition at position " + position + " of " + Components.DATA
                    + " has token " + token + " and not one in (" + after + "," + upTo + "]");
        }
        if (indexed.isPresent() && !indexed.get().equals(ByteString.copyOf(key))) {
            throw new MalformedException("index: the partition at position " + position + " of " + Components.DATA
                    + " has another key than the index says");
        }
    }
}
