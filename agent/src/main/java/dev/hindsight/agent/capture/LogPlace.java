package dev.hindsight.agent.capture;

import dev.hindsight.agent.config.AgentConfig;
import dev.hindsight.agent.node.GuardedNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the commit log is: as configured, or as the node said, also while it is down. Losing the note of what it said costs
 * only the time until it answers. Safe for several threads.
 */
final class LogPlace {
    private static final Logger LOG = LoggerFactory.getLogger(LogPlace.class);

    private final AgentConfig.Capture config;
    private final GuardedNode node;
    private final Path note;

    LogPlace(AgentConfig.Capture config, GuardedNode node) {
        this.config = config;
        this.node = node;
        this.note = config.spool().resolve("commit-log");
    }

    /** @throws dev.hindsight.model.failure.ClusterUnreachableException neither configured nor ever said */
    synchronized Path find() {
        Optional<Path> known = known();
        if (known.isPresent()) {
            return known.get();
        }
        Path said = node.control().log().directory();
        remember(said);
        return said;
    }

    /** Without asking the node. */
    synchronized Optional<Path> known() {
        if (config.commitLog().isPresent()) {
            return config.commitLog();
        }
        try {
            if (Files.exists(note)) {
                return Optional.of(Path.of(Files.readString(note)));
            }
        } catch (IOException e) {
            LOG.warn("note of the commit log's place unreadable file={} cause={}", note, e.toString());
        }
        return Optional.empty();
    }

    synchronized void remember(Path directory) {
        try {
            if (!Files.exists(note) || !Files.readString(note).equals(directory.toString())) {
                Files.createDirectories(config.spool());
                Files.writeString(note, directory.toString());
            }
        } catch (IOException e) {
            LOG.warn("place of the commit log not remembered file={} cause={}", note, e.toString());
        }
    }
}
