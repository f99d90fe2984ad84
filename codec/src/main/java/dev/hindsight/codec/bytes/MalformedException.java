package dev.hindsight.codec.bytes;

import org.jspecify.annotations.Nullable;

/**
 * Bytes that are not what the format says. Inside {@code codec} and {@code synthesis} only: whoever knows which file it is
 * turns this into the error that an operator sees. Every decoder of hostile bytes throws this and nothing else; it never
 * loops, and never allocates by a length that it has not held against the bytes that are there.
 */
public final class MalformedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param what what was found, where (offset), actual against expected */
    public MalformedException(String what) {
        super(what);
    }

    public MalformedException(String what, @Nullable Throwable cause) {
        super(what, cause);
    }
}
