package dev.hindsight.model.sharding;

import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** Cuts of the token ring that depend on size alone. */
public final class RingCuts {
    private RingCuts() {}

    /** How many pieces of at most {@code pieceBytes} hold {@code bytes}; at least one, at most {@code most}. */
    public static int pieces(long bytes, long pieceBytes, int most) {
        long count = bytes <= 0 ? 1 : (bytes + pieceBytes - 1) / pieceBytes;
        return (int) Math.max(1, Math.min(count, most));
    }

    /** The whole ring in {@code pieces} ranges of equal width, in token order. */
    public static List<TokenRange> even(int pieces) {
        return even(TokenRanges.FULL, pieces).stream()
                .map(ranges -> ranges.ranges().get(0))
                .toList();
    }

    /** {@code ranges} in at most {@code pieces} parts of equal width, in token order; no part is empty. */
    public static List<TokenRanges> even(TokenRanges ranges, int pieces) {
        BigInteger total = BigInteger.ZERO;
        for (TokenRange range : ranges) {
            total = total.add(width(range));
        }
        List<TokenRanges> out = new ArrayList<>(pieces);
        List<TokenRange> current = new ArrayList<>();
        BigInteger before = BigInteger.ZERO;
        int part = 1;
        for (TokenRange range : ranges) {
            long start = range.start();
            BigInteger end = before.add(width(range));
            while (part < pieces) {
                BigInteger cut = total.multiply(BigInteger.valueOf(part)).divide(BigInteger.valueOf(pieces));
                if (cut.compareTo(end) >= 0) {
                    break;
                }
                long at = BigInteger.valueOf(range.start())
                        .add(cut.subtract(before))
                        .longValueExact();
                if (at > start) {
                    current.add(new TokenRange(start, at));
                    start = at;
                }
                close(current, out);
                part++;
            }
            current.add(new TokenRange(start, range.end()));
            before = end;
        }
        close(current, out);
        return List.copyOf(out);
    }

    private static void close(List<TokenRange> current, List<TokenRanges> out) {
        if (!current.isEmpty()) {
            out.add(TokenRanges.of(current));
            current.clear();
        }
    }

    private static BigInteger width(TokenRange range) {
        return BigInteger.valueOf(range.end()).subtract(BigInteger.valueOf(range.start()));
    }
}
