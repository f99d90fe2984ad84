package dev.hindsight.fuzz;

import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.Window;
import java.util.ArrayList;
import java.util.List;

/** Bytes of a fuzzer as what decoders read from. */
final class Bytes {
    private Bytes() {}

    static ByteSource source(String name, byte[] bytes) {
        return new ByteSource() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public long sizeBytes() {
                return bytes.length;
            }

            @Override
            public void read(long position, byte[] into, int offset, int length) {
                // Asking past the end is a decoder's mistake, and is found as one.
                System.arraycopy(bytes, Math.toIntExact(position), into, offset, length);
            }
        };
    }

    /** One section, of which a few bytes come at once. */
    static Window window(byte[] all) {
        return new Window(new byte[0]) {
            private boolean begun;
            private int next;

            @Override
            protected void fill(int count) {
                int missing = count - (limit - position);
                if (missing > all.length - next) {
                    throw new MalformedException(count + " bytes asked for at " + filePosition() + " of " + all.length);
                }
                int more = Math.min(all.length - next, Math.max(missing, 16));
                byte[] moved = new byte[limit - position + more];
                System.arraycopy(bytes, position, moved, 0, limit - position);
                System.arraycopy(all, next, moved, limit - position, more);
                next += more;
                bytes = moved;
                position = 0;
                limit = moved.length;
            }

            @Override
            public boolean hasMore() {
                return position < limit || next < all.length;
            }

            @Override
            public boolean nextSection() {
                boolean first = !begun && all.length > 0;
                begun = true;
                return first;
            }

            @Override
            public long filePosition() {
                return next - (limit - position);
            }
        };
    }

    /** {@code length(2) part}, repeated; the last one takes the rest. */
    static List<byte[]> parts(byte[] data, int count) {
        List<byte[]> out = new ArrayList<>();
        int at = 0;
        for (int i = 0; i < count; i++) {
            int length = data.length - at;
            if (i + 1 < count) {
                int told = length < 2 ? 0 : (data[at] & 0xff) << 8 | data[at + 1] & 0xff;
                at = Math.min(data.length, at + 2);
                length = Math.min(told, data.length - at);
            }
            out.add(java.util.Arrays.copyOfRange(data, at, at + length));
            at += length;
        }
        return out;
    }

    /** What {@link #parts} takes apart. */
    static byte[] join(byte[]... parts) {
        java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
        for (int i = 0; i < parts.length; i++) {
            if (i + 1 < parts.length) {
                out.write(parts[i].length >> 8);
                out.write(parts[i].length);
            }
            out.writeBytes(parts[i]);
        }
        return out.toByteArray();
    }
}
