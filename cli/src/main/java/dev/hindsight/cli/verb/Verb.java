package dev.hindsight.cli.verb;

import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.config.ConfigLocation;
import dev.hindsight.cli.config.HindsightConfig;
import dev.hindsight.cli.output.Outcome;
import dev.hindsight.cli.output.ProgressPrinter;
import dev.hindsight.operations.ProgressListener;
import java.util.concurrent.Callable;
import java.util.function.Function;

/** What all verbs share: configuration, progress, printing of the outcome. */
abstract class Verb implements Callable<Integer> {
    private final GlobalOptions options;
    private final Surroundings surroundings;

    Verb(GlobalOptions options, Surroundings surroundings) {
        this.options = options;
        this.surroundings = surroundings;
    }

    /** Does the work; failures are exceptions. */
    abstract Outcome run() throws Exception;

    @Override
    public final Integer call() throws Exception {
        Outcome outcome = run();
        surroundings.terminal().print(outcome, options.json());
        return outcome.exitCode().code();
    }

    final GlobalOptions options() {
        return options;
    }

    final Surroundings surroundings() {
        return surroundings;
    }

    final HindsightConfig config() {
        return HindsightConfig.load(ConfigLocation.HINDSIGHT.find(
                options.config(), surroundings.environment(), surroundings.workingDirectory()));
    }

    /** Runs {@code work} with progress on stderr, unless told to be quiet. */
    final <T> T withProgress(Function<ProgressListener, T> work) {
        if (options.quiet()) {
            return work.apply(ProgressListener.NONE);
        }
        try (ProgressPrinter printer = ProgressPrinter.start(
                surroundings.terminal().err(), surroundings.terminal().errTerminal())) {
            return work.apply(printer);
        }
    }
}
