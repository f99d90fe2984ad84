package dev.hindsight.engine.source;

import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.store.ObjectStore;
import java.util.Optional;

/**
 * One component of a stored SSTable, read from the object store and checked against the digest of what named it.
 *
 * <p>Small components are read once, whole; Data.db is checked by its digest when it is read from end to end in order,
 * and otherwise by its chunk checksums, which the synthesiser checks. Failures: {@link
 * dev.hindsight.synthesis.CorruptInputException} for wrong bytes; what {@link ObjectStore} throws otherwise.
 */
public final class StoreByteSource extends CheckedSource {
    private final ObjectStore store;
    private final ObjectRef ref;

    public StoreByteSource(
            ObjectStore store,
            ObjectRef ref,
            String origin,
            String descriptor,
            String component,
            Fetches fetches,
            Optional<ComponentCache> cache) {
        super(origin, descriptor, component, ref.sizeBytes(), ref.digest(), fetches, cache);
        this.store = store;
        this.ref = ref;
    }

    @Override
    public String name() {
        return ref.key();
    }

    @Override
    void fetch(long position, byte[] into, int offset, int length) {
        store.read(ref.key(), position, into, offset, length);
    }
}
