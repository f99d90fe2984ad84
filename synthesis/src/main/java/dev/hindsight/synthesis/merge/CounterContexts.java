package dev.hindsight.synthesis.merge;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.model.failure.UnsupportedException;
import java.util.Arrays;

/**
 * Merges the values of counter cells, which are contexts: {@code headers 2 | header 2 each | shards 32 each}, a shard being
 * {@code id 16 | clock 8 | count 8}, sorted by id. A header names a shard that is global (its index less 32768) or local (its
 * index); shards that none names are remote. One thread; the result lives until the merge after the next.
 *
 * <p>Source: {@code CounterContext} 5.0.9.
 */
final class CounterContexts {
    private static final int HEADER = 2;
    private static final int ID = 16;
    private static final int SHARD = 32;

    /** Of {@link #merge}: which value is the result. */
    static final int LEFT = -1;

    static final int RIGHT = 1;
    static final int MERGED = 0;

    private final Side left = new Side();
    private final Side right = new Side();
    private byte[] merged = new byte[256];
    private byte[] spare = new byte[256];
    private int mergedLength;

    /** What {@link #MERGED} means: the array from 0 on. */
    byte[] merged() {
        return merged;
    }

    int mergedLength() {
        return mergedLength;
    }

    /** One context while it is walked. */
    private static final class Side {
        byte[] bytes = new byte[0];
        int start;
        int headers;
        int shards;
        int shard;
        int header;

        void wrap(byte[] in, int at, int length) {
            check(in, at, length);
            bytes = in;
            start = at;
            headers = VInts.unsignedShort(in, at);
            shards = (length - HEADER - headers * HEADER) / SHARD;
            reset();
        }

        void reset() {
            shard = 0;
            header = 0;
        }

        boolean more() {
            return shard < shards;
        }

        int at() {
            return start + HEADER + headers * HEADER + shard * SHARD;
        }

        private int named() {
            return header < headers ? VInts.unsignedShort(bytes, start + HEADER + header * HEADER) : -1;
        }

        boolean isGlobal() {
            return named() == shard + 0x8000;
        }

        boolean isLocal() {
            return named() == shard;
        }

        void next() {
            if (isGlobal() || isLocal()) {
                header++;
            }
            shard++;
        }

        long clock() {
            return VInts.long8(bytes, at() + ID);
        }

        long count() {
            return VInts.long8(bytes, at() + ID + 8);
        }
    }

    private static void check(byte[] in, int at, int length) {
        int headers = length < HEADER ? -1 : (short) VInts.unsignedShort(in, at);
        if (length >= HEADER && headers < 0) {
            throw new UnsupportedException(
                    "a counter has shards from before Cassandra 2.1 that wait to be cleared",
                    "run 'nodetool upgradesstables -a' for this table on the nodes first");
        }
        int shards = length - HEADER - headers * HEADER;
        if (headers < 0 || shards < 0 || shards % SHARD != 0 || headers > shards / SHARD) {
            throw new MalformedException("a counter of " + length + " bytes with " + headers + " headers");
        }
    }

    /** Whether it has local or remote shards. */
    static boolean hasLegacyShards(byte[] in, int at, int length) {
        check(in, at, length);
        int headers = VInts.unsignedShort(in, at);
        if (headers < (length - HEADER - headers * HEADER) / SHARD) {
            return true;
        }
        for (int i = 0; i < headers; i++) {
            if (in[at + HEADER + i * HEADER] >= 0) {
                return true;
            }
        }
        return false;
    }

