package dev.hindsight.oracle;

import dev.hindsight.codec.sstable.Components;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.InputSSTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.cassandra.db.PartitionPosition;
import org.apache.cassandra.dht.Murmur3Partitioner;
import org.apache.cassandra.io.sstable.format.bti.PartitionIndex;
import org.apache.cassandra.io.util.File;
import org.apache.cassandra.io.util.FileDataInput;
import org.apache.cassandra.io.util.FileHandle;
import org.jspecify.annotations.Nullable;

/**
 * Looks token ranges up in the tries of a BTI SSTable (Partitions.db, and Rows.db for partitions with a row index). The
 * trie holds only prefixes of keys, so a bound's neighbour may have to be read from Data.db, whose chunk is then fetched.
 * One thread.
 */
final class BtiIndex implements AutoCloseable {
    private final InputSSTable input;
    private final DataFile data;
    private final FileHandle rows;
    private final PartitionIndex partitions;

    BtiIndex(InputSSTable input, Path partitionsFile, Path rowsFile, DataFile data) {
        this.input = input;
        this.data = data;
        this.rows = new FileHandle.Builder(new File(rowsFile)).complete();
        try {
            this.partitions = PartitionIndex.load(
                    new FileHandle.Builder(new File(partitionsFile)), Murmur3Partitioner.instance, false);
        } catch (IOException | RuntimeException | Error e) {
            rows.close();
            throw Damage.wrap(input, Components.PARTITIONS + " cannot be opened", e);
        }
    }

    IndexLookup lookup(TokenRanges ranges, ByteBuffer firstKey, ByteBuffer lastKey) {
        if (!partitions.firstKey().getKey().equals(firstKey)
                || !partitions.lastKey().getKey().equals(lastKey)) {
            throw Damage.of(
                    input,
                    Components.PARTITIONS + ": its first and last partition are not those of " + Components.STATISTICS);
        }
        long dataLength = data.chunks().dataLength();
        List<Section> sections = new ArrayList<>();
        List<IndexLookup.Neighbour> neighbours = new ArrayList<>();
        long wanted = 0;
        try {
            for (TokenRange range : ranges) {
                Long start = range.start() == Long.MIN_VALUE ? Long.valueOf(0) : firstAfter(range.start());
                Long next = range.end() == Long.MAX_VALUE ? null : firstAfter(range.end());
                long end = next == null ? dataLength : next;
                Long before = range.start() == Long.MIN_VALUE ? null : lastUpTo(range.start());
                if (before != null) {
                    neighbours.add(new IndexLookup.Neighbour(before, Long.MIN_VALUE, range.start()));
                }
                if (next != null) {
                    neighbours.add(new IndexLookup.Neighbour(next, range.end(), Long.MAX_VALUE));
                }
                if (start == null || start == end) {
                    continue;
                }
                long last = sections.isEmpty()
                        ? 0
                        : sections.get(sections.size() - 1).end();
                if (start < last || end < start || end > dataLength || before != null && before >= start) {
                    throw Damage.of(
                            input,
                            Components.PARTITIONS + ": range " + range + " is at [" + start + "," + end + "), after "
                                    + (before == null ? last : before) + ", in data of " + dataLength + " bytes");
                }
                sections.add(new Section(start, end, null, range.toString()));
                wanted += end - start;
            }
        } catch (IOException | RuntimeException | AssertionError e) {
            throw Damage.wrap(input, Components.PARTITIONS + " cannot be read", e);
        }
        long keys = partitions.size();
        return new IndexLookup(sections, neighbours, keys, (long) Math.ceil((double) wanted / dataLength * keys));
    }

    /** Where the first partition with a greater token starts; null when there is none. */
    private @Nullable Long firstAfter(long token) throws IOException {
        PartitionPosition bound = bound(token);
        try (TrieWalk walk = new TrieWalk(partitions)) {
            return walk.after(bound, (indexed, surely) -> position(indexed, surely, bound, 1));
        }
    }

    private @Nullable Long lastUpTo(long token) throws IOException {
        PartitionPosition bound = bound(token);
        try (TrieWalk walk = new TrieWalk(partitions)) {
            return walk.before(bound, (indexed, surely) -> position(indexed, surely, bound, -1));
        }
    }

    private static PartitionPosition bound(long token) {
        return new Murmur3Partitioner.LongToken(token).maxKeyBound();
    }

    private @Nullable Long position(long indexed, boolean surely, PartitionPosition bound, int side)
            throws IOException {
        byte @Nullable [] key = null;
        long position;
        if (indexed < 0) {
            position = ~indexed;
            key = surely ? null : data.keyAt(position);
        } else {
            try (FileDataInput in = rows.createReader(indexed)) {
                key = new byte[in.readUnsignedShort()];
                in.readFully(key);
                position = in.readUnsignedVInt();
            }
        }
        if (surely || key == null) {
            return position;
        }
        int compared =
                Murmur3Partitioner.instance.decorateKey(ByteBuffer.wrap(key)).compareTo(bound);
        return Integer.signum(compared) == side ? Long.valueOf(position) : null;
    }

    @Override
    public void close() {
        partitions.close();
        rows.close();
    }
}
