package dev.hindsight.synthesis.fingerprint;

import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.LocalDisk;
import java.io.IOException;
import java.nio.file.Path;

/** What is said when a file in scratch fails. */
final class ScratchFiles {
    private ScratchFiles() {}

    static HindsightException unusable(Path file, IOException cause) {
        return LocalDisk.notWritten("scratch file", file, cause);
    }
}
