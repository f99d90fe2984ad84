package dev.hindsight.repository.store;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.StoreUnreachableException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** Reads objects that must fit into memory, with a limit. */
public final class SmallObjects {
    private SmallObjects() {}

    /**
     * All bytes of an object, or empty when there is none of that key.
     *
     * @throws CorruptException the object is larger than {@code maxBytes}
     */
    public static Optional<byte[]> find(ObjectStore store, String key, int maxBytes) {
        try (InputStream in = store.get(key)) {
            byte[] bytes = in.readNBytes(maxBytes);
            if (bytes.length == maxBytes && in.read() >= 0) {
                throw new CorruptException(
                        "object " + key + ": larger than the " + maxBytes + " bytes that such a document may have",
                        "run 'hindsight verify' to see all that is damaged");
            }
            return Optional.of(bytes);
        } catch (NotFoundException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new StoreUnreachableException(
                    "object " + key + " of " + store.location() + " cannot be read: " + e.getMessage(),
                    "check that the store is reachable and whole, then repeat the command",
                    e);
        }
    }
}
