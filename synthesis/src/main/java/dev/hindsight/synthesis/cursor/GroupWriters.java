package dev.hindsight.synthesis.cursor;

import dev.hindsight.codec.sstable.PartitionSink;
import dev.hindsight.codec.sstable.PartitionStatistics;
import dev.hindsight.codec.sstable.RowBatch;
import dev.hindsight.codec.sstable.write.SSTableWriter;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.synthesis.OutputGroup;
import dev.hindsight.synthesis.OutputSSTable;
import java.util.ArrayList;
import java.util.List;

/**
 * Sends each merged partition, coded once, to every group that wants its token. Partitions come in token order, so a group is
 * closed as soon as the tokens have passed it: only overlapping groups are open together. One thread.
 */
final class GroupWriters implements PartitionSink, AutoCloseable {
    private final List<OutputGroup> groups;
    private final GroupWriter[] writers;
    private final long[] lastTokens;
    private final boolean[] finished;

    /** Of the partition at hand: {@link #count} of each. */
    private final GroupWriter[] wanting;

    private final SSTableWriter[] sinks;
    private int count;

    GroupWriters(List<OutputGroup> groups, GroupWriter.Settings settings, KeyEstimate keys) {
        this.groups = groups;
        int size = groups.size();
        this.writers = new GroupWriter[size];
        this.lastTokens = new long[size];
        this.finished = new boolean[size];
        this.wanting = new GroupWriter[size];
        this.sinks = new SSTableWriter[size];
        for (int i = 0; i < size; i++) {
            OutputGroup group = groups.get(i);
            writers[i] = new GroupWriter(group.name(), settings, keys.perSSTable(group.ranges()));
            List<TokenRange> ranges = group.ranges().ranges();
            lastTokens[i] = ranges.isEmpty()
                    ? Long.MIN_VALUE
                    : ranges.get(ranges.size() - 1).end();
        }
    }

    @Override
    public void begin(byte[] key, int keyLength, long token, long deletedAt, long deletionTime) {
        count = 0;
        for (int i = 0; i < writers.length; i++) {
            if (finished[i]) {
                continue;
            }
            if (token > lastTokens[i]) {
                finished[i] = true;
                writers[i].finish();
            } else if (groups.get(i).ranges().contains(token)) {
                wanting[count] = writers[i];
                sinks[count] = writers[i].writer();
                sinks[count].begin(key, keyLength, token, deletedAt, deletionTime);
                count++;
            }
        }
    }

    @Override
    public void append(byte[] bytes, int offset, int length) {
        for (int i = 0; i < count; i++) {
            sinks[i].append(bytes, offset, length);
        }
    }

    @Override
    public void endHeader() {
        for (int i = 0; i < count; i++) {
            sinks[i].endHeader();
        }
    }

    @Override
    public void unfiltered(
            int kind,
            byte[] clustering,
            int offset,
            int length,
            int values,
            long openDeletedAt,
            long openDeletionTime) {
        for (int i = 0; i < count; i++) {
            sinks[i].unfiltered(kind, clustering, offset, length, values, openDeletedAt, openDeletionTime);
        }
    }

    @Override
    public void rows(RowBatch batch, long openDeletedAt, long openDeletionTime) {
        for (int i = 0; i < count; i++) {
            sinks[i].rows(batch, openDeletedAt, openDeletionTime);
        }
    }

    @Override
    public void add(PartitionStatistics statistics) {
        for (int i = 0; i < count; i++) {
            sinks[i].add(statistics);
        }
    }

    @Override
    public void end(PartitionStatistics statistics) {
        for (int i = 0; i < count; i++) {
            sinks[i].end(statistics);
            wanting[i].ended();
        }
    }

    /** Closes all SSTables and tells them, in the order of the groups. */
    List<OutputSSTable> finish() {
        List<OutputSSTable> all = new ArrayList<>();
        for (GroupWriter writer : writers) {
            writer.finish();
            all.addAll(writer.done());
        }
        return all;
    }

    /** Deletes all that was written. */
    void discard() {
        for (GroupWriter writer : writers) {
            writer.discard();
        }
    }

    @Override
    public void close() {
        for (GroupWriter writer : writers) {
            writer.close();
        }
    }
}
