package dev.hindsight.model.ring;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;

/** An immutable set of tokens as sorted, disjoint, non-adjacent {@link TokenRange}s. */
public record TokenRanges(List<TokenRange> ranges) implements Iterable<TokenRange> {
    private static final int TOLD = 4;

    public static final TokenRanges NONE = new TokenRanges(List.of());
    public static final TokenRanges FULL = new TokenRanges(List.of(TokenRange.FULL));

    public TokenRanges {
        ranges = List.copyOf(ranges);
        for (int i = 1; i < ranges.size(); i++) {
            if (ranges.get(i - 1).end() >= ranges.get(i).start()) {
                throw new IllegalArgumentException("token ranges are not sorted and apart: " + ranges);
            }
        }
    }

    /** Sorts and joins whatever is given. */
    public static TokenRanges of(Collection<TokenRange> any) {
        List<TokenRange> sorted = new ArrayList<>(any);
        sorted.sort(null);
        List<TokenRange> out = new ArrayList<>(sorted.size());
        for (TokenRange next : sorted) {
            TokenRange last = out.isEmpty() ? null : out.get(out.size() - 1);
            if (last != null && next.start() <= last.end()) {
                out.set(out.size() - 1, new TokenRange(last.start(), Math.max(last.end(), next.end())));
            } else {
                out.add(next);
            }
        }
        return new TokenRanges(out);
    }

    public static TokenRanges of(TokenRange... any) {
        return of(List.of(any));
    }

    public boolean isEmpty() {
        return ranges.isEmpty();
    }

    public boolean contains(long token) {
        return holder(token) >= 0;
    }

    /** Whether all of it is in one of these, which are as long as can be. */
    public boolean contains(TokenRange range) {
        int holder = holder(range.end());
        return holder >= 0 && ranges.get(holder).start() <= range.start();
    }

    /** Index of the range that a token is in; -1 for none. */
    private int holder(long token) {
        int low = 0;
        int high = ranges.size() - 1;
        while (low <= high) {
            int mid = (low + high) >>> 1;
            TokenRange range = ranges.get(mid);
            if (token <= range.start()) {
                high = mid - 1;
            } else if (token > range.end()) {
                low = mid + 1;
            } else {
                return mid;
            }
        }
        return -1;
    }

    public TokenRanges union(TokenRanges other) {
        List<TokenRange> all = new ArrayList<>(ranges);
        all.addAll(other.ranges);
        return of(all);
    }

    public TokenRanges intersect(TokenRanges other) {
        List<TokenRange> out = new ArrayList<>();
        int a = 0;
        int b = 0;
        while (a < ranges.size() && b < other.ranges.size()) {
            TokenRange left = ranges.get(a);
            TokenRange right = other.ranges.get(b);
            long start = Math.max(left.start(), right.start());
            long end = Math.min(left.end(), right.end());
            if (start < end) {
                out.add(new TokenRange(start, end));
            }
            if (left.end() <= right.end()) {
                a++;
            } else {
                b++;
            }
        }
        return of(out);
    }

    public TokenRanges subtract(TokenRanges other) {
        List<TokenRange> out = new ArrayList<>();
        int first = 0;
        for (TokenRange range : ranges) {
            long start = range.start();
            while (first < other.ranges.size() && other.ranges.get(first).end() <= start) {
                first++;
            }
            for (int i = first; i < other.ranges.size() && start < range.end(); i++) {
                TokenRange cut = other.ranges.get(i);
                if (cut.start() >= range.end()) {
                    break;
                }
                if (cut.start() > start) {
                    out.add(new TokenRange(start, cut.start()));
                }
                start = Math.max(start, cut.end());
            }
            if (start < range.end()) {
                out.add(new TokenRange(start, range.end()));
            }
        }
        return of(out);
    }

    public double fraction() {
        double sum = 0;
        for (TokenRange range : ranges) {
            sum += range.fraction();
        }
        return sum;
    }

    @Override
    public Iterator<TokenRange> iterator() {
        return ranges.iterator();
    }

    /** For messages: many ranges are told by the first and last few. */
    @Override
    public String toString() {
        if (ranges.size() <= 2 * TOLD) {
            return ranges.toString();
        }
        return ranges.subList(0, TOLD) + " and " + (ranges.size() - 2 * TOLD) + " more, up to "
                + ranges.subList(ranges.size() - TOLD, ranges.size());
    }
}
