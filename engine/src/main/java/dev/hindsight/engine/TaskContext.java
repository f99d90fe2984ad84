package dev.hindsight.engine;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.synthesis.Synthesiser;
import java.nio.file.Path;
import java.time.Clock;
import java.util.function.Function;

/**
 * What a task needs from where it runs.
 *
 * @param agents by agent address as the plan has it; the context adds the secrets
 * @param scratch a directory of this worker alone
 */
public record TaskContext(
        ObjectStore store, Function<String, AgentClient> agents, Synthesiser synthesiser, Path scratch, Clock clock) {}
