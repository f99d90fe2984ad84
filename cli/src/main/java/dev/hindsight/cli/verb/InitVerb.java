package dev.hindsight.cli.verb;

import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.Workbench;
import dev.hindsight.cli.output.JsonDocument;
import dev.hindsight.cli.output.Outcome;
import dev.hindsight.cli.output.Text;
import picocli.CommandLine.Command;

@Command(name = "init", description = "Make the repository; doing so again changes nothing.")
final class InitVerb extends Verb {
    private final Workbench workbench;

    InitVerb(GlobalOptions options, Surroundings surroundings, Workbench workbench) {
        super(options, surroundings);
        this.workbench = workbench;
    }

    @Override
    Outcome run() {
        Workbench.Initialised done = workbench.init(config());
        String text = "repository " + done.id() + (done.created() ? " made at " : " was there already, at ")
                + Text.plain(done.location());
        return Outcome.ok("init", JsonDocument.fieldsOf(done), text);
    }
}
