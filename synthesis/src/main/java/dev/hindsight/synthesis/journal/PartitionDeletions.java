package dev.hindsight.synthesis.journal;

import java.util.ArrayList;
import java.util.List;

/** The deletions of one partition as a whole, by number, but for those that change nothing behind an earlier one. One thread. */
final class PartitionDeletions {
    private final List<PastRange> all = new ArrayList<>();

    void clear() {
        all.clear();
    }

    /** @param emptied the last epoch so far that emptied the table; 0 for none */
    void add(PastRange deletion, int emptied) {
        PastRange last = all.isEmpty() ? null : all.get(all.size() - 1);
        if (last == null || last.epoch() < emptied || deletion.supersedes(last)) {
            all.add(deletion);
        }
    }

    int size() {
        return all.size();
    }

    PastRange get(int index) {
        return all.get(index);
    }

    boolean hasFrom(long number) {
        return !all.isEmpty() && all.get(all.size() - 1).number() >= number;
    }

    /** Index of the first one from that number on; the size when there is none. */
    int from(long number) {
        int low = 0;
        int high = all.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (all.get(middle).number() < number) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
