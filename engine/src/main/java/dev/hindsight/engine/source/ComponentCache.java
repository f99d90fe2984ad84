package dev.hindsight.engine.source;

import dev.hindsight.model.failure.LocalDisk;
import dev.hindsight.model.failure.NotAppliedException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Small files of other places, whole, on the disk of one worker: several shards of a table need the same indexes and
 * statistics, and production should be asked for them once. Bounded by bytes; what was used longest ago goes first, what
 * does not fit is not kept. Safe for use by several threads. The directory belongs to the cache.
 */
public final class ComponentCache implements AutoCloseable {
    /** Writes the whole file, checked; throws when it cannot or when the bytes are wrong. */
    public interface Loader {
        void load(OutputStream out) throws IOException;
    }

    private static final class Entry {
        final Path file;
        final long sizeBytes;
        int users;
        volatile boolean loaded;

        Entry(Path file, long sizeBytes) {
            this.file = file;
            this.sizeBytes = sizeBytes;
        }
    }

    private final Path directory;
    private final long limitBytes;
    private final Map<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
    private long usedBytes;
    private int nextFile;

    public ComponentCache(Path directory, long limitBytes) {
        this.directory = directory;
        this.limitBytes = limitBytes;
    }

    public synchronized long usedBytes() {
        return usedBytes;
    }

    public long limitBytes() {
        return limitBytes;
    }

    /**
     * Reads from the kept file, loading it first if need be.
     *
     * @return false when the file cannot be kept; nothing was read then
     */
    public boolean read(String key, long sizeBytes, Loader loader, long position, byte[] into, int offset, int length) {
        Entry entry = acquire(key, sizeBytes);
        if (entry == null) {
            return false;
        }
        try {
            load(key, entry, loader);
            try (SeekableByteChannel channel = Files.newByteChannel(entry.file)) {
                channel.position(position);
                ByteBuffer buffer = ByteBuffer.wrap(into, offset, length);
                while (buffer.hasRemaining()) {
                    if (channel.read(buffer) < 0) {
                        throw new IOException("ends at byte " + channel.position());
                    }
                }
            }
            return true;
        } catch (IOException e) {
            throw LocalDisk.notWritten("component " + key + ", kept in", entry.file, e);
        } finally {
            release(entry);
        }
    }

    private void load(String key, Entry entry, Loader loader) throws IOException {
        synchronized (entry) {
            if (entry.loaded) {
                return;
            }
            try (OutputStream out = Files.newOutputStream(entry.file)) {
                loader.load(out);
                entry.loaded = true;
            } finally {
                if (!entry.loaded) {
                    forget(key, entry);
                }
            }
        }
    }

    private synchronized @Nullable Entry acquire(String key, long sizeBytes) {
        Entry known = entries.get(key);
        if (known != null) {
            known.users++;
            return known;
        }
        if (sizeBytes > limitBytes || !makeRoom(sizeBytes)) {
            return null;
        }
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            return null;
        }
        Entry made = new Entry(directory.resolve("component-" + nextFile++), sizeBytes);
        made.users = 1;
        usedBytes += sizeBytes;
        entries.put(key, made);
        return made;
    }

    private boolean makeRoom(long sizeBytes) {
        List<String> idle = new ArrayList<>();
        long free = limitBytes - usedBytes;
        for (Map.Entry<String, Entry> one : entries.entrySet()) {
            if (free >= sizeBytes) {
                break;
            }
            if (one.getValue().users == 0) {
                idle.add(one.getKey());
                free += one.getValue().sizeBytes;
            }
        }
        if (free < sizeBytes) {
            return false;
        }
        for (String key : idle) {
            Entry gone = entries.get(key);
            if (gone != null) {
                forget(key, gone);
            }
        }
        return true;
    }

    private synchronized void release(Entry entry) {
        entry.users--;
    }

    private synchronized void forget(String key, Entry entry) {
        if (entries.remove(key, entry)) {
            usedBytes -= entry.sizeBytes;
            try {
                Files.deleteIfExists(entry.file);
            } catch (IOException e) {
                throw new NotAppliedException(
                        "component cache file " + entry.file + " cannot be deleted: " + e.getMessage(),
                        "look at the disk of the scratch directory " + directory,
                        e);
            }
        }
    }

    /** Forgets and deletes everything; to be called when nobody reads. */
    public synchronized void clear() {
        for (String key : List.copyOf(entries.keySet())) {
            Entry entry = entries.get(key);
            if (entry != null) {
                forget(key, entry);
            }
        }
    }

    @Override
    public void close() {
        clear();
    }
}
