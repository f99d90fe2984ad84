package dev.hindsight.testkit.fake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * Lets a run of this very process pass for one whose process has died, so that the next run in the same process cleans up
 * after it as it would after a kill.
 */
public final class DeadRuns {
    private static final Pattern PROCESS_ID = Pattern.compile("(\"processId\"\\s*:\\s*)\\d+");
    // Above the kernel's largest process id.
    private static final long NOBODY = 4_194_305;

    private DeadRuns() {}

    /** Rewrites the owner of every run directory below {@code scratch}. */
    public static void declareDead(Path scratch) {
        for (Path file : FileTrees.files(scratch)) {
            if (String.valueOf(file.getFileName()).endsWith("owner.json")) {
                try {
                    String text = Files.readString(file);
                    Files.writeString(file, PROCESS_ID.matcher(text).replaceAll("$1" + NOBODY));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }
}
