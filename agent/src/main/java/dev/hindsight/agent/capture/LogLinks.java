package dev.hindsight.agent.capture;

import dev.hindsight.model.failure.NotAppliedException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
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
    private boolean possible = true;

    LogLinks(Path spool) {
        this.directory = spool.resolve("segments");
    }

    void add(long id, Path segment) {
        if (!possible) {
            return;
        }
        try {
            Files.createDirectories(directory);
            Files.createLink(directory.resolve(Long.toString(id)), segment);
        } catch (FileAlreadyExistsException | NoSuchFileException e) {
            // Of an earlier process; or the node was faster.
            return;
        } catch (IOException | UnsupportedOperationException e) {
            possible = false;
            LOG.warn(
                    "segments cannot be linked into {} cause={}; what the node deletes while no agent runs is lost then",
                    directory,
                    e.toString());
        }
    }

    boolean holds(long id) {
        return Files.exists(directory.resolve(Long.toString(id)));
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
        all().forEach((id, link) -> {
            if (!ids.contains(id)) {
                try {
                    Files.deleteIfExists(link);
                } catch (IOException e) {
                    throw failed(e);
                }
            }
        });
    }

    private NotAppliedException failed(IOException e) {
        return new NotAppliedException(
                "links in " + directory + " cannot be changed: " + e.getMessage(),
                "give the agent's user the rights on it",
                e);
    }
}
