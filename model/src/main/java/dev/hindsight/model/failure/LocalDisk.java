package dev.hindsight.model.failure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a failed write to a local file means. */
public final class LocalDisk {
    /** What is left of a disk that is as good as full. */
    private static final long NEXT_TO_NOTHING = 64 << 10;

    private LocalDisk() {}

    /**
     * The failure to throw.
     *
     * @param what the file is: the beginning of the message, before its path
     * @return a {@link CapacityException} when its disk is full
     */
    public static HindsightException notWritten(String what, Path file, IOException cause) {
        String subject = what.isEmpty() ? file.toString() : what + " " + file;
        if (isFull(file, cause)) {
            return new CapacityException(
                    subject + " cannot be written, there is no space: " + cause.getMessage(),
                    "make space on that disk or use another one, then run the same command again",
                    cause);
        }
        return new NotAppliedException(
                subject + " cannot be written: " + cause,
                "look at the disk that holds it, then run the same command again",
                cause);
    }

    /** The JDK tells it only by the system's text, which may be in any language: so look as well. */
    private static boolean isFull(Path file, IOException cause) {
        String said = String.valueOf(cause.getMessage());
        if (said.contains("No space left") || said.contains("Disk quota exceeded") || said.contains("File too large")) {
            return true;
        }
        try {
            Path there = Files.exists(file) ? file : file.toAbsolutePath().getParent();
            return there != null && Files.getFileStore(there).getUsableSpace() < NEXT_TO_NOTHING;
        } catch (IOException unknown) {
            cause.addSuppressed(unknown);
            return false;
        }
    }
}
