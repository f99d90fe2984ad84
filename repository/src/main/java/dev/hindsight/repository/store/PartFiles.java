package dev.hindsight.repository.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The unfinished objects of a {@link DirectoryStore}: files that no listing shows and that nothing refers to. */
final class PartFiles {
    /** Far longer than a writer may stand still inside one object and go on. */
    static final Duration STALE_AFTER = Duration.ofDays(1);

    /** How a new part is opened; tests put a full disk here. */
    interface Opener {
        FileChannel open(Path part) throws IOException;
    }

    static Opener plain(Access access) {
        return part -> FileChannel.open(
                part, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), access.ofFile(part));
    }

    private static final int BUFFER_BYTES = 128 * 1024;
    private static final Logger LOG = LoggerFactory.getLogger(PartFiles.class);

    private final Path directory;
    private final Access access;
    private final Opener opener;

    PartFiles(Path directory, Access access, Opener opener) {
        this.directory = directory;
        this.access = access;
        this.opener = opener;
    }

    Path newPart() {
        return directory.resolve(UUID.randomUUID() + ".part");
    }

    FileChannel open(Path part) throws IOException {
        Files.createDirectories(directory, access.ofDirectory(directory));
        return opener.open(part);
    }

    /** @return how many bytes; fails as soon as there are more than {@code expected} */
    static long copy(String key, InputStream in, FileChannel out, long expected) throws IOException {
        byte[] buffer = new byte[(int) Math.max(1, Math.min(BUFFER_BYTES, expected))];
        long total = 0;
        for (int n = DirectoryFailures.readBody(key, in, buffer);
                n >= 0;
                n = DirectoryFailures.readBody(key, in, buffer)) {
            total += n;
            if (total > expected) {
                throw DirectoryFailures.wrongSize(key, expected, "more");
            }
            ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, n);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
        }
        return total;
    }

    /** Best effort: what cannot be removed now is removed by a later {@link #sweep}. */
    void discard(Path part) {
        try {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            LOG.debug("part={} cannot be removed now", part, e);
        }
    }

    /** Removes what killed processes left. Ages are told by the file system's clock alone, so hosts need not agree. */
    void sweep() {
        Path now = newPart();
        try {
            Files.createDirectories(directory, access.ofDirectory(directory));
            Files.createFile(now, access.ofFile(now));
            FileTime limit =
                    FileTime.from(Files.getLastModifiedTime(now).toInstant().minus(STALE_AFTER));
            try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, "*.part")) {
                for (Path part : all) {
                    removeIfOlder(part, limit);
                }
            }
        } catch (IOException e) {
            LOG.debug("directory={} cannot be swept now", directory, e);
        } finally {
            discard(now);
        }
    }

    private void removeIfOlder(Path part, FileTime limit) throws IOException {
        try {
            if (Files.getLastModifiedTime(part).compareTo(limit) < 0) {
                LOG.info("part={} removed: left by a process that did not finish", part);
                discard(part);
            }
        } catch (NoSuchFileException e) {
            // Finished meanwhile, so it was no leftover.
            return;
        }
    }
}
