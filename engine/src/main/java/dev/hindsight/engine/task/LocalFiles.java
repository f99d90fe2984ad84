package dev.hindsight.engine.task;

import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.repository.digest.Digests;
import dev.hindsight.repository.document.RestoreStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files of outputs and what identifies them. */
final class LocalFiles {
    private LocalFiles() {}

    /** Name, size and SHA-256 (hex) of a file. */
    static RestoreStep.File identify(Path file) {
        try {
            String sha256 = Digests.of(file).substring(Digests.PREFIX.length());
            return new RestoreStep.File(file.getFileName().toString(), Files.size(file), sha256);
        } catch (IOException e) {
            throw new NotAppliedException(
                    "file " + file + " cannot be read: " + e.getMessage(), "look at that disk, then run again", e);
        }
    }

    /** Whether a file of a directory is there with these bytes. */
    static boolean matches(Path directory, RestoreStep.File wanted) {
        Path file = directory.resolve(wanted.name());
        try {
            return Files.isRegularFile(file)
                    && Files.size(file) == wanted.sizeBytes()
                    && identify(file).equals(wanted);
        } catch (IOException e) {
            return false;
        }
    }
}
