package dev.hindsight.operations.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hindsight.engine.scratch.ScratchDirectory;
import dev.hindsight.model.failure.CapacityException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * {@code <scratch>/run-<id>/}: everything temporary of one run, with {@code owner.json} that says who owns it and which
 * snapshot it may have left on the nodes. Written before the snapshot is asked for, so that whoever finds the directory
 * of a dead owner can finish the cleaning. It gets its name only once the owner is written, so no directory of a living
 * run is ever without one.
 */
public final class RunDirectory implements AutoCloseable {
    private static final String PREFIX = "run-";
    private static final String UNNAMED_PREFIX = "new-";
    private static final String OWNER = "owner.json";
    private static final Duration NAMING = Duration.ofMinutes(10);
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
        try {
            Files.createDirectories(scratch);
            // For its owner alone: what is merged in it is what the database holds.
            RunDirectory hidden =
                    new RunDirectory(Files.createTempDirectory(scratch, UNNAMED_PREFIX + run + "-"), run, site);
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

    /** Of a run that takes no snapshot and has no name: {@code run-<what>-<id>}. */
    public static RunDirectory create(Path scratch, String what) {
        return create(scratch, what + "-" + UUID.randomUUID().toString().substring(0, 8), "");
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

    /** Removes all but what says who owns it and what may be left on the nodes. */
    void strip() {
        strip(path);
    }

    /** As {@link #strip()}, of any run. */
    static void strip(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            entries.filter(entry -> !entry.endsWith(OWNER)).forEach(ScratchDirectory::deleteTree);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes the directory and all in it. Safe to repeat. */
    @Override
    public void close() {
        ScratchDirectory.deleteTree(path);
    }

    /** Runs below {@code scratch} whose owner is no longer alive. */
    static List<Path> dead(Path scratch) {
        if (!Files.isDirectory(scratch)) {
            return List.of();
        }
        List<Path> out = new ArrayList<>();
        try (Stream<Path> entries = Files.list(scratch)) {
            for (Path entry : (Iterable<Path>) entries::iterator) {
                String name = entry.getFileName().toString();
                boolean named = name.startsWith(PREFIX);
                if ((named || name.startsWith(UNNAMED_PREFIX))
                        && owner(entry).map(owner -> !owner.alive()).orElseGet(() -> named || isOld(entry))) {
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

    /** Both times are of this machine; between making a directory and naming it lie a few system calls. */
    private static boolean isOld(Path directory) {
        try {
            return Files.getLastModifiedTime(directory)
                    .toInstant()
                    .isBefore(Instant.now().minus(NAMING));
        } catch (IOException e) {
            return false;
        }
    }
}
