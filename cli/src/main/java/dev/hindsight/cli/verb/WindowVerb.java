package dev.hindsight.cli.verb;

import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.Workbench;
import dev.hindsight.cli.output.Outcome;
import dev.hindsight.model.schema.TableName;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "window",
        description = "Say which instants of a protected table can be restored, and what each surely holds.")
final class WindowVerb extends Verb {
    private final Workbench workbench;

    @Parameters(paramLabel = "K.T", converter = TableNameConverter.class, description = "The table.")
    private TableName table = new TableName("k", "t");

    @Option(
            names = "--at",
            paramLabel = "INSTANT",
            description = "This instant only (RFC 3339, or -5m); exit code 5 if it cannot be restored.")
    private @Nullable String at;

    @Option(names = "--no-seal", description = "Say what is known now, without numbering first what was captured.")
    private boolean noSeal;

    WindowVerb(GlobalOptions options, Surroundings surroundings, Workbench workbench) {
        super(options, surroundings);
        this.workbench = workbench;
    }

    @Override
    Outcome run() {
        Optional<Instant> instant = Optional.ofNullable(at)
                .map(text -> InstantConverter.parse(
                        "--at", text, surroundings().clock().instant()));
        return JournalViews.window(workbench.window(config(), table, instant, !noSeal));
    }
}
