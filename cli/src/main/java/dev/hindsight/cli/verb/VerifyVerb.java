package dev.hindsight.cli.verb;

import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.Workbench;
import dev.hindsight.cli.config.HindsightConfig;
import dev.hindsight.cli.output.Outcome;
import dev.hindsight.operations.verify.VerifyRequest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "verify",
        description = {
            "Prove the repository good: catalogue, manifests, journals, every object's digest; opens the SSTables of a "
                    + "shard of every table.",
            "Names the tables, token ranges and restore points that are hurt, and the nearest good ones. "
                    + "Ends with 4 when anything is wrong."
        })
final class VerifyVerb extends Verb {
    private final Workbench workbench;

    @Parameters(
            arity = "0..1",
            paramLabel = "BACKUP",
            description = "One backup with those it builds on, or 'latest' (else all).")
    private @Nullable String backup;

    @ArgGroup(exclusive = true)
    private @Nullable Closeness closeness;

    @Option(
            names = "--rotate",
            paramLabel = "N/T",
            description = "With --bytes or --records: only the N-th of T parts; T runs cover everything once.")
    private @Nullable String rotate;

    /** How closely to look. */
    static final class Closeness {
        @Option(names = "--refs", description = "Objects are there and have their sizes; reads no data.")
        private boolean refs;

        @Option(names = "--bytes", description = "Every object's digest.")
        private boolean bytes;

        @Option(names = "--records", description = "Every row of every SSTable, counts and fingerprints as well.")
        private boolean records;

        private VerifyRequest.Level level() {
            if (records) {
                return VerifyRequest.Level.RECORDS;
            }
            return bytes ? VerifyRequest.Level.BYTES : refs ? VerifyRequest.Level.REFS : VerifyRequest.Level.SAMPLE;
        }
    }

    VerifyVerb(GlobalOptions options, Surroundings surroundings, Workbench workbench) {
        super(options, surroundings);
        this.workbench = workbench;
    }

    @Override
    Outcome run() {
        HindsightConfig config = config();
        VerifyRequest request = new VerifyRequest(
                Optional.ofNullable(backup),
                closeness == null ? VerifyRequest.Level.SAMPLE : closeness.level(),
                Optional.ofNullable(rotate).map(VerifyRequest.Rotation::parse));
        return VerifyViews.report(withProgress(progress -> workbench.verify(config, request, progress)));
    }
}
