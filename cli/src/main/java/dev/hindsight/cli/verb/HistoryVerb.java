package dev.hindsight.cli.verb;

import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.Workbench;
import dev.hindsight.cli.config.HindsightConfig;
import dev.hindsight.cli.output.Outcome;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.journal.HistoryRequest;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "history",
        description = {
            "Show every version of a row or a partition of a protected table.",
            "Of each: what was done to it and when, and what it was before and after."
        })
final class HistoryVerb extends Verb {
    private final Workbench workbench;

    @Parameters(paramLabel = "K.T", converter = TableNameConverter.class, description = "The table.")
    private TableName table = new TableName("k", "t");

    @Option(
            names = "--key",
            required = true,
            paramLabel = "KEY",
            description = {
                "As after WHERE: \"id=7 AND day='2026-11-23'\"; with clustering columns, of one row.",
                "Only the value where the partition key is one column: 7"
            })
    private String key = "";

    @Option(
            names = "--from",
            paramLabel = "INSTANT",
            description = "Versions since then (RFC 3339, or -5m); else since the window opened.")
    private @Nullable String from;

    @Option(names = "--to", paramLabel = "INSTANT", description = "Versions up to then; else up to now.")
    private @Nullable String to;

    @Option(names = "--limit", paramLabel = "N", description = "The newest N versions (default: ${DEFAULT-VALUE}).")
    private int limit = HistoryRequest.USUAL_LIMIT;

    @Option(names = "--no-seal", description = "Show what is known now, without numbering first what was captured.")
    private boolean noSeal;

    HistoryVerb(GlobalOptions options, Surroundings surroundings, Workbench workbench) {
        super(options, surroundings);
        this.workbench = workbench;
    }

    @Override
    Outcome run() {
        HistoryRequest request = new HistoryRequest(table, key, instant("--from", from), instant("--to", to), limit);
        HindsightConfig config = config();
        return HistoryViews.history(withProgress(progress -> workbench.history(config, request, !noSeal, progress)));
    }

    private Optional<Instant> instant(String option, @Nullable String text) {
        Instant now = surroundings().clock().instant();
        Optional<Instant> instant = Optional.ofNullable(text).map(given -> InstantConverter.parse(option, given, now));
        instant.filter(at -> at.isAfter(now)).ifPresent(at -> {
            throw new UsageException(option + " " + at + " is in the future", "now is " + now);
        });
        return instant;
    }
}
