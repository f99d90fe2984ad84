package dev.hindsight.agent.node;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hindsight.agent.api.AgentJson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was last seen of the node, in a small file, so that its snapshots can be read while it is down. Losing the file
 * costs only that; it is written again when the node answers.
 */
final class NodeMemory {
    private static final Logger LOG = LoggerFactory.getLogger(NodeMemory.class);

    /** The part of {@link NodeFacts} that stays true while the node is down. */
    record Remembered(UUID hostId, String clusterName, String releaseVersion, List<Path> dataDirectories) {}

    private final Path file;
    private Optional<Remembered> last;

    NodeMemory(Path file) {
        this.file = file;
        this.last = read(file);
    }

    synchronized Optional<Remembered> last() {
        return last;
    }

    synchronized void remember(NodeFacts facts) {
        Remembered now =
                new Remembered(facts.hostId(), facts.clusterName(), facts.releaseVersion(), facts.dataDirectories());
        if (last.isPresent() && last.get().equals(now)) {
            return;
        }
        last.filter(before -> !before.hostId().equals(now.hostId()))
                .ifPresent(before -> LOG.warn(
                        "node has another identity than before oldHostId={} newHostId={}",
                        before.hostId(),
                        now.hostId()));
        last = Optional.of(now);
        try {
            write(now);
        } catch (IOException e) {
            LOG.warn(
                    "state not remembered file={} cause={}; snapshots cannot be served while the node is down after a"
                            + " restart of the agent",
                    file,
                    e.toString());
        }
    }

    private void write(Remembered now) throws IOException {
        ObjectNode document = AgentJson.mapper().createObjectNode();
        document.put("hostId", now.hostId().toString());
        document.put("clusterName", now.clusterName());
        document.put("releaseVersion", now.releaseVersion());
        ArrayNode directories = document.putArray("dataDirectories");
        now.dataDirectories().forEach(path -> directories.add(path.toString()));
        Path part = file.resolveSibling(file.getFileName() + ".part");
        if (file.getParent() != null) {
            Files.createDirectories(file.getParent());
        }
        try (FileChannel channel = FileChannel.open(
                part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = ByteBuffer.wrap(AgentJson.mapper().writeValueAsBytes(document));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static Optional<Remembered> read(Path file) {
        try {
            JsonNode document = AgentJson.mapper().readTree(Files.readAllBytes(file));
            List<Path> directories = new ArrayList<>();
            document.path("dataDirectories").forEach(path -> directories.add(Path.of(path.asText())));
            return Optional.of(new Remembered(
                    UUID.fromString(document.path("hostId").asText()),
                    document.path("clusterName").asText(),
                    document.path("releaseVersion").asText(),
                    List.copyOf(directories)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            LOG.warn("state file unreadable, ignored file={} cause={}", file, e.toString());
            return Optional.empty();
        }
    }
}
