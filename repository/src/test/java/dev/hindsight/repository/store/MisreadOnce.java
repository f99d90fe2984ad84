package dev.hindsight.repository.store;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** Gives a flipped bit the first time that an object is read whole, and the right bytes from then on. */
public final class MisreadOnce extends ForwardingStore {
    private final Predicate<String> keys;
    private final Set<String> misread = ConcurrentHashMap.newKeySet();

    public MisreadOnce(ObjectStore inner, Predicate<String> keys) {
        super(inner);
        this.keys = keys;
    }

    @Override
    public InputStream get(String key) {
        InputStream right = super.get(key);
        if (!keys.test(key) || !misread.add(key)) {
            return right;
        }
        try (right) {
            byte[] bytes = right.readAllBytes();
            bytes[bytes.length / 2] ^= 1;
            return new ByteArrayInputStream(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
