package dev.hindsight.agent;

import dev.hindsight.agent.config.AgentConfig;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code agent -c agent.yaml}: runs until the process is told to end. Also a verb of the {@code hindsight} command. */
@Command(
        name = "hindsight-agent",
        mixinStandardHelpOptions = true,
        versionProvider = AgentCommand.Version.class,
        description = "Serves this node's snapshots to Hindsight and takes restored SSTables.")
public final class AgentCommand implements Callable<Integer> {
    /** For {@code --version}. */
    static final class Version implements picocli.CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"hindsight-agent " + AgentVersion.TEXT};
        }
    }

    @Option(
            names = {"-c", "--config"},
            required = true,
            paramLabel = "FILE",
            description = "the agent's configuration, agent.yaml")
    private Path config;

    @Override
    public Integer call() throws InterruptedException {
        AgentServer server = AgentServer.start(AgentConfig.load(config));
        Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop"));
        server.join();
        return 0;
    }
}
