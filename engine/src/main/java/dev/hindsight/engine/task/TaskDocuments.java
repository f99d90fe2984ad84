package dev.hindsight.engine.task;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.OutcomeUnknownException;
import dev.hindsight.model.failure.StoreUnreachableException;
import dev.hindsight.repository.digest.Digests;
import dev.hindsight.repository.document.Documents;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;

/** Documents that a task creates, and those that an earlier run of the same task may have created. Any thread. */
final class TaskDocuments {
    private final ObjectStore store;

    TaskDocuments(ObjectStore store) {
        this.store = store;
    }

    /** @param ours false when another attempt had created it before */
    record Stored<T>(ObjectRef ref, T document, boolean ours) {}

    /**
     * A document by reference.
     *
     * @throws CorruptException size or digest are not what the reference says
     */
    <T extends Record> T load(ObjectRef ref, Class<T> type) {
        byte[] bytes = bytes(ref.key());
        if (!isWhole(bytes, ref)) {
            // It may have been damaged on its way here only.
            bytes = bytes(ref.key());
        }
        String digest = Digests.of(bytes);
        if (!isWhole(bytes, ref)) {
            throw new CorruptException(
                    "object " + ref.key() + " has " + bytes.length + " bytes with digest " + digest + ", expected "
                            + ref.sizeBytes() + " with " + ref.digest(),
                    "run 'hindsight verify' to see all that is damaged");
        }
        return Documents.fromBytes(bytes, type, ref.key());
    }

    private static boolean isWhole(byte[] bytes, ObjectRef ref) {
        return bytes.length == ref.sizeBytes() && Digests.of(bytes).equals(ref.digest());
    }

    /** A document that nothing refers to yet, by its key; its own seal is what it is checked by. */
    <T extends Record> Optional<Stored<T>> find(String key, Class<T> type) {
        if (store.size(key).isEmpty()) {
            return Optional.empty();
        }
        byte[] bytes = bytes(key);
        T document = Documents.fromBytes(bytes, type, key);
        return Optional.of(new Stored<>(new ObjectRef(key, bytes.length, Digests.of(bytes)), document, false));
    }

    /**
     * Creates a document, or returns the one that another attempt created first.
     *
     * @throws OutcomeUnknownException the put may still arrive
     */
    <T extends Record> Stored<T> create(String key, T document, Class<T> type) {
        byte[] bytes = Documents.toBytes(document);
        ObjectRef ref = new ObjectRef(key, bytes.length, Digests.of(bytes));
        try {
            if (store.putIfAbsent(key, Body.of(bytes)) == ObjectStore.PutOutcome.CREATED) {
                return new Stored<>(ref, document, true);
            }
        } catch (OutcomeUnknownException e) {
            return winner(key, bytes, type).orElseThrow(() -> e);
        }
        return winner(key, bytes, type)
                .orElseThrow(() -> new NotFoundException(
                        "object " + key + " existed a moment ago and is gone",
                        "run the same command again, and nothing that deletes beside it"));
    }

    private <T extends Record> Optional<Stored<T>> winner(String key, byte[] ours, Class<T> type) {
        if (store.size(key).isEmpty()) {
            return Optional.empty();
        }
        byte[] bytes = bytes(key);
        ObjectRef ref = new ObjectRef(key, bytes.length, Digests.of(bytes));
        return Optional.of(new Stored<>(ref, Documents.fromBytes(bytes, type, key), Arrays.equals(bytes, ours)));
    }

    private byte[] bytes(String key) {
        try (InputStream in = store.get(key)) {
            return in.readNBytes(Documents.MAX_BYTES + 1);
        } catch (IOException e) {
            throw new StoreUnreachableException(
                    "object " + key + " in " + store.location() + " cannot be read: " + e.getMessage(),
                    "look at the object store, then run the same command again",
                    e);
        }
    }
}
