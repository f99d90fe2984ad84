package dev.hindsight.synthesis;

import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.sstable.PartitionSink;

/** Looks at what a merge writes, on its way. One thread. */
public interface ContentTap {
    /**
     * What is written from here on goes through the sink that this gives, and on to {@code to}. Called again when the merge
     * has to start again: what came before counts no more.
     *
     * @param layout of the rows
     */
    PartitionSink over(PartitionSink to, RowLayout layout);

    /** All was written. */
    void end();
}
