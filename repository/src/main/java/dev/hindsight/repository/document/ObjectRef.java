package dev.hindsight.repository.document;

/**
 * Names an object and what it must be.
 *
 * @param digest {@code algorithm:hex}; the algorithm is {@code sha256}
 * @param envelope how the bytes are wrapped; {@code none} for now, so that encryption needs no format break
 */
public record ObjectRef(String key, long sizeBytes, String digest, String envelope) {
    public static final String NO_ENVELOPE = "none";

    public ObjectRef {
        if (key.isEmpty() || sizeBytes < 0 || digest.isEmpty()) {
            throw new IllegalArgumentException(
                    "a reference needs key, size and digest: '" + key + "', " + sizeBytes + ", '" + digest + "'");
        }
    }

    public ObjectRef(String key, long sizeBytes, String digest) {
        this(key, sizeBytes, digest, NO_ENVELOPE);
    }
}
