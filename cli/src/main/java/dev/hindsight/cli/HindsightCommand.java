package dev.hindsight.cli;

import dev.hindsight.cli.output.Terminal;
import dev.hindsight.cli.verb.Verbs;
import dev.hindsight.model.failure.UsageException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The root command. {@link #commandLine} gives a parser with all verbs, error handling and exit codes in place. */
@Command(
        name = "hindsight",
        versionProvider = Version.class,
        synopsisSubcommandLabel = "VERB",
        description = "Backups of Apache Cassandra that hold every record once, and restores that need no repair.",
        footer = {
            "",
            "Exit codes: 0 done, 1 error, 2 usage, 3 partial, 4 verification failed, 5-16 see docs/OPERATIONS.md,",
            "130 interrupted. Any other code is a failure too."
        })
public final class HindsightCommand implements Runnable {
    @Mixin
    private GlobalOptions options;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Print the version.")
    private boolean version;

    @Spec
    private CommandSpec spec;

    private HindsightCommand() {
        this.options = new GlobalOptions();
        this.spec = CommandSpec.create();
        this.version = false;
    }

    /** A parser for one run. */
    public static CommandLine commandLine(Surroundings surroundings, Workbench workbench) {
        HindsightCommand root = new HindsightCommand();
        CommandLine line = new CommandLine(root);
        Verbs.addTo(line, root.options, surroundings, workbench, other -> commandLine(other, workbench));
        Terminal terminal = surroundings.terminal();
        line.setColorScheme(
                CommandLine.Help.defaultColorScheme(terminal.colour() && terminal.outTerminal() ? Ansi.ON : Ansi.OFF));
        line.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
        line.setUsageHelpAutoWidth(false);
        line.setUsageHelpWidth(100);
        line.setAbbreviatedOptionsAllowed(false);
        line.setExecutionExceptionHandler((error, command, parsed) ->
                Failures.report(error, terminal, root.options.json(), root.options.debug(), surroundings.interrupts()));
        line.setParameterExceptionHandler((error, arguments) -> {
            boolean json = root.options.json() || Arrays.asList(arguments).contains("--json");
            return Failures.report(usage(error), terminal, json, root.options.debug(), surroundings.interrupts());
        });
        return line;
    }

    boolean version() {
        return version;
    }

    /** No verb given. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no verb given");
    }

    private static UsageException usage(ParameterException error) {
        String name = error.getCommandLine().getCommandSpec().qualifiedName();
        String message = String.valueOf(error.getMessage());
        String hint = "see " + name + " --help";
        if (error instanceof UnmatchedArgumentException unmatched) {
            String near = unmatched.getSuggestions().isEmpty()
                    ? ""
                    : unmatched.getSuggestions().get(0);
            if (!near.isEmpty()) {
                hint = "did you mean '" + near.toLowerCase(Locale.ROOT) + "'? " + hint;
            }
        }
        return new UsageException(message, hint, error);
    }
}
