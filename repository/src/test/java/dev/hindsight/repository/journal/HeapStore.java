package dev.hindsight.repository.journal;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ObjectStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentSkipListMap;

/** Objects on the heap; counts what is read by ranges. */
final class HeapStore implements ObjectStore {
    private final ConcurrentSkipListMap<String, byte[]> objects = new ConcurrentSkipListMap<>();
    long rangedBytes;

    private byte[] object(String key) {
        byte[] bytes = objects.get(key);
        if (bytes == null) {
            throw new NotFoundException("object " + key + " is not there", "put it first");
        }
        return bytes;
    }

    @Override
    public String location() {
        return "heap";
    }

    @Override
    public PutOutcome putIfAbsent(String key, Body body) {
        try (InputStream in = body.open()) {
            return objects.putIfAbsent(key, in.readAllBytes()) == null ? PutOutcome.CREATED : PutOutcome.EXISTS;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public InputStream get(String key) {
        return new ByteArrayInputStream(object(key));
    }

    @Override
    public void read(String key, long position, byte[] into, int offset, int length) {
        byte[] bytes = object(key);
        if (position + length > bytes.length) {
            throw new CorruptException("object " + key + " ends before " + (position + length), "look at it");
        }
        rangedBytes += length;
        System.arraycopy(bytes, (int) position, into, offset, length);
    }

    @Override
    public OptionalLong size(String key) {
        byte[] bytes = objects.get(key);
        return bytes == null ? OptionalLong.empty() : OptionalLong.of(bytes.length);
    }

    @Override
    public List<String> list(String prefix) {
        return objects.keySet().stream().filter(key -> key.startsWith(prefix)).toList();
    }

    @Override
    public void delete(String key) {
        objects.remove(key);
    }
}
