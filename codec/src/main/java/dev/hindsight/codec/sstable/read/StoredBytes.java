package dev.hindsight.codec.sstable.read;

import java.nio.ByteBuffer;

/**
 * Room for the stored bytes of a few chunks while they are decoded. The windows that one thread reads in turn share it: the
 * room of each would have left the processor's caches until it is filled again. Grows with the largest chunk. One thread.
 */
public final class StoredBytes {
    private ByteBuffer array = ByteBuffer.allocate(0);
    private ByteBuffer direct = ByteBuffer.allocateDirect(0);

    /** On the heap. */
    ByteBuffer array(int count) {
        if (array.capacity() < count) {
            array = ByteBuffer.allocate(count);
        }
        return array;
    }

    /** For local files, which spares a copy. */
    ByteBuffer direct(int count) {
        if (direct.capacity() < count) {
            direct = ByteBuffer.allocateDirect(count);
        }
        return direct;
    }
}