    /** Merges two values that are not empty: {@link #LEFT} or {@link #RIGHT} when that one has all, else {@link #MERGED}. */
    int merge(byte[] leftBytes, int leftAt, int leftLength, byte[] rightBytes, int rightAt, int rightLength) {
        left.wrap(leftBytes, leftAt, leftLength);
        right.wrap(rightBytes, rightAt, rightLength);
        boolean leftHasAll = true;
        boolean rightHasAll = true;
        while (left.more() && right.more()) {
            int order = compareIds();
            if (order == 0) {
                int relation = compareShards();
                leftHasAll &= relation == EQUAL || relation == GREATER;
                rightHasAll &= relation == EQUAL || relation == LESS;
                left.next();
                right.next();
            } else if (order > 0) {
                leftHasAll = false;
                right.next();
            } else {
                rightHasAll = false;
                left.next();
            }
        }
        if (left.more()) {
            rightHasAll = false;
        } else if (right.more()) {
            leftHasAll = false;
        }
        if (leftHasAll) {
            return LEFT;
        }
        if (rightHasAll) {
            return RIGHT;
        }
        write();
        return MERGED;
    }

    private static final int EQUAL = 0;
    private static final int GREATER = 1;
    private static final int LESS = 2;
    private static final int BOTH_LOCAL = 3;

    private int compareIds() {
        return Arrays.compareUnsigned(left.bytes, left.at(), left.at() + ID, right.bytes, right.at(), right.at() + ID);
    }

    private int compareShards() {
        boolean leftGlobal = left.isGlobal();
        boolean rightGlobal = right.isGlobal();
        if (leftGlobal != rightGlobal) {
            return leftGlobal ? GREATER : LESS;
        }
        long leftClock = left.clock();
        long rightClock = right.clock();
        if (!leftGlobal) {
            boolean leftLocal = left.isLocal();
            boolean rightLocal = right.isLocal();
            if (leftLocal || rightLocal) {
                return leftLocal && rightLocal ? BOTH_LOCAL : leftLocal ? GREATER : LESS;
            }
        }
        if (leftClock == rightClock) {
            return Long.compare(left.count(), right.count()) == 0
                    ? EQUAL
                    : left.count() > right.count() ? GREATER : LESS;
        }
        if (leftGlobal) {
            return leftClock > rightClock ? GREATER : LESS;
        }
        return leftClock >= 0 && rightClock > 0 && leftClock >= rightClock
                        || leftClock < 0 && (rightClock > 0 || leftClock < rightClock)
                ? GREATER
                : LESS;
    }

    /** Shards first into {@link #spare} behind room for all headers, then headers and shards together into {@link #merged}. */
    private void write() {
        left.reset();
        right.reset();
        int most = left.shards + right.shards;
        byte[] out = spare;
        if (out.length < HEADER + most * (HEADER + SHARD)) {
            out = new byte[2 * (HEADER + most * (HEADER + SHARD))];
        }
        int shardsAt = HEADER + most * HEADER;
        int shards = 0;
        int headers = 0;
        while (left.more() || right.more()) {
            int order = !left.more() ? 1 : !right.more() ? -1 : compareIds();
            int relation = order == 0 ? compareShards() : order > 0 ? LESS : GREATER;
            // Of two equal shards Cassandra takes the right one.
            Side from = relation == GREATER || relation == BOTH_LOCAL ? left : right;
            int to = shardsAt + shards * SHARD;
            System.arraycopy(from.bytes, from.at(), out, to, SHARD);
            if (relation == BOTH_LOCAL) {
                VInts.putLong8(out, to + ID, left.clock() + right.clock());
                VInts.putLong8(out, to + ID + 8, left.count() + right.count());
            }
            if (from.isGlobal() || from.isLocal()) {
                VInts.putShort2(out, HEADER + headers * HEADER, from.isGlobal() ? shards + 0x8000 : shards);
                headers++;
            }
            shards++;
            if (order <= 0) {
                left.next();
            }
            if (order >= 0) {
                right.next();
            }
        }
        VInts.putShort2(out, 0, headers);
        int start = HEADER + headers * HEADER;
        System.arraycopy(out, shardsAt, out, start, shards * SHARD);
        mergedLength = start + shards * SHARD;
        spare = merged;
        merged = out;
    }
}
