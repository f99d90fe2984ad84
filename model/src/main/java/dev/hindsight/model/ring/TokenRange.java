package dev.hindsight.model.ring;

import java.util.ArrayList;
import java.util.List;

/**
 * A token range {@code (start, end]} of the Murmur3 ring that does not wrap: {@code start < end}.
 *
 * <p>Cassandra's own ranges may wrap; {@link #unwrap} turns one of those into one or two of these. The whole ring is
 * {@code (Long.MIN_VALUE, Long.MAX_VALUE]}: Murmur3Partitioner never gives a key the token {@code Long.MIN_VALUE}, so
 * nothing is left out. Ordered by start, then end. Text form: {@code (start,end]}.
 */
public record TokenRange(long start, long end) implements Comparable<TokenRange> {
    public static final TokenRange FULL = new TokenRange(Long.MIN_VALUE, Long.MAX_VALUE);

    public TokenRange {
        if (start >= end) {
            throw new IllegalArgumentException("token range (" + start + "," + end + "] is empty or wraps");
        }
    }

    /** The one or two non-wrapping ranges that cover Cassandra's {@code (start, end]}; equal ends mean the whole ring. */
    public static List<TokenRange> unwrap(long start, long end) {
        if (start == end) {
            return List.of(FULL);
        }
        if (start < end) {
            return List.of(new TokenRange(start, end));
        }
        List<TokenRange> out = new ArrayList<>(2);
        if (end > Long.MIN_VALUE) {
            out.add(new TokenRange(Long.MIN_VALUE, end));
        }
        if (start < Long.MAX_VALUE) {
            out.add(new TokenRange(start, Long.MAX_VALUE));
        }
        return List.copyOf(out);
    }

    /** Reads the text form {@code (start,end]}. */
    public static TokenRange parse(String text) {
        int comma = text.indexOf(',');
        if (comma < 0 || !text.startsWith("(") || !text.endsWith("]")) {
            throw new IllegalArgumentException("token range '" + text + "' is not of the form (start,end]");
        }
        return new TokenRange(
                Long.parseLong(text.substring(1, comma).trim()),
                Long.parseLong(text.substring(comma + 1, text.length() - 1).trim()));
    }

    public boolean contains(long token) {
        return token > start && token <= end;
    }

    public boolean intersects(TokenRange other) {
        return start < other.end && other.start < end;
    }

    /** Share of the ring, 0 to 1. */
    public double fraction() {
        return ((double) end - (double) start) / 18446744073709551616.0;
    }

    @Override
    public int compareTo(TokenRange other) {
        int c = Long.compare(start, other.start);
        return c != 0 ? c : Long.compare(end, other.end);
    }

    @Override
    public String toString() {
        return "(" + start + "," + end + "]";
    }
}
