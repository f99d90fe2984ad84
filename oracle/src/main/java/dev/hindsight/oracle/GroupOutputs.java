package dev.hindsight.oracle;

import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.OutputGroup;
import dev.hindsight.synthesis.OutputSSTable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import org.apache.cassandra.db.DecoratedKey;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.db.transform.Transformation;

/**
 * Sends each merged partition to every group that wants its token. Partitions come in token order, so a group is closed as
 * soon as the tokens have passed it: only overlapping groups are open together. One thread.
 */
final class GroupOutputs implements AutoCloseable {
    private final List<OutputGroup> groups;
    private final List<GroupOutput> outputs = new ArrayList<>();
    private final long[] lastTokens;
    private final boolean[] finished;

    /**
     * @param keys estimated partitions per SSTable of a group
     */
    GroupOutputs(List<OutputGroup> groups, GroupOutput.Settings settings, ToLongFunction<TokenRanges> keys) {
        this.groups = groups;
        this.lastTokens = new long[groups.size()];
        this.finished = new boolean[groups.size()];
        for (int i = 0; i < groups.size(); i++) {
            OutputGroup group = groups.get(i);
            outputs.add(new GroupOutput(group.name(), settings, keys.applyAsLong(group.ranges())));
            List<TokenRange> ranges = group.ranges().ranges();
            lastTokens[i] = ranges.isEmpty()
                    ? Long.MIN_VALUE
                    : ranges.get(ranges.size() - 1).end();
        }
    }

    void append(UnfilteredRowIterator partition, PartitionPipeline pipeline) {
        DecoratedKey key = partition.partitionKey();
        List<GroupOutput> wanting = wanting((Long) key.getToken().getTokenValue());
        if (wanting.size() <= 1) {
            for (GroupOutput only : wanting) {
                only.append(partition);
            }
            return;
        }
        KeptPartition keeper = new KeptPartition();
        wanting.get(0).append(Transformation.apply(partition, keeper));
        for (GroupOutput next : wanting.subList(1, wanting.size())) {
            UnfilteredRowIterator kept = keeper.replay(partition);
            if (kept != null) {
                next.append(kept);
                continue;
            }
            try (PartitionPipeline.Replay replay = pipeline.again(key);
                    UnfilteredRowIterator once = replay.partition()) {
                next.append(once);
            }
        }
    }

    private List<GroupOutput> wanting(long token) {
        List<GroupOutput> out = new ArrayList<>(1);
        for (int i = 0; i < lastTokens.length; i++) {
            if (finished[i]) {
                continue;
            }
            if (token > lastTokens[i]) {
                finished[i] = true;
                outputs.get(i).finish();
            } else if (groups.get(i).ranges().contains(token)) {
                out.add(outputs.get(i));
            }
        }
        return out;
    }

    /** Closes all SSTables and tells them, in the order of the groups. */
    List<OutputSSTable> finish() {
        List<OutputSSTable> all = new ArrayList<>();
        for (GroupOutput output : outputs) {
            output.finish();
            all.addAll(output.done());
        }
        return all;
    }

    /** Deletes all that was written. */
    void discard() {
        outputs.forEach(GroupOutput::discard);
    }

    @Override
    public void close() {
        outputs.forEach(GroupOutput::close);
    }
}
