package dev.hindsight.codec.bytes;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Compares and copies short runs of bytes, eight at a time and the last eight once more where the length is no multiple. For
 * what is mostly shorter than {@link #MAX_LENGTH}: there, to get into the JVM's own routines, which are made for long runs,
 * takes longer than the work. An array's end throws {@link IndexOutOfBoundsException}.
 */
public final class ShortRuns {
    /** Of either order, as nothing is made of the numbers; that of most processors spares them turning bytes round. */
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** Longer ones are better off with {@code Arrays.equals} and {@code System.arraycopy}. */
    public static final int MAX_LENGTH = 128;

    private ShortRuns() {}

    public static boolean equal(byte[] left, int leftAt, byte[] right, int rightAt, int length) {
        if (length < 8) {
            for (int i = 0; i < length; i++) {
                if (left[leftAt + i] != right[rightAt + i]) {
                    return false;
                }
            }
            return true;
        }
        int last = length - 8;
        for (int i = 0; i < last; i += 8) {
            if ((long) LONG.get(left, leftAt + i) != (long) LONG.get(right, rightAt + i)) {
                return false;
            }
        }
        return (long) LONG.get(left, leftAt + last) == (long) LONG.get(right, rightAt + last);
    }

    /** The arrays are different ones. */
    public static void copy(byte[] from, int fromAt, byte[] to, int toAt, int length) {
        if (length < 8) {
            for (int i = 0; i < length; i++) {
                to[toAt + i] = from[fromAt + i];
            }
            return;
        }
        int last = length - 8;
        for (int i = 0; i < last; i += 8) {
            LONG.set(to, toAt + i, (long) LONG.get(from, fromAt + i));
        }
        LONG.set(to, toAt + last, (long) LONG.get(from, fromAt + last));
    }
}
