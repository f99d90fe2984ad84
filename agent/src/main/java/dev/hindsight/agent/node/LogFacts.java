package dev.hindsight.agent.node;

import java.nio.file.Path;

/**
 * What a node says of its commit log.
 *
 * @param startedMillis of the node's process, since 1970
 */
public record LogFacts(Path directory, long startedMillis) {}
