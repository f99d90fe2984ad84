package dev.hindsight.operations.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hindsight.model.failure.CapacityException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code <scratch>/run-<id>/}: everything temporary of one run, with {@code owner.json} that says who owns it and which
 * snapshot it may have left on the nodes. Written before the snapshot is asked for, so that whoever finds the directory
 * of a dead owner can finish the cleaning. It gets its name only once the owner is written, so no directory of a living
 * run is ever without one.
 */
public final class RunDirectory implements AutoCloseable {
    private static final String PREFIX = "run-";
    private static final String OWNER = "owner.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * @param processStart epoch milliseconds of the process's start, so that a reused process id is not taken for it
     * @param snapshotTags tags that may exist on the nodes of {@code site}; empty for runs that take none
     * @param agents addresses of the agents that were asked for them
     */
    record Owner(
            String run,
            long processId,
            long processStart,
            String site,
            List<String> snapshotTags,
            List<String> agents) {
        boolean alive() {
            Optional<ProcessHandle> process = ProcessHandle.of(processId);
            return process.isPresent()
                    && process.get().isAlive()
                    && process.get()
                            .info()
                            .startInstant()
                            .map(start -> start.toEpochMilli() == processStart)
                            .orElse(true);
        }
    }

    private final Path path;
    private final String run;
    private final String site;

    private RunDirectory(Path path, String run, String site) {
        this.path = path;
        this.run = run;
        this.site = site;
    }

    /** @param site name of the cluster the snapshots are on */
    public static RunDirectory create(Path scratch, String run, String site) {
        RunDirectory made = new RunDirectory(scratch.resolve(PREFIX + run), run, site);
        RunDirectory hidden = new RunDirectory(scratch.resolve("new-" + run), run, site);
        try {
            Files.createDirectories(hidden.path);
            hidden.recordSnapshots(List.of(), List.of());
            Files.move(hidden.path, made.path, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new CapacityException(
                    "scratch directory " + made.path + " cannot be made: " + e,
                    "set backup.scratch to a writable place",
                    e);
        }
        return made;
    }

    public Path path() {
        return path;
    }

    /** To be called before a snapshot is asked for. */
    public void recordSnapshots(List<String> tags, List<String> agents) {
        ProcessHandle self = ProcessHandle.current();
        long start = self.info()
                .startInstant()
                .map(instant -> instant.toEpochMilli())
                .orElse(0L);
        Path next = path.resolve(OWNER + ".next");
        try {
            Files.write(
                    next,
                    JSON.writeValueAsBytes(
                            new Owner(run, self.pid(), start, site, List.copyOf(tags), List.copyOf(agents))));
            Files.move(next, path.resolve(OWNER), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new CapacityException("cannot write " + next + ": " + e, "look at the disk of backup.scratch", e);
        }
    }

    /** Removes the directory and all in it. Safe to repeat. */
    @Override
    public void close() {
        delete(path);
    }

    /** Runs below {@code scratch} whose owner is no longer alive. */
    static List<Path> dead(Path scratch) {
        if (!Files.isDirectory(scratch)) {
            return List.of();
        }
        List<Path> out = new ArrayList<>();
        try (Stream<Path> entries = Files.list(scratch)) {
            for (Path entry : (Iterable<Path>) entries::iterator) {
                if (entry.getFileName().toString().startsWith(PREFIX)
                        && owner(entry).map(owner -> !owner.alive()).orElse(true)) {
                    out.add(entry);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out;
    }

    static Optional<Owner> owner(Path directory) {
        try {
            return Optional.of(JSON.readValue(Files.readAllBytes(directory.resolve(OWNER)), Owner.class));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    static void delete(Path root) {
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                    if (failure instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE;
                    }
                    throw failure;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                        throws IOException {
                    Files.deleteIfExists(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (NoSuchFileException gone) {
            return;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + root, e);
        }
    }
}
