package dev.hindsight.cli.verb;

import dev.hindsight.agent.AgentServer;
import dev.hindsight.agent.config.AgentConfig;
import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.config.ConfigLocation;
import dev.hindsight.cli.output.Outcome;
import java.util.Map;
import picocli.CommandLine.Command;

@Command(
        name = "agent",
        description = {
            "Serve this node's snapshots to Hindsight and take restored SSTables; runs until told to end.",
            "Its configuration is another file: -c, else $$HINDSIGHT_AGENT_CONFIG, ./agent.yaml, "
                    + "/etc/hindsight/agent.yaml."
        })
final class AgentVerb extends Verb {
    AgentVerb(GlobalOptions options, Surroundings surroundings) {
        super(options, surroundings);
    }

    @Override
    Outcome run() throws InterruptedException {
        AgentConfig config = AgentConfig.load(ConfigLocation.AGENT.find(
                options().config(), surroundings().environment(), surroundings().workingDirectory()));
        try (AgentServer server = surroundings().interrupts().guard(AgentServer.start(config))) {
            // Said at once: whoever starts an agent waits for this line.
            surroundings()
                    .terminal()
                    .print(
                            Outcome.ok(
                                    "agent",
                                    Map.of("address", server.address()),
                                    "agent listens on " + server.address()),
                            options().json());
            server.join();
            return Outcome.silent();
        }
    }
}
