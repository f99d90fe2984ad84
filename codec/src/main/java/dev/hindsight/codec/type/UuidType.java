package dev.hindsight.codec.type;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.VInts;

/**
 * uuid (by version, then by time or by unsigned bytes), timeuuid (by time, then by signed bytes) and the legacy
 * LexicalUUIDType (two signed longs).
 */
final class UuidType extends CassandraType {
    enum Order {
        BY_VERSION,
        BY_TIME,
        LEXICAL
    }

    private static final int BYTES = 16;
    private static final long SIGNED_BYTES = 0x0080808080808080L;

    private final String name;
    private final Order order;

    UuidType(String name, Order order) {
        this.name = name;
        this.order = order;
    }

    @Override
    public int fixedLength() {
        return BYTES;
    }

    @Override
    public int compare(byte[] left, int leftAt, int leftLength, byte[] right, int rightAt, int rightLength) {
        Values.require(this, leftLength == BYTES || leftLength == 0, leftLength);
        Values.require(this, rightLength == BYTES || rightLength == 0, rightLength);
        if (leftLength == 0 || rightLength == 0) {
            return Values.compareEmpty(leftLength, rightLength);
        }
        long high1 = VInts.long8(left, leftAt);
        long high2 = VInts.long8(right, rightAt);
        long low1 = VInts.long8(left, leftAt + 8);
        long low2 = VInts.long8(right, rightAt + 8);
        if (order == Order.LEXICAL) {
            return high1 == high2 ? Long.compare(low1, low2) : Long.compare(high1, high2);
        }
        if (order == Order.BY_TIME) {
            requireTime(high1);
            requireTime(high2);
            // Time values have their version in the highest bits, so they are positive.
            return high1 == high2
                    ? Long.compare(low1 ^ SIGNED_BYTES, low2 ^ SIGNED_BYTES)
                    : Long.compare(byTime(high1), byTime(high2));
        }
        if (high1 == high2) {
            return Long.compareUnsigned(low1, low2);
        }
        int version1 = version(high1);
        int version2 = version(high2);
        if (version1 != version2) {
            return version1 - version2;
        }
        return version1 == 1 ? Long.compare(byTime(high1), byTime(high2)) : Long.compareUnsigned(high1, high2);
    }

    private static int version(long high) {
        return (int) (high >>> 12) & 0xf;
    }

    private static void requireTime(long high) {
        if (version(high) != 1) {
            throw new MalformedException("a timeuuid is of version " + version(high) + ", not 1");
        }
    }

    /** The 60 bits of time with the version above them. */
    private static long byTime(long high) {
        return high << 48 | (high << 16) & 0xFFFF00000000L | high >>> 32;
    }

    @Override
    public String className() {
        return name;
    }

    @Override
    public long orderPrefix(byte[] value, int at, int length) {
        if (length == 0) {
            return Long.MIN_VALUE;
        }
        Values.require(this, length == BYTES, length);
        long high = VInts.long8(value, at);
        switch (order) {
            case LEXICAL:
                return high;
            case BY_TIME:
                return byTime(high);
            default:
                int version = version(high);
                long number = version == 1 ? byTime(high) : (long) version << 60 | high >>> 4;
                return number ^ Long.MIN_VALUE;
        }
    }
}
