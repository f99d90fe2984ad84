package dev.hindsight.codec.bytes;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Random access to the bytes of one SSTable component, wherever it is: on a node behind its agent, in the repository, in
 * a local file. Immutable content, safe for use by several threads.
 *
 * <p>Failures are thrown as {@link dev.hindsight.model.failure.HindsightException}s that name the object.
 */
public interface ByteSource {
    /** For messages: where these bytes are. */
    String name();

    long sizeBytes();

    /**
     * The file of this machine that holds just these bytes, when they are in one and will stay: whoever wants to read them
     * more than once need not copy them then.
     */
    default Optional<Path> localFile() {
        return Optional.empty();
    }

    /** Reads exactly {@code length} bytes from {@code position} on, or throws. */
    void read(long position, byte[] into, int offset, int length);
}
