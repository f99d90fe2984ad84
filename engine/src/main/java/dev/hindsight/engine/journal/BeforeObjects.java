package dev.hindsight.engine.journal;

import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.repository.digest.DigestingOutputStream;
import dev.hindsight.repository.document.Completion;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.journal.BeforeWriter;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.fetch.ScratchDirectory;
import dev.hindsight.synthesis.journal.BeforeSink;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Writes parts to objects of a limited size, each to scratch first, and puts them. One that is closed before {@link #finish}
 * deletes what it has put. One thread.
 */
final class BeforeObjects implements BeforeSink, AutoCloseable {
    /** So that an object can be put at once, and scratch is not full of one. */
    static final long MOST_BYTES = 128 << 20;

    private static final long STEP_BYTES = 4 << 20;

    private final ObjectStore store;
    private final JournalLog log;
    private final RandomGenerator random;
    private final long baseNumber;
    private final ScratchDirectory directory;
    private final List<Completion.Part> done = new ArrayList<>();
    private @Nullable Open open;
    private boolean finished;

    private static final class Open {
        private final UUID id;
        private final Path file;
        private final DigestingOutputStream out;
        private final BeforeWriter writer;
        private long reserved;

        Open(UUID id, Path file, DigestingOutputStream out, BeforeWriter writer) {
            this.id = id;
            this.file = file;
            this.out = out;
            this.writer = writer;
        }
    }

    BeforeObjects(ObjectStore store, JournalLog log, Scratch scratch, RandomGenerator random, long baseNumber) {
        this.store = store;
        this.log = log;
        this.random = random;
        this.baseNumber = baseNumber;
        this.directory = new ScratchDirectory(scratch, "objects-");
    }

    @Override
    public void part(
            byte[] key, int keyLength, long token, long number, int version, byte[] bytes, int at, int length) {
        try {
            Open current = open;
            if (current != null
                    && (current.writer.bytes() + length > MOST_BYTES
                            || current.writer.records() == BeforeWriter.MOST_RECORDS)) {
                put(current);
                current = null;
            }
            if (current == null) {
                current = begin();
                open = current;
            }
            if (current.writer.bytes() + length > current.reserved) {
                long more = STEP_BYTES + length;
                directory.reserve(more);
                current.reserved += more;
            }
            current.writer.add(key, keyLength, token, number, version, bytes, at, length);
        } catch (IOException e) {
            throw ScratchDirectory.unusable(directory.path(), e);
        }
    }

    private Open begin() throws IOException {
        UUID id = new UUID(random.nextLong(), random.nextLong());
        Path file = directory.path().resolve("object-" + id);
        DigestingOutputStream out =
                new DigestingOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 16));
        return new Open(id, file, out, new BeforeWriter(out, log.tableId(), id, baseNumber));
    }

    private void put(Open current) throws IOException {
        open = null;
        ObjectRef ref;
        try (DigestingOutputStream out = current.out) {
            current.writer.finish();
            out.flush();
            ref = new ObjectRef(
                    Keys.beforeValues(log.table(), log.tableId(), current.id), out.sizeBytes(), out.digest());
        }
        Failpoints.hit(Failpoint.COMPLETE_OBJECT);
        // First, so that what was put is deleted whatever comes of it.
        done.add(new Completion.Part(
                ref, current.writer.parts(), current.writer.firstToken(), current.writer.lastToken()));
        store.putIfAbsent(ref.key(), Body.of(current.file));
        Files.delete(current.file);
        directory.release(current.reserved);
    }

    /** All objects, by token. */
    List<Completion.Part> finish() {
        try {
            Open current = open;
            if (current != null) {
                put(current);
            }
        } catch (IOException e) {
            throw ScratchDirectory.unusable(directory.path(), e);
        }
        finished = true;
        return List.copyOf(done);
    }

    static void delete(ObjectStore store, List<Completion.Part> objects) {
        objects.forEach(part -> store.delete(part.object().key()));
    }

    @Override
    public void close() {
        try {
            Open current = open;
            if (current != null) {
                open = null;
                current.out.close();
            }
        } catch (IOException e) {
            // It goes with its directory.
        } finally {
            directory.close();
        }
        if (!finished) {
            delete(store, done);
        }
    }
}
