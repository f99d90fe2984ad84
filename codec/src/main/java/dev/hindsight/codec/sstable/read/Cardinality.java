package dev.hindsight.codec.sstable.read;

import com.clearspring.analytics.stream.cardinality.HyperLogLogPlus;
import dev.hindsight.codec.bytes.ByteCursor;
import dev.hindsight.codec.bytes.ByteString;
import dev.hindsight.codec.bytes.MalformedException;
import java.io.IOException;

/**
 * An SSTable's HyperLogLog++ of its partition keys' hashes, as stored.
 *
 * <p>Source: {@code CompactionMetadata} 5.0.9, {@code HyperLogLogPlus} of stream 2.5.2.
 */
public record Cardinality(ByteString serialized) {
    /** Cassandra's is 13 (25 sparse). More would be memory that nobody asked for. */
    private static final int MAX_PRECISION = 18;

    private static final int MAX_SPARSE_PRECISION = 32;

    /**
     * A new estimator; estimators of several SSTables can be merged.
     *
     * @throws MalformedException the bytes are none
     */
    public HyperLogLogPlus estimator() {
        byte[] bytes = serialized.toByteArray();
        check(new ByteCursor("cardinality", bytes));
        try {
            return HyperLogLogPlus.Builder.build(bytes);
        } catch (IOException | RuntimeException e) {
            throw new MalformedException("cardinality of " + bytes.length + " bytes cannot be understood", e);
        }
    }

    /** {@code version 4 (negative) | p | sp | format (0 dense, 1 sparse) | bytes or entries | ...}, varints of 7 bits a byte. */
    private static void check(ByteCursor in) {
        int version = in.readInt();
        int precision = varint(in);
        int sparsePrecision = varint(in);
        int format = varint(in);
        int count = varint(in);
        if (version >= 0
                || precision < 4
                || precision > MAX_PRECISION
                || sparsePrecision > MAX_SPARSE_PRECISION
                || (sparsePrecision != 0 && sparsePrecision < precision)
                || format > 1
                || count > in.remaining()
                || (format == 0 && count != denseBytes(precision))) {
            throw new MalformedException("cardinality: version " + version + ", precision " + precision + "/"
                    + sparsePrecision + ", format " + format + ", " + count + " entries in " + in.remaining()
                    + " bytes");
        }
    }

    /** Six registers of five bits in an int. */
    private static int denseBytes(int precision) {
        int registers = 1 << precision;
        int words = registers / 6;
        return 4 * (words == 0 ? 1 : words % 32 == 0 ? words : words + 1);
    }

    private static int varint(ByteCursor in) {
        int value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            int next = in.readByte();
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                if (value < 0) {
                    break;
                }
                return value;
            }
        }
        throw new MalformedException("cardinality: no number before offset " + in.position());
    }
}
