package dev.hindsight.agent.capture;

import dev.hindsight.agent.api.AgentJson;
import dev.hindsight.model.failure.NotAppliedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which SSTables of which tables' directories are known, so that what comes while no agent runs is noticed as well. Stands in
 * the spool; one that is older than what was captured only makes the same thing be noticed twice.
 *
 * @param keyspaces that were looked at
 * @param segment of the commit log, with {@code position}: what was readable when nothing was that is not flushed by now
 * @param directories by path
 */
record KnownFiles(
        int format,
        String hostId,
        Set<String> keyspaces,
        long lookedMicros,
        long segment,
        int position,
        Map<String, Directory> directories) {
    static final int FORMAT = 1;

    private static final Logger LOG = LoggerFactory.getLogger(KnownFiles.class);

    /** @param undecided of those whose origin is not decided, since when they may have been there */
    record Directory(Set<String> sstables, Map<String, Long> undecided) {
        Directory {
            sstables = Set.copyOf(sstables);
            undecided = Map.copyOf(undecided);
        }
    }

    static KnownFiles none(String hostId) {
        return new KnownFiles(FORMAT, hostId, Set.of(), 0, 0, 0, Map.of());
    }

    /** What is not there, or not of this node, is nothing: then what is there now counts as known. */
    static KnownFiles read(Path file, String hostId) {
        try {
            KnownFiles read = AgentJson.mapper().readValue(Files.readAllBytes(file), KnownFiles.class);
            return read.format() == FORMAT && read.hostId().equals(hostId) ? read : none(hostId);
        } catch (NoSuchFileException e) {
            return none(hostId);
        } catch (IOException e) {
            LOG.warn("what was known of SSTables is lost, it is taken anew file={} cause={}", file, e.toString());
            return none(hostId);
        }
    }

    void write(Path file) {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            // Else a power failure may leave a file that is there and empty, and all that came meanwhile would count as
            // known.
            try (FileChannel channel = FileChannel.open(
                    part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
                ByteBuffer bytes = ByteBuffer.wrap(AgentJson.mapper().writeValueAsBytes(this));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new NotAppliedException(
                    "file " + file + " cannot be written: " + e.getMessage(),
                    "make room and give the agent's user the rights on it",
                    e);
        }
    }
}
