package dev.hindsight.synthesis.journal;

import dev.hindsight.codec.row.Clusterings;
import java.util.Map;
import java.util.NavigableMap;
import java.util.PriorityQueue;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Deletions of ranges that are open around a place which only moves on: by number, and by where they end, so that a place costs
 * by what begins and ends there, not by how many are open. One thread.
 */
final class ActiveRanges {
    private final Clusterings clusterings;

    /** Ranges of one record do not overlap: of two, the one before has ended. */
    private final NavigableMap<Long, PastRange> byNumber = new TreeMap<>();

    private final PriorityQueue<PastRange> byEnd;

    ActiveRanges(Clusterings clusterings) {
        this.clusterings = clusterings;
        this.byEnd = new PriorityQueue<>((a, b) ->
                clusterings.compare(a.endKind(), a.end(), 0, a.endValues(), b.endKind(), b.end(), 0, b.endValues()));
    }

    void clear() {
        byNumber.clear();
        byEnd.clear();
    }

    /**
     * @param kind of the bound that it begins with
     * @param values of that bound's clustering, which lies in {@code start}
     */
    void open(PastRange range, int kind, byte[] start, int at, int values) {
        goTo(kind, start, at, values);
        byNumber.put(range.number(), range);
        byEnd.add(range);
    }

    /** Drops those that end before a place: a row, or a bound. */
    void goTo(int kind, byte[] clustering, int at, int values) {
        for (PastRange first = byEnd.peek();
                first != null && first.endsBefore(clusterings, kind, clustering, at, values);
                first = byEnd.peek()) {
            byEnd.remove();
            if (byNumber.get(first.number()) == first) {
                byNumber.remove(first.number());
            }
        }
    }

    boolean hasFrom(long number) {
        return !byNumber.isEmpty() && byNumber.lastKey() >= number;
    }

    /** The first one by number, from that number on. */
    @Nullable
    PastRange from(long number) {
        Map.Entry<Long, PastRange> entry = byNumber.ceilingEntry(number);
        return entry == null ? null : entry.getValue();
    }

    /**
     * What those from a number to before another come to, for a row that is not there.
     *
     * @param emptied the last epoch that emptied the table before {@code to}: what was deleted before it counts no more
     */
    @Nullable
    PastRange strongest(long from, long to, int emptied) {
        PastRange out = null;
        for (PastRange range : byNumber.subMap(from, to).values()) {
            if (range.epoch() >= emptied && (out == null || range.supersedes(out))) {
                out = range;
            }
        }
        return out;
    }
}
