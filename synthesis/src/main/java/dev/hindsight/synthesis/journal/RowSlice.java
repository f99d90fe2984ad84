package dev.hindsight.synthesis.journal;

import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.row.Clusterings;
import dev.hindsight.codec.row.RowCursor;
import dev.hindsight.codec.row.RowFormat;
import java.io.ByteArrayOutputStream;
import java.util.List;

/** The rows of a partition whose clustering begins with some values: all of it, a part, or one row. Immutable. */
final class RowSlice {
    private static final int GROUP = 32;
    private static final long EMPTY_VALUE = 1;

    private final Clusterings clusterings;
    private final int values;
    private final byte[] prefix;

    /** @param prefix serialised values of the first clustering columns; none for the whole partition */
    RowSlice(Clusterings clusterings, List<byte[]> prefix) {
        if (prefix.size() > clusterings.size()) {
            throw new IllegalArgumentException(
                    prefix.size() + " clustering values of " + clusterings.size() + " columns");
        }
        this.clusterings = clusterings;
        this.values = prefix.size();
        this.prefix = coded(clusterings, prefix);
    }

    private static byte[] coded(Clusterings clusterings, List<byte[]> values) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < values.size(); i++) {
            if (i % GROUP == 0) {
                long header = 0;
                for (int j = i; j < Math.min(values.size(), i + GROUP); j++) {
                    header |= (values.get(j).length == 0 ? EMPTY_VALUE : 0) << 2 * (j - i);
                }
                put(out, header);
            }
            byte[] value = values.get(i);
            if (value.length > 0) {
                if (clusterings.type(i).fixedLength() < 0) {
                    put(out, value.length);
                }
                out.write(value, 0, value.length);
            }
        }
        return out.toByteArray();
    }

    private static void put(ByteArrayOutputStream out, long number) {
        byte[] bytes = new byte[VInts.MAX_LENGTH];
        out.write(bytes, 0, VInts.putUnsigned(bytes, 0, number));
    }

    boolean isAll() {
        return values == 0;
    }

    /** Where a row or a bound lies: negative before the slice, 0 inside, positive behind. */
    int place(int kind, byte[] bytes, int at, int count) {
        return isAll() ? 0 : clusterings.compare(kind, bytes, at, count, RowFormat.CLUSTERING, prefix, 0, values);
    }

    /** Of what the cursor stands at. */
    int place(RowCursor cursor) {
        return place(cursor.kind, cursor.bytes, cursor.clusteringAt, cursor.values);
    }
}
