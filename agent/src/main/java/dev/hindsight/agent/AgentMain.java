package dev.hindsight.agent;

import dev.hindsight.model.SuppressForbidden;
import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.model.failure.HindsightException;
import picocli.CommandLine;

/** Entry point of the agent's own distribution. */
public final class AgentMain {
    private AgentMain() {}

    @SuppressForbidden(reason = "main ends the process with the documented exit code")
    public static void main(String[] args) {
        CommandLine command = new CommandLine(new AgentCommand());
        command.setExecutionExceptionHandler((failure, line, result) -> {
            if (failure instanceof HindsightException known) {
                line.getErr().println("error: " + known.getMessage());
                line.getErr().println("hint: " + known.hint());
                return known.exitCode().code();
            }
            throw failure;
        });
        int code = command.execute(args);
        if (code != ExitCode.OK.code()) {
            System.exit(code);
        }
    }
}
