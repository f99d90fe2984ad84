package dev.hindsight.acceptance.chain;

import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ObjectStore;
import java.io.InputStream;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;

/** A store whose listings leave out whatever they like, each time anew. All else it does at once. */
final class HidingStore implements ObjectStore {
    private final ObjectStore inner;
    private final Random random;

    HidingStore(ObjectStore inner, long seed) {
        this.inner = inner;
        this.random = new Random(seed);
    }

    @Override
    public List<String> list(String prefix) {
        List<String> all = inner.list(prefix);
        // All, nothing, or any share.
        double share = random.nextInt(3) == 0 ? random.nextInt(2) : random.nextDouble();
        return all.stream().filter(key -> random.nextDouble() < share).toList();
    }

    @Override
    public String location() {
        return inner.location();
    }

    @Override
    public PutOutcome putIfAbsent(String key, Body body) {
        return inner.putIfAbsent(key, body);
    }

    @Override
    public InputStream get(String key) {
        return inner.get(key);
    }

    @Override
    public void read(String key, long position, byte[] into, int offset, int length) {
        inner.read(key, position, into, offset, length);
    }

    @Override
    public OptionalLong size(String key) {
        return inner.size(key);
    }

    @Override
    public void delete(String key) {
        inner.delete(key);
    }
}
