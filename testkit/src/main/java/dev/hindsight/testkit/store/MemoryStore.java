package dev.hindsight.testkit.store;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ObjectKeys;
import dev.hindsight.repository.store.ObjectStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Objects in this process's memory: as good as any store for those who use it, and a thousand times faster than one that
 * waits for a disk. Can be copied, and its objects can be damaged. Safe for several threads.
 */
public final class MemoryStore implements ObjectStore {
    private final ConcurrentNavigableMap<String, byte[]> objects;

    public MemoryStore() {
        this(new ConcurrentSkipListMap<>());
    }

    private MemoryStore(ConcurrentNavigableMap<String, byte[]> objects) {
        this.objects = objects;
    }

    /** The same objects; what happens to one of both does not happen to the other. */
    public MemoryStore copy() {
        return new MemoryStore(new ConcurrentSkipListMap<>(objects));
    }

    /** Keys of all objects, sorted. */
    public List<String> keys() {
        return List.copyOf(objects.keySet());
    }

    public byte[] bytes(String key) {
        return object(key).clone();
    }

    /** What no store does by itself: the object is another one from now on. */
    public void damage(String key, byte[] bytes) {
        objects.put(key, bytes.clone());
    }

    private byte[] object(String key) {
        return Optional.ofNullable(objects.get(ObjectKeys.require(key)))
                .orElseThrow(() -> new NotFoundException("object " + key + " is not there", "put it first"));
    }

    @Override
    public String location() {
        return "memory";
    }

    @Override
    public PutOutcome putIfAbsent(String key, Body body) {
        ObjectKeys.require(key);
        if (objects.containsKey(key)) {
            return PutOutcome.EXISTS;
        }
        byte[] bytes;
        try (InputStream in = body.open()) {
            // Never more than was announced, and one to see that there is more.
            bytes = in.readNBytes(Math.toIntExact(body.sizeBytes() + 1));
        } catch (HindsightException e) {
            throw e;
        } catch (IOException e) {
            throw new NotAppliedException("the body of " + key + " failed: " + e, "put it again", e);
        }
        if (bytes.length != body.sizeBytes()) {
            throw new NotAppliedException(
                    "the body of " + key + " has not " + body.sizeBytes() + " bytes", "put it again");
        }
        return objects.putIfAbsent(key, bytes) == null ? PutOutcome.CREATED : PutOutcome.EXISTS;
    }

    @Override
    public InputStream get(String key) {
        return new ByteArrayInputStream(object(key));
    }

    @Override
    public void read(String key, long position, byte[] into, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (position < 0) {
            throw new IllegalArgumentException("position " + position);
        }
        byte[] bytes = object(key);
        if (position + length > bytes.length) {
            throw new CorruptException(
                    "object " + key + " ends at " + bytes.length + ", before " + (position + length),
                    "restore it from a copy");
        }
        System.arraycopy(bytes, (int) position, into, offset, length);
    }

    @Override
    public OptionalLong size(String key) {
        byte[] bytes = objects.get(ObjectKeys.require(key));
        return bytes == null ? OptionalLong.empty() : OptionalLong.of(bytes.length);
    }

    @Override
    public List<String> list(String prefix) {
        return objects.tailMap(ObjectKeys.requirePrefix(prefix), true).keySet().stream()
                .takeWhile(key -> key.startsWith(prefix))
                .toList();
    }

    @Override
    public void delete(String key) {
        objects.remove(ObjectKeys.require(key));
    }
}
