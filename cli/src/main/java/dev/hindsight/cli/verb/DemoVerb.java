package dev.hindsight.cli.verb;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.demo.Demo;
import dev.hindsight.cli.demo.DemoResult;
import dev.hindsight.cli.demo.DemoVerbs;
import dev.hindsight.cli.output.Outcome;
import dev.hindsight.cli.output.Terminal;
import dev.hindsight.cli.output.Text;
import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.server.document.DocumentTree;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "demo",
        description = {
            "See it work on a real 3-node cluster, from the first backup to the last comparison.",
            "Data, backup, protection, an accident and the second before it, a disaster, a restore into a 2-node ring.",
            "Needs no configuration, about 3 GiB of memory and a few minutes; leaves nothing behind."
        })
final class DemoVerb extends Verb {
    private final Function<Surroundings, CommandLine> commands;

    @Option(names = "--keep", description = "Leave both rings running until Ctrl-C, and say how to reach them.")
    private boolean keep;

    /** @param commands makes this same command line for other surroundings */
    DemoVerb(GlobalOptions options, Surroundings surroundings, Function<Surroundings, CommandLine> commands) {
        super(options, surroundings);
        this.commands = commands;
    }

    @Override
    Outcome run() throws InterruptedException {
        Terminal terminal = surroundings().terminal();
        Storyteller narrator = new Storyteller(
                options().json() ? terminal.err() : terminal.out(),
                options().json() ? terminal.errTerminal() : terminal.outTerminal(),
                options().quiet());
        Demo demo = surroundings().interrupts().guard(new Demo(place(), new InProcess(), narrator, keep));
        try (demo) {
            DemoResult result = demo.run();
            Outcome outcome = outcome(result);
            if (keep) {
                terminal.print(outcome, options().json());
                narrator.tell("");
                narrator.tell("both rings are running; end them with Ctrl-C here:");
                demo.reach().forEach(line -> narrator.tell("  " + line));
                new CountDownLatch(1).await();
            }
            return outcome;
        } finally {
            surroundings().interrupts().release(demo);
        }
    }

    private static Outcome outcome(DemoResult result) {
        List<String> facts = List.of(
                "rows",
                        Text.count(result.rowsExpected()) + " expected, " + Text.count(result.rowsRestored())
                                + " restored",
                "equal",
                        "at ALL: " + yes(result.restoredEqual()) + ", each replica by itself, without repair: "
                                + yes(result.replicasEqual()),
                "the second before",
                        "equal at " + result.pitrInstant() + ": " + yes(result.pitrEqual())
                                + result.captureLagP99Millis()
                                        .map(millis -> "; 99% of writes captured on all replicas within "
                                                + Text.seconds(millis / 1000))
                                        .orElse("; how soon writes were captured was not measured"),
                "stored",
                        Text.bytes(result.storedBytes()) + " for " + Text.bytes(result.replicaDataBytes())
                                + " of data on the nodes, "
                                + String.format(
                                        Locale.ROOT,
                                        "%.2f of it",
                                        (double) result.storedBytes() / Math.max(1, result.replicaDataBytes())),
                "took", Text.seconds(result.seconds()));
        String text =
                "\n" + Text.facts(facts) + (result.good() ? "" : "\nNOT EQUAL: " + Text.plain(result.difference()));
        return new Outcome(
                result.good() ? ExitCode.OK : ExitCode.VERIFICATION_FAILED,
                "demo",
                DocumentTree.fieldsOf(result),
                text);
    }

    private static String yes(boolean good) {
        return good ? "yes" : "NO";
    }

    /** Beside the program where that is known: the rings' data should lie on a disk, which a temporary directory may not. */
    private static Path place() {
        String name = "run-" + ProcessHandle.current().pid();
        String root = System.getProperty("hindsight.root");
        return root == null
                ? Path.of(System.getProperty("java.io.tmpdir", "."), "hindsight-demo-" + name)
                : Path.of(root, Demo.PARENT, name);
    }

    /** One line for each step; on a terminal what is going on stands there until it is done. */
    private record Storyteller(PrintStream out, boolean terminal, boolean quiet) implements Demo.Teller {
        @Override
        public void begins(String what) {
            if (terminal && !quiet) {
                out.print("     ...  " + what + "\r");
                out.flush();
            }
        }

        @Override
        public void tell(String line) {
            if (!quiet) {
                out.println(line);
                out.flush();
            }
        }
    }

    private final class InProcess implements DemoVerbs {
        private static final ObjectMapper MAPPER = new ObjectMapper();
        private @Nullable Path configuration;

        @Override
        public void use(Path file) {
            configuration = file;
        }

        @Override
        public JsonNode run(String... arguments) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            Surroundings mine = surroundings();
            Terminal captured = new Terminal(
                    new PrintStream(out, false, StandardCharsets.UTF_8),
                    new PrintStream(err, false, StandardCharsets.UTF_8),
                    false,
                    false,
                    false);
            List<String> all = new ArrayList<>(List.of("--json", "-c", String.valueOf(configuration)));
            all.addAll(Arrays.asList(arguments));
            int code = commands.apply(new Surroundings(
                            captured, mine.environment(), mine.workingDirectory(), mine.clock(), mine.interrupts()))
                    .execute(all.toArray(String[]::new));
            if (code != ExitCode.OK.code()) {
                throw new PreconditionFailedException(
                        "'hindsight " + String.join(" ", arguments) + "' ended with " + code + ":\n"
                                + err.toString(StandardCharsets.UTF_8) + out.toString(StandardCharsets.UTF_8),
                        "run the demo with --keep --debug, or report this");
            }
            try {
                return MAPPER.readTree(out.toString(StandardCharsets.UTF_8));
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(out.toString(StandardCharsets.UTF_8), e);
            }
        }
    }
}
