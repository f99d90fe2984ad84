package dev.hindsight.synthesis.cursor;

import dev.hindsight.codec.sstable.write.WriteListener;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import java.nio.file.Path;

/**
 * Books what is written: into the progress, and as reserved scratch when the outputs lie below it. What was reserved stays
 * so, as the files do; only a failed task gives it back. One thread.
 */
public final class OutputAccount implements WriteListener {
    private final Scratch scratch;
    private final boolean inScratch;
    private final SynthesisProgress progress;
    private long reserved;

    public OutputAccount(Scratch scratch, Path outputDirectory, SynthesisProgress progress) {
        this.scratch = scratch;
        this.inScratch = outputDirectory
                .toAbsolutePath()
                .normalize()
                .startsWith(scratch.directory().toAbsolutePath().normalize());
        this.progress = progress;
    }

    @Override
    public void data(long bytes) {
        other(bytes);
        progress.written(bytes);
    }

    @Override
    public void other(long bytes) {
        if (inScratch) {
            scratch.reserve(bytes);
            reserved += bytes;
        }
    }

    @Override
    public void temporary(long bytes) {
        if (bytes >= 0) {
            other(bytes);
        } else if (inScratch) {
            scratch.release(-bytes);
            reserved += bytes;
        }
    }

    public void giveBack() {
        scratch.release(reserved);
        reserved = 0;
    }
}
