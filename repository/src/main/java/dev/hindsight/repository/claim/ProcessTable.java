package dev.hindsight.repository.claim;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/**
 * What {@code /proc} shows of other users' processes. Mounted with {@code hidepid} it hides them, or what they are, so that
 * one which cannot be seen may well live. Immutable.
 *
 * @param proc where it is mounted
 */
record ProcessTable(Path proc) {
    private static final String HIDES = "hidepid=";
    private static final List<String> HIDES_NOTHING = List.of("0", "off");

    /** Whether a process of that id, which is not seen, would be seen if it were there, whoever's it is. */
    boolean wouldShow(long processId) {
        // The first process of the space of ids is there as long as any is.
        return showsAll() && Files.exists(proc.resolve("1")) && !mayBeThere(processId);
    }

    private boolean mayBeThere(long processId) {
        return !Files.notExists(proc.resolve(Long.toString(processId)), LinkOption.NOFOLLOW_LINKS);
    }

    /** Of several mounts in one place the last one is seen. */
    private boolean showsAll() {
        try {
            boolean shows = false;
            for (String line : Files.readAllLines(proc.resolve("self/mounts"), StandardCharsets.ISO_8859_1)) {
                String[] fields = line.split(" ");
                if (fields.length >= 4 && fields[1].equals(proc.toString())) {
                    shows = fields[2].equals("proc")
                            && List.of(fields[3].split(",")).stream()
                                    .allMatch(option -> !option.startsWith(HIDES)
                                            || HIDES_NOTHING.contains(option.substring(HIDES.length())));
                }
            }
            return shows;
        } catch (IOException | SecurityException e) {
            return false;
        }
    }
}
