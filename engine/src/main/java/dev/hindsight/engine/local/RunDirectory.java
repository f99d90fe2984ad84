package dev.hindsight.engine.local;

import dev.hindsight.engine.scratch.ScratchDirectory;
import dev.hindsight.model.failure.CapacityException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory of one coordinator in scratch. It holds a file that is locked as long as the coordinator lives, so that
 * the next one can tell what a dead one left behind from what is in use, and remove it. Locks of the operating system
 * end with their process, so nothing has to be unlocked by hand.
 */
final class RunDirectory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunDirectory.class);
    private static final String PREFIX = "engine-";
    private static final String UNNAMED = ".new-";
    private static final String LOCK = "lock";

    /** Between making a directory and giving it its name lie a few system calls. */
    private static final Duration NAMING = Duration.ofMinutes(10);

    private final Path path;
    private final FileChannel lockFile;

    private RunDirectory(Path path, FileChannel lockFile) {
        this.path = path;
        this.lockFile = lockFile;
    }

    /** Makes a new one, after removing those of dead coordinators. */
    static RunDirectory create(Path scratch) {
        try {
            Files.createDirectories(scratch);
            removeAbandoned(scratch);
            String id = UUID.randomUUID().toString().substring(0, 8);
            // Only a locked directory ever has the name that the cleaning looks for.
            Path unnamed = Files.createDirectory(scratch.resolve(UNNAMED + PREFIX + id));
            FileChannel lockFile =
                    FileChannel.open(unnamed.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            lockFile.lock();
            Path named = Files.move(unnamed, scratch.resolve(PREFIX + id), StandardCopyOption.ATOMIC_MOVE);
            return new RunDirectory(named, lockFile);
        } catch (IOException e) {
            throw new CapacityException(
                    "scratch directory " + scratch + " cannot be used: " + e,
                    "point scratch at a directory that this user can write to",
                    e);
        }
    }

    Path path() {
        return path;
    }

    @Override
    public void close() {
        try {
            ScratchDirectory.deleteTree(path);
            lockFile.close();
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("scratch not removed directory={} problem={}", path, e.getMessage());
        }
    }

    private static void removeAbandoned(Path scratch) throws IOException {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(scratch, "{," + UNNAMED + "}" + PREFIX + "*")) {
            for (Path one : all) {
                if (isAbandoned(one)) {
                    removeQuietly(one);
                }
            }
        }
    }

    private static boolean isAbandoned(Path directory) {
        if (directory.getFileName().toString().startsWith(UNNAMED)) {
            return age(directory).compareTo(NAMING) > 0;
        }
        try (FileChannel file = FileChannel.open(directory.resolve(LOCK), StandardOpenOption.WRITE);
                FileLock lock = file.tryLock()) {
            return lock != null;
        } catch (IOException | OverlappingFileLockException e) {
            return false;
        }
    }

    private static Duration age(Path directory) {
        try {
            // Both times are of this machine's file system clock; nothing but litter depends on them.
            return Duration.between(Files.getLastModifiedTime(directory).toInstant(), Instant.now());
        } catch (IOException e) {
            return Duration.ZERO;
        }
    }

    private static void removeQuietly(Path directory) {
        try {
            ScratchDirectory.deleteTree(directory);
            LOG.info("scratch of a dead run removed directory={}", directory);
        } catch (UncheckedIOException e) {
            LOG.warn("scratch of a dead run not removed directory={} problem={}", directory, e.getMessage());
        }
    }
}
