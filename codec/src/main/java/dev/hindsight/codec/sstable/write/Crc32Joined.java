package dev.hindsight.codec.sstable.write;

/**
 * The CRC32 of a whole file from the CRC32s of its parts, so that no byte is summed twice: behind a part of n bytes, the
 * sum before it counts x^(8n) times as much, modulo the polynomial. Mutable, one thread.
 *
 * <p>Source: {@code crc32_combine} of zlib describes the method.
 */
final class Crc32Joined {
    /** Bits reversed, as {@code java.util.zip.CRC32} has it. */
    private static final int POLYNOMIAL = 0xedb88320;

    /** The polynomial 1. */
    private static final int ONE = 1 << 31;

    /** The polynomial x^8. */
    private static final int X8 = 1 << 23;

    /** What 0 to 255 times 1, 2^8 and 2^16 bytes multiply with. */
    private static final int[][] POWERS = new int[3][256];

    /** The sum of each single byte, without inversions. */
    private static final int[] BYTES = new int[256];

    private static final int MAX_PART = (1 << 24) - 1;

    static {
        int step = X8;
        for (int[] powers : POWERS) {
            powers[0] = ONE;
            for (int i = 1; i < 256; i++) {
                powers[i] = product(powers[i - 1], step);
            }
            step = product(powers[255], step);
        }
        for (int i = 0; i < 256; i++) {
            int sum = i;
            for (int bit = 0; bit < 8; bit++) {
                sum = sum >>> 1 ^ (POLYNOMIAL & -(sum & 1));
            }
            BYTES[i] = sum;
        }
    }

    private int value;

    private static int product(int left, int right) {
        int product = 0;
        int shifted = right;
        for (int bit = 31; bit >= 0; bit--) {
            product ^= shifted & -(left >>> bit & 1);
            shifted = shifted >>> 1 ^ (POLYNOMIAL & -(shifted & 1));
        }
        return product;
    }

    /** The sum of all parts so far. */
    long value() {
        return value & 0xffffffffL;
    }

    /** Adds a part by its own sum. */
    void add(int crc, int length) {
        if (length > MAX_PART) {
            throw new IllegalArgumentException("a part of " + length + " bytes is longer than " + MAX_PART);
        }
        int sum = value;
        if ((length & 0xff) != 0) {
            sum = product(POWERS[0][length & 0xff], sum);
        }
        if ((length >>> 8 & 0xff) != 0) {
            sum = product(POWERS[1][length >>> 8 & 0xff], sum);
        }
        if (length >>> 16 != 0) {
            sum = product(POWERS[2][length >>> 16], sum);
        }
        value = sum ^ crc;
    }

    /** Adds four bytes, big-endian. */
    void addInt4(int number) {
        int sum = ~value;
        sum = BYTES[(sum ^ number >>> 24) & 0xff] ^ sum >>> 8;
        sum = BYTES[(sum ^ number >>> 16) & 0xff] ^ sum >>> 8;
        sum = BYTES[(sum ^ number >>> 8) & 0xff] ^ sum >>> 8;
        sum = BYTES[(sum ^ number) & 0xff] ^ sum >>> 8;
        value = ~sum;
    }
}
