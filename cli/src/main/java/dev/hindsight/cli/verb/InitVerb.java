package dev.hindsight.cli.verb;

import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.Workbench;
import dev.hindsight.cli.output.Outcome;
import dev.hindsight.cli.output.Text;
import dev.hindsight.server.document.DocumentTree;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "init", description = "Make the repository; doing so again changes nothing.")
final class InitVerb extends Verb {
    private final Workbench workbench;

    @Option(
            names = "--print-policy",
            description = "Make nothing; print the S3 policy that an agent needs to keep captures.")
    private boolean printPolicy;

    InitVerb(GlobalOptions options, Surroundings surroundings, Workbench workbench) {
        super(options, surroundings);
        this.workbench = workbench;
    }

    @Override
    Outcome run() {
        if (printPolicy) {
            return CapturePolicy.of(config().repository());
        }
        Workbench.Initialised done = workbench.init(config());
        String text = "repository " + done.id() + (done.created() ? " made at " : " was there already, at ")
                + Text.plain(done.location());
        return Outcome.ok("init", DocumentTree.fieldsOf(done), text);
    }
}
