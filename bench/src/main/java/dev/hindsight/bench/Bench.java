package dev.hindsight.bench;

import dev.hindsight.bench.synthesis.SynthesisBench;
import dev.hindsight.model.SuppressForbidden;
import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.model.failure.HindsightException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program behind {@code ./hindsight bench}; each subcommand is one measurement. */
@Command(
        name = "hindsight bench",
        synopsisSubcommandLabel = "MEASUREMENT",
        description = "Measure Hindsight on this machine; what was measured before is in docs/MEASUREMENTS.md.",
        mixinStandardHelpOptions = true,
        subcommands = {BackupBench.class, ChainBench.class, ProtectBench.class, SynthesisBench.class})
public final class Bench implements Runnable {
    @Spec
    private CommandSpec spec;

    private Bench() {
        this.spec = CommandSpec.create();
    }

    @SuppressForbidden(reason = "main ends the process")
    public static void main(String[] arguments) {
        System.setProperty("hindsight.log.level", "WARN");
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Bench());
        line.setUsageHelpWidth(100);
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            if (failure instanceof HindsightException known) {
                command.getErr().println("error: " + known.getMessage());
                command.getErr().println("hint: " + known.hint());
                return known.exitCode().code();
            }
            failure.printStackTrace(command.getErr());
            return ExitCode.ERROR.code();
        });
        return line;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no measurement named");
    }
}
