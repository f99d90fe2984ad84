package dev.hindsight.synthesis.fingerprint;

import dev.hindsight.model.failure.NotAppliedException;
import java.io.IOException;
import java.nio.file.Path;

/** What is said when a file in scratch fails. */
final class ScratchFiles {
    private ScratchFiles() {}

    static NotAppliedException unusable(Path file, IOException cause) {
        return new NotAppliedException(
                "scratch file " + file + " cannot be used: " + cause.getMessage(),
                "look at the disk that holds it, then run the same command again",
                cause);
    }
}
