package dev.hindsight.cli;

import dev.hindsight.cli.live.LiveWorkbench;
import dev.hindsight.cli.output.Terminal;
import dev.hindsight.model.SuppressForbidden;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.Map;

/** The process: {@code ./hindsight} and its children begin here, and only here is it ended. */
public final class Main {
    private Main() {}

    /** @see HindsightCommand */
    @SuppressForbidden(reason = "the only place that ends the process")
    public static void main(String[] arguments) {
        logLevels(arguments);
        Interrupts interrupts = Interrupts.watch(Thread.currentThread());
        int code;
        try {
            code = HindsightCommand.commandLine(
                            surroundings(interrupts), new LiveWorkbench(System.getenv(), Clock.systemUTC(), interrupts))
                    .execute(arguments);
        } finally {
            interrupts.finished();
        }
        System.exit(code);
    }

    private static Surroundings surroundings(Interrupts interrupts) {
        Map<String, String> environment = System.getenv();
        boolean colour = !environment.containsKey("NO_COLOR") && !"dumb".equals(environment.get("TERM"));
        return new Surroundings(
                new Terminal(
                        stream(FileDescriptor.out),
                        stream(FileDescriptor.err),
                        Boolean.getBoolean("hindsight.stdout.terminal"),
                        Boolean.getBoolean("hindsight.stderr.terminal"),
                        colour),
                environment,
                Path.of("").toAbsolutePath(),
                Clock.systemUTC(),
                interrupts);
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), false, StandardCharsets.UTF_8);
    }

    /** Before the first logger exists: services tell their diary, verbs only warn. */
    private static void logLevels(String[] arguments) {
        boolean debug = Arrays.asList(arguments).contains("--debug");
        boolean service = Arrays.asList(arguments).contains("agent")
                || Arrays.asList(arguments).contains("serve");
        System.setProperty("hindsight.log.level", debug ? "DEBUG" : service ? "INFO" : "WARN");
        System.setProperty("hindsight.log.stacks", debug ? "full" : "0");
    }
}
