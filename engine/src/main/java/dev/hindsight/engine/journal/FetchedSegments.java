package dev.hindsight.engine.journal;

import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.repository.digest.VerifyingInputStream;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.store.ForwardingStore;
import dev.hindsight.repository.store.ObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Segments copied to scratch, each byte read once and checked against what the journal says of the whole object: what is made
 * of them takes their place. Reads come from the copies. One thread; {@link #close()} deletes the copies.
 */
final class FetchedSegments extends ForwardingStore implements AutoCloseable {
    private final ObjectStore store;
    private final Path scratch;
    private final Map<String, FileChannel> copies = new HashMap<>();

    FetchedSegments(ObjectStore store, Path scratch) {
        super(store);
        this.store = store;
        this.scratch = scratch;
    }

    void fetch(ObjectRef segment) {
        try {
            Path file = Files.createTempFile(scratch, "merge-", ".in");
            FileChannel copy = FileChannel.open(
                    file,
                    java.nio.file.StandardOpenOption.READ,
                    java.nio.file.StandardOpenOption.WRITE,
                    java.nio.file.StandardOpenOption.DELETE_ON_CLOSE);
            copies.put(segment.key(), copy);
            try (InputStream in = new VerifyingInputStream(
                    store.get(segment.key()), segment.key(), segment.sizeBytes(), segment.digest())) {
                byte[] buffer = new byte[1 << 16];
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    ByteBuffer part = ByteBuffer.wrap(buffer, 0, read);
                    while (part.hasRemaining()) {
                        copy.write(part);
                    }
                }
            }
        } catch (IOException e) {
            throw failed(segment.key(), e);
        }
    }

    @Override
    public void read(String key, long position, byte[] into, int offset, int length) {
        FileChannel copy = copies.get(key);
        if (copy == null) {
            super.read(key, position, into, offset, length);
            return;
        }
        try {
            ByteBuffer part = ByteBuffer.wrap(into, offset, length);
            while (part.hasRemaining()) {
                int read = copy.read(part, position + part.position() - offset);
                if (read < 0) {
                    throw new IOException("it ends at " + copy.size());
                }
            }
        } catch (IOException e) {
            throw failed(key, e);
        }
    }

    private CapacityException failed(String key, @Nullable IOException e) {
        return new CapacityException(
                "segment " + key + " cannot be copied to " + scratch + ": " + e,
                "make room in the scratch directory; merging goes on by itself",
                e);
    }

    @Override
    public void close() {
        for (FileChannel copy : copies.values()) {
            try {
                copy.close();
            } catch (IOException e) {
                // The scratch directory goes as a whole.
            }
        }
        copies.clear();
    }
}
