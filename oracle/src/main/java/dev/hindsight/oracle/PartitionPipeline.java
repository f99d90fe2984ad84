package dev.hindsight.oracle;

import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.SynthesisRequest;
import dev.hindsight.synthesis.TtlPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.cassandra.db.DecoratedKey;
import org.apache.cassandra.db.partitions.UnfilteredPartitionIterator;
import org.apache.cassandra.db.partitions.UnfilteredPartitionIterators;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.db.transform.Transformation;
import org.jspecify.annotations.Nullable;

/**
 * Merged partitions of all inputs: Cassandra's reconciliation, then {@link TtlShift}, then {@link Purge}. What is empty
 * after that does not come out. The order is that of Cassandra's CompactionIterator (5.0.9). One thread.
 */
final class PartitionPipeline implements AutoCloseable {
    private final List<InputScanner> scanners = new ArrayList<>();
    private final PurgePolicy purge;
    private final TtlPolicy ttl;
    private final long now;
    private final @Nullable UnfilteredPartitionIterator merged;

    PartitionPipeline(List<OpenInput> inputs, SynthesisRequest request, MergeCounts counts) {
        this.purge = request.purge();
        this.ttl = request.ttl();
        this.now = request.nowEpochSeconds();
        for (OpenInput input : inputs) {
            scanners.add(new InputScanner(input));
        }
        this.merged = scanners.isEmpty() ? null : Transformation.apply(transformed(scanners), counts);
    }

    private UnfilteredPartitionIterator transformed(List<InputScanner> from) {
        // With a listener, even one that does nothing, also a row of a single input is held against the partition's own
        // deletions.
        UnfilteredPartitionIterator out =
                UnfilteredPartitionIterators.merge(from, UnfilteredPartitionIterators.MergeListener.NOOP);
        if (ttl instanceof TtlPolicy.Freeze freeze) {
            out = Transformation.apply(out, TtlShift.freeze(freeze));
        } else if (ttl instanceof TtlPolicy.Drop drop) {
            out = Transformation.apply(out, TtlShift.drop(drop));
        }
        return Transformation.apply(out, Purge.of(purge, now));
    }

    boolean hasNext() {
        return merged != null && merged.hasNext();
    }

    UnfilteredRowIterator next() {
        if (merged == null) {
            throw new NoSuchElementException();
        }
        return merged.next();
    }

    /**
     * The same partition once more, read anew from the inputs: for one that goes to several groups and is too wide to be
     * kept. To be called before {@link #hasNext()} moves on.
     */
    Replay again(DecoratedKey key) {
        List<InputScanner> second = new ArrayList<>();
        for (InputScanner scanner : scanners) {
            InputScanner one = scanner.again(key);
            if (one != null) {
                second.add(one);
            }
        }
        return new Replay(transformed(second));
    }

    /** One partition, once more. */
    static final class Replay implements AutoCloseable {
        private final UnfilteredPartitionIterator source;

        private Replay(UnfilteredPartitionIterator source) {
            this.source = source;
        }

        UnfilteredRowIterator partition() {
            return source.next();
        }

        @Override
        public void close() {
            source.close();
        }
    }

    @Override
    public void close() {
        if (merged != null) {
            merged.close();
        }
    }
}
