package dev.hindsight.synthesis.fingerprint;

/**
 * Writes fingerprints of the runs that were compared, of their merged state: what is new and the layers that were read. A
 * layer that was not leaves the state less than all there is, but all of it is in the chain, which is what a fingerprint
 * says. Gets the partitions of just these runs. One thread.
 */
public final class MergedRuns implements Runs {
    private final Verdicts.Reader verdicts;
    private final FingerprintWriter to;
    private boolean inRun;
    private long start;
    private long end;
    private boolean known;

    /** @param verdicts read here and nowhere else; closed by whoever made it */
    public MergedRuns(Verdicts.Reader verdicts, FingerprintWriter to) {
        this.verdicts = verdicts;
        this.to = to;
    }

    @Override
    public void restart() {
        to.restart();
        inRun = false;
    }

    @Override
    public void before(long token, RunContent content) {
        if (inRun && token > end) {
            close(content);
        }
        if (!inRun && verdicts.find(token)) {
            inRun = true;
            start = verdicts.start();
            end = verdicts.end();
            known = verdicts.isKnownRun();
        }
    }

    private void close(RunContent content) {
        long hash = content.take();
        if (known) {
            to.add(start, end, hash);
        }
        inRun = false;
    }

    @Override
    public void end(RunContent content) {
        if (inRun) {
            close(content);
        }
        to.finish();
    }
}
