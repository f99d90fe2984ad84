package dev.hindsight.oracle;

import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import java.nio.file.Path;

/**
 * Books what is written: into the progress, and as reserved scratch when the outputs lie below it. What was reserved stays
 * so, as the files do; only a failed task gives it back.
 */
final class OutputAccount {
    private final Scratch scratch;
    private final boolean inScratch;
    private final SynthesisProgress progress;
    private long reserved;

    OutputAccount(Scratch scratch, Path outputDirectory, SynthesisProgress progress) {
        this.scratch = scratch;
        this.inScratch = outputDirectory
                .toAbsolutePath()
                .normalize()
                .startsWith(scratch.directory().toAbsolutePath().normalize());
        this.progress = progress;
    }

    void data(long bytes) {
        progress.written(Math.max(0, bytes));
        other(bytes);
    }

    void other(long bytes) {
        if (inScratch) {
            scratch.reserve(bytes);
            reserved += bytes;
        }
    }

    void giveBack() {
        scratch.release(reserved);
        reserved = 0;
    }
}
