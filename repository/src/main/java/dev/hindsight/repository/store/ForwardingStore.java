package dev.hindsight.repository.store;

import java.io.InputStream;
import java.util.List;
import java.util.OptionalLong;

/** Does what another store does; for a store that does one thing in its own way. As safe for threads as the other one. */
public class ForwardingStore implements ObjectStore {
    private final ObjectStore inner;

    public ForwardingStore(ObjectStore inner) {
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

    @Override
    public void examine() {
        inner.examine();
    }
}
