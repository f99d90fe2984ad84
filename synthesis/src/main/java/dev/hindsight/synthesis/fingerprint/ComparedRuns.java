package dev.hindsight.synthesis.fingerprint;

/**
 * Holds each run of what may be new against the runs of the layers below, and writes the verdict. One thread.
 */
public final class ComparedRuns implements Runs {
    private final LayeredRuns layers;
    private final long newestBelowMicros;
    private final Verdicts to;
    private boolean inRun;

    /** @param newestBelowMicros no write time of any layer below is later */
    public ComparedRuns(LayeredRuns layers, long newestBelowMicros, Verdicts to) {
        this.layers = layers;
        this.newestBelowMicros = newestBelowMicros;
        this.to = to;
    }

    @Override
    public void restart() {
        layers.restart();
        to.restart();
        inRun = false;
    }

    @Override
    public void before(long token, RunContent content) {
        if (inRun && token > layers.end()) {
            decide(content);
        }
        if (!inRun) {
            layers.find(token);
            inRun = true;
        }
    }

    private void decide(RunContent content) {
        long partitions = content.partitions();
        boolean told = content.minTimestampMicros() != Long.MAX_VALUE;
        long earliest = told ? content.minTimestampMicros() : Long.MIN_VALUE;
        long hash = content.take();
        Verdict verdict =
                layers.has(hash) ? Verdict.KNOWN : earliest > newestBelowMicros ? Verdict.NEW : Verdict.COMPARE;
        to.add(layers.start(), layers.end(), earliest, layers.isKnown(), verdict, partitions);
        inRun = false;
    }

    @Override
    public void end(RunContent content) {
        if (inRun) {
            decide(content);
        }
        to.close();
    }
}
