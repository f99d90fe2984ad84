package dev.hindsight.testkit.journal;

import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ForwardingStore;
import dev.hindsight.repository.store.ObjectStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.OptionalLong;

/** Counts what is asked of a store. One thread. */
final class CountingStore extends ForwardingStore {
    /** What was asked so far. */
    record Counts(
            long gets, long sizes, long lists, long puts, long deletes, long bytesRead, long objects, long bytesPut) {
        static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0, 0, 0);

        long requests() {
            return gets + sizes + lists + puts + deletes;
        }

        Counts since(Counts before) {
            return new Counts(
                    gets - before.gets,
                    sizes - before.sizes,
                    lists - before.lists,
                    puts - before.puts,
                    deletes - before.deletes,
                    bytesRead - before.bytesRead,
                    objects - before.objects,
                    bytesPut - before.bytesPut);
        }
    }

    private Counts counts = Counts.NONE;
    private long captureGets;

    CountingStore(ObjectStore inner) {
        super(inner);
    }

    Counts counts() {
        return counts;
    }

    /** Captures that were read. */
    long captureGets() {
        return captureGets;
    }

    private void add(
            long gets, long sizes, long lists, long puts, long deletes, long bytesRead, long objects, long bytesPut) {
        counts = new Counts(
                counts.gets + gets,
                counts.sizes + sizes,
                counts.lists + lists,
                counts.puts + puts,
                counts.deletes + deletes,
                counts.bytesRead + bytesRead,
                counts.objects + objects,
                counts.bytesPut + bytesPut);
    }

    @Override
    public PutOutcome putIfAbsent(String key, Body body) {
        PutOutcome outcome = super.putIfAbsent(key, body);
        boolean created = outcome == PutOutcome.CREATED;
        add(0, 0, 0, 1, 0, 0, created ? 1 : 0, created ? body.sizeBytes() : 0);
        return outcome;
    }

    @Override
    public InputStream get(String key) {
        add(1, 0, 0, 0, 0, 0, 0, 0);
        try (InputStream in = super.get(key)) {
            byte[] bytes = in.readAllBytes();
            add(0, 0, 0, 0, 0, bytes.length, 0, 0);
            captureGets += key.startsWith(Keys.CAPTURES) ? 1 : 0;
            return new ByteArrayInputStream(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void read(String key, long position, byte[] into, int offset, int length) {
        add(1, 0, 0, 0, 0, length, 0, 0);
        super.read(key, position, into, offset, length);
    }

    @Override
    public OptionalLong size(String key) {
        add(0, 1, 0, 0, 0, 0, 0, 0);
        return super.size(key);
    }

    @Override
    public List<String> list(String prefix) {
        add(0, 0, 1, 0, 0, 0, 0, 0);
        return super.list(prefix);
    }

    @Override
    public void delete(String key) {
        add(0, 0, 0, 0, 1, 0, 0, 0);
        super.delete(key);
    }
}
