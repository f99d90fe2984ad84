package dev.hindsight.synthesis;

import java.nio.file.Path;
import java.util.List;

/**
 * One SSTable that was written and closed.
 *
 * @param files every component, {@code TOC.txt} last
 */
public record OutputSSTable(
        String group,
        String descriptor,
        List<Path> files,
        long firstToken,
        long lastToken,
        long partitions,
        long rows) {
    public OutputSSTable {
        files = List.copyOf(files);
    }
}
