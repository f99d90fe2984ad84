package dev.hindsight.codec.row;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.type.CassandraType;
import dev.hindsight.codec.type.ReversedType;
import java.util.List;

/**
 * The clustering values of rows and bounds as they are serialised: in groups of 32, each with a vint that holds two bits per
 * value (empty, null), then the values that are neither. Immutable, allocates nothing.
 *
 * <p>Source: {@code ClusteringPrefix.Serializer.serializeValuesWithoutSize}, {@code ClusteringComparator} 5.0.9.
 */
public final class Clusterings {
    private static final int GROUP = 32;

    private final CassandraType[] types;
    private final int[] fixedLengths;
    private final int allFixed;
    private final boolean prefixDecides;
    private final boolean anyValueMayBeWrong;

    /** The first value is a number of eight bytes, which xor {@link #longFlip} is its prefix. */
    private final boolean longPrefix;

    private final long longFlip;

    private final List<CassandraType> typeList;

    public Clusterings(List<CassandraType> types) {
        this.typeList = List.copyOf(types);
        this.types = types.toArray(new CassandraType[0]);
        this.fixedLengths = types.stream().mapToInt(CassandraType::fixedLength).toArray();
        int sum = 0;
        for (int length : fixedLengths) {
            sum = sum < 0 || length < 0 ? -1 : sum + length;
        }
        this.allFixed = types.size() <= GROUP ? sum : -1;
        this.anyValueMayBeWrong = types.stream().anyMatch(type -> type.fixedLength() < 0 && !takesAnyBytes(type));
        CassandraType first = types.isEmpty() ? null : types.get(0);
        this.longFlip = first != null && first.isReversed() ? -1 : 0;
        this.longPrefix = first instanceof ReversedType reversed
                ? reversed.base().isSignedLong()
                : first != null && first.isSignedLong();
        this.prefixDecides = types.size() == 1 && types.get(0).isOrderPrefixWhole();
    }

    /** Of the types of variable length, those that compare bytes as they are. */
    private static boolean takesAnyBytes(CassandraType type) {
        String name = type.className();
        String plain = type.isReversed() ? name.substring(name.indexOf('(') + 1, name.length() - 1) : name;
        return plain.endsWith(".UTF8Type") || plain.endsWith(".AsciiType") || plain.endsWith(".BytesType");
    }

    /** Whether a value can have bytes that are none of its type, which shows when it is compared. */
    public boolean anyValueMayBeWrong() {
        return anyValueMayBeWrong;
    }

    public int size() {
        return types.length;
    }

    public List<CassandraType> types() {
        return typeList;
    }

    public CassandraType type(int column) {
        return types[column];
    }

    /** Bytes of a clustering whose values are all neither empty nor null, without its header; -1 when they differ. */
    int fixedLength() {
        return allFixed;
    }

    /** Whether {@link #orderPrefix} of two rows says all about their order, when both have one. */
    public boolean prefixDecides() {
        return prefixDecides;
    }

    int fixedLength(int column) {
        return fixedLengths[column];
    }

    static boolean isAbsent(long header, int column) {
        return (header >>> ((column & 31) * 2) & 3) != 0;
    }

    private static boolean isNull(long header, int column) {
        return (header >>> ((column & 31) * 2) & 2) != 0;
    }

    /** Of the first value, which is neither empty nor null and starts behind the header at {@code at}. */
    long orderPrefix(byte[] bytes, int at) {
        int value = at + VInts.length(bytes, at);
        int length = fixedLengths[0];
        if (length < 0) {
            length = (int) VInts.unsigned(bytes, value);
            value += VInts.length(bytes, value);
        }
        return types[0].orderPrefix(bytes, value, length);
    }

    /** As {@link #orderPrefix}, where the header is a zero of one byte and all lengths are fixed. */
    long orderPrefixOfFixed(byte[] bytes, int at) {
        return longPrefix
                ? VInts.long8(bytes, at + 1) ^ longFlip
                : types[0].orderPrefix(bytes, at + 1, fixedLengths[0]);
    }

    /**
     * Where {@code values} values that start at {@code at} end.
     *
     * @throws MalformedException not before {@code end}
     */
    public int skip(byte[] bytes, int at, int end, int values) {
        long p = at;
        long header = 0;
        for (int i = 0; i < values; i++) {
            if ((i & 31) == 0) {
                int length = length(bytes, p, end);
                header = VInts.unsigned(bytes, (int) p);
                p += length;
            }
            if (isAbsent(header, i)) {
                continue;
            }
            long length = fixedLengths[i];
            if (length < 0) {
                int vint = length(bytes, p, end);
                length = VInts.unsigned(bytes, (int) p);
                p += vint;
            }
            if (length < 0 || length > end - p) {
                throw new MalformedException(
                        "a clustering value of " + length + " bytes where " + (end - p) + " are left");
            }
            p += length;
        }
        return (int) p;
    }

    private static int length(byte[] bytes, long at, int end) {
        if (at < end) {
            int length = VInts.length(bytes, (int) at);
            if (length <= end - at) {
                return length;
            }
        }
        throw new MalformedException("a clustering ends within a number");
    }

    /**
     * Order of two clusterings or bounds; both were {@link #skip}ped before, so that they are known to be whole. 0 also for
     * bounds of different kinds that are at the same place.
     */
    public int compare(
            int leftKind,
            byte[] left,
            int leftAt,
            int leftValues,
            int rightKind,
            byte[] right,
            int rightAt,
            int rightValues) {
        int common = Math.min(leftValues, rightValues);
        int l = leftAt;
        int r = rightAt;
        long leftHeader = 0;
        long rightHeader = 0;
        for (int i = 0; i < common; i++) {
            if ((i & 31) == 0) {
                leftHeader = VInts.unsigned(left, l);
                l += VInts.length(left, l);
                rightHeader = VInts.unsigned(right, r);
                r += VInts.length(right, r);
            }
            int leftLength = 0;
            if (!isAbsent(leftHeader, i)) {
                leftLength = fixedLengths[i];
                if (leftLength < 0) {
                    leftLength = (int) VInts.unsigned(left, l);
                    l += VInts.length(left, l);
                }
            }
            int rightLength = 0;
            if (!isAbsent(rightHeader, i)) {
                rightLength = fixedLengths[i];
                if (rightLength < 0) {
                    rightLength = (int) VInts.unsigned(right, r);
                    r += VInts.length(right, r);
                }
            }
            boolean leftNull = isNull(leftHeader, i);
            if (leftNull || isNull(rightHeader, i)) {
                if (leftNull != isNull(rightHeader, i)) {
                    return leftNull ? -1 : 1;
                }
            } else {
                int order = types[i].compare(left, l, leftLength, right, r, rightLength);
                if (order != 0) {
                    return order;
                }
            }
            l += leftLength;
            r += rightLength;
        }
        if (leftValues == rightValues) {
            return Integer.compare(RowFormat.rank(leftKind), RowFormat.rank(rightKind));
        }
        return leftValues < rightValues ? RowFormat.comparedToRow(leftKind) : -RowFormat.comparedToRow(rightKind);
    }
}
