package dev.hindsight.oracle;

import java.io.IOException;
import org.apache.cassandra.db.PartitionPosition;
import org.apache.cassandra.io.sstable.format.bti.PartitionIndex;
import org.jspecify.annotations.Nullable;

/**
 * Finds neighbours of a bound in the trie of a Partitions.db. As Cassandra's own reader does, except that it never goes
 * from a node to one that is not before it in the file: in a damaged trie, that would go round for ever. One thread.
 */
final class TrieWalk extends PartitionIndex.Reader {
    /** Decides about an entry, by what the trie holds for it. */
    interface Candidate {
        /**
         * @param indexed position in Rows.db, or {@code ~position} in Data.db
         * @param surely whether the entry is on the right side of the bound by its place in the trie alone
         * @return its position in Data.db, or null when it is on the wrong side
         */
        @Nullable
        Long accept(long indexed, boolean surely) throws IOException;
    }

    TrieWalk(PartitionIndex index) {
        super(index);
    }

    /** The first entry after {@code bound}; null when there is none. */
    @Nullable
    Long after(PartitionPosition bound, Candidate candidate) throws IOException {
        followWithGreater(bound);
        long here = getCurrentIndexPos();
        if (!hasChildren() && here != PartitionIndex.NOT_FOUND) {
            Long accepted = candidate.accept(here, false);
            if (accepted != null) {
                return accepted;
            }
        }
        if (greaterBranch == NONE) {
            return null;
        }
        descend(greaterBranch, true);
        return candidate.accept(found(), true);
    }

    /** The last entry before {@code bound}; null when there is none. */
    @Nullable
    Long before(PartitionPosition bound, Candidate candidate) throws IOException {
        Long here = prefixAndNeighbours(bound, PartitionIndex.Reader::getSpecificIndexPos);
        if (here != null && here != PartitionIndex.NOT_FOUND) {
            Long accepted = candidate.accept(here, false);
            if (accepted != null) {
                return accepted;
            }
        }
        if (lesserBranch == NONE) {
            return null;
        }
        descend(lesserBranch, false);
        return candidate.accept(found(), true);
    }

    private long found() throws IOException {
        long indexed = getCurrentIndexPos();
        if (indexed == PartitionIndex.NOT_FOUND) {
            throw new IOException("a branch of the trie ends without an entry, at " + position);
        }
        return indexed;
    }

    private void descend(long from, boolean smallest) throws IOException {
        go(from);
        while (!smallest || !hasPayload()) {
            long child = smallest ? transition(0) : lastTransition();
            if (child == NONE) {
                return;
            }
            if (child >= position || child < 0) {
                throw new IOException("a node of the trie at " + position + " points to " + child);
            }
            go(child);
        }
    }
}
