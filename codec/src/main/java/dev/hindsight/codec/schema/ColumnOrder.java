package dev.hindsight.codec.schema;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;

/**
 * How static or regular columns follow each other in rows and headers: simple before complex ones, then by name, but names
 * that begin with a byte above 0x7f before all others.
 *
 * <p>Source: {@code ColumnMetadata.comparisonOrder} 5.0.9. It shifts a number that holds the first bytes of the name, with
 * the highest bit turned over, to the right without sign, which undoes what turning the bit over was for.
 */
public final class ColumnOrder implements Comparator<ColumnSchema> {
    public static final ColumnOrder INSTANCE = new ColumnOrder();

    private ColumnOrder() {}

    @Override
    public int compare(ColumnSchema left, ColumnSchema right) {
        int complex = Boolean.compare(left.type().isMultiCell(), right.type().isMultiCell());
        return complex != 0 ? complex : compareNames(left.name(), right.name());
    }

    private static int compareNames(String left, String right) {
        byte[] leftBytes = left.getBytes(StandardCharsets.UTF_8);
        byte[] rightBytes = right.getBytes(StandardCharsets.UTF_8);
        int ascii = Boolean.compare(isAscii(leftBytes), isAscii(rightBytes));
        return ascii != 0 ? ascii : Arrays.compareUnsigned(leftBytes, rightBytes);
    }

    private static boolean isAscii(byte[] name) {
        return name.length == 0 || name[0] >= 0;
    }
}
