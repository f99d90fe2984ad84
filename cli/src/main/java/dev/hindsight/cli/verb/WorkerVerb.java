package dev.hindsight.cli.verb;

import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.config.HindsightConfig;
import dev.hindsight.cli.live.WorkerContexts;
import dev.hindsight.cli.output.Outcome;
import dev.hindsight.engine.local.WorkerLoop;
import java.io.InputStream;
import picocli.CommandLine.Command;
import sun.misc.Signal;
import sun.misc.SignalHandler;

@Command(
        name = "worker",
        description = {
            "Run shard tasks for a coordinator: one JSON document a line, tasks on stdin, results on stdout.",
            "Started by the other verbs; ends when its stdin does."
        })
final class WorkerVerb extends Verb {
    private final InputStream in;

    WorkerVerb(GlobalOptions options, Surroundings surroundings, InputStream in) {
        super(options, surroundings);
        this.in = in;
    }

    @Override
    Outcome run() {
        HindsightConfig config = config();
        // Ctrl-C reaches the whole process group; the coordinator alone decides when its workers end.
        Signal.handle(new Signal("INT"), SignalHandler.SIG_IGN);
        WorkerContexts contexts = new WorkerContexts(config, surroundings().environment());
        WorkerLoop.run(in, surroundings().terminal().out(), contexts::open);
        return Outcome.silent();
    }
}
