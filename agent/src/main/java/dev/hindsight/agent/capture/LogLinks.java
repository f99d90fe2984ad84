package dev.hindsight.agent.capture;

import dev.hindsight.model.failure.NotAppliedException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hard links to the segments that are being read, so that also an agent that is killed loses nothing of what the node deletes
 * meanwhile. Works where the spool is on the commit log's file system; elsewhere open descriptors have to do. One thread.
 */
final class LogLinks {
    private static final Logger LOG = LoggerFactory.getLogger(LogLinks.class);

    private final Path directory;
    /** Not to a file on another file system, whatever comes. */
    private boolean possible = true;
    /** Why the last one could not be made. */
    private Optional<String> failure = Optional.empty();

    LogLinks(Path spool) {
        this.directory = spool.resolve("segments");
    }

    /** Whether the segment is held now; if not, a later try may do it. */
    boolean add(long id, Path segment) {
        if (!possible) {
            return false;
        }
        try {
            Files.createDirectories(directory);
            Files.createLink(link(id), segment);
            failure = Optional.empty();
            return true;
        } catch (NoSuchFileException e) {
            // The node was faster.
            return false;
        } catch (IOException | UnsupportedOperationException e) {
            if (holds(id)) {
                // Of an earlier process.
                return true;
            }
            possible = !(e instanceof UnsupportedOperationException) && !isElsewhere(segment);
            if (failure.isEmpty()) {
                LOG.warn(
                        "segments cannot be linked into {} cause={}; what the node deletes while no agent runs is lost then",
                        directory,
                        e.toString());
            }
            failure = Optional.of(directory + ": " + (possible ? e.toString() : "it is on another file system"));
            return false;
        }
    }

    private boolean isElsewhere(Path segment) {
        try {
            return !Files.getFileStore(directory).equals(Files.getFileStore(segment));
        } catch (IOException e) {
            return false;
        }
    }

    Optional<String> failure() {
        return failure;
    }

    boolean holds(long id) {
        return Files.exists(link(id));
    }

    private Path link(long id) {
        return directory.resolve(Long.toString(id));
    }

    TreeMap<Long, Path> all() {
        TreeMap<Long, Path> out = new TreeMap<>();
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> links = Files.newDirectoryStream(directory)) {
                for (Path link : links) {
                    String name = String.valueOf(link.getFileName());
                    if (name.matches("[0-9]{1,18}")) {
                        out.put(Long.parseLong(name), link);
                    }
                }
            } catch (IOException e) {
                throw failed(e);
            }
        }
        return out;
    }

    /** Lets go of all others. */
    void retain(Set<Long> ids) {
        all().keySet().stream().filter(id -> !ids.contains(id)).forEach(this::remove);
    }

    void remove(long id) {
        try {
            Files.deleteIfExists(link(id));
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private NotAppliedException failed(IOException e) {
        return new NotAppliedException(
                "links in " + directory + " cannot be changed: " + e.getMessage(),
                "give the agent's user the rights on it",
                e);
    }
}
