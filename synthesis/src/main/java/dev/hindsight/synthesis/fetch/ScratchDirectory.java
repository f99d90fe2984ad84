package dev.hindsight.synthesis.fetch;

import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.LocalDisk;
import dev.hindsight.synthesis.Scratch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One temporary directory below a task's scratch: what is reserved for it is released, and it deleted, at close. */
public final class ScratchDirectory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ScratchDirectory.class);

    private final Scratch scratch;
    private final Path path;
    private final AtomicLong reserved = new AtomicLong();

    public ScratchDirectory(Scratch scratch, String name) {
        this.scratch = scratch;
        try {
            Files.createDirectories(scratch.directory());
            this.path = Files.createTempDirectory(scratch.directory(), name);
        } catch (IOException e) {
            throw unusable(scratch.directory(), e);
        }
    }

    public Path path() {
        return path;
    }

    public void reserve(long bytes) {
        scratch.reserve(bytes);
        reserved.addAndGet(bytes);
    }

    /** Of what was deleted again. */
    public void release(long bytes) {
        scratch.release(bytes);
        reserved.addAndGet(-bytes);
    }

    public static HindsightException unusable(Path path, IOException cause) {
        return LocalDisk.notWritten("scratch", path, cause);
    }

    @Override
    public void close() {
        scratch.release(reserved.getAndSet(0));
        delete(path);
    }

    /** Deletes a tree; what cannot be deleted now goes with the task's scratch. */
    public static void delete(Path tree) {
        List<Path> all = new ArrayList<>();
        try (Stream<Path> walk = Files.walk(tree)) {
            walk.forEach(all::add);
            Collections.reverse(all);
            for (Path one : all) {
                Files.deleteIfExists(one);
            }
        } catch (IOException e) {
            LOG.warn("cannot delete path={}", tree, e);
        }
    }
}
