package dev.hindsight.testkit.chain;

import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ObjectStore;
import java.io.InputStream;
import java.util.List;
import java.util.OptionalLong;

/** Does what another store does; for tests that look at or delay one call. */
class ForwardingStore implements ObjectStore {
    private final ObjectStore inner;

    ForwardingStore(ObjectStore inner) {
        this.inner = inner;
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
    public List<String> list(String prefix) {
        return inner.list(prefix);
    }

    @Override
    public void delete(String key) {
        inner.delete(key);
    }
}
