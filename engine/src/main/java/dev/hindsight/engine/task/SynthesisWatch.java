package dev.hindsight.engine.task;

import dev.hindsight.synthesis.SynthesisProgress;

/** Tells when the first output is written, which is after the first inputs were fetched. */
final class SynthesisWatch implements SynthesisProgress {
    private final Runnable onFirstWrite;
    private volatile boolean written;

    SynthesisWatch(Runnable onFirstWrite) {
        this.onFirstWrite = onFirstWrite;
    }

    @Override
    public void written(long bytes) {
        if (!written) {
            written = true;
            onFirstWrite.run();
        }
    }
}
