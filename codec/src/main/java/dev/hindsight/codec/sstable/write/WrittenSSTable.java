package dev.hindsight.codec.sstable.write;

import java.nio.file.Path;
import java.util.List;

/**
 * An SSTable that was written and closed.
 *
 * @param descriptor e.g. {@code nb-1-big}
 * @param components all of them, TOC.txt last: whoever sees it sees the rest
 * @param rows without static rows and range tombstone markers
 * @param uncompressedBytes of Data.db
 */
public record WrittenSSTable(
        String descriptor,
        List<Component> components,
        long firstToken,
        long lastToken,
        long partitions,
        long rows,
        long uncompressedBytes) {
    /** One file. */
    public record Component(Path path, long bytes) {}

    public WrittenSSTable {
        components = List.copyOf(components);
    }

    public List<Path> files() {
        return components.stream().map(Component::path).toList();
    }

    public long totalBytes() {
        return components.stream().mapToLong(Component::bytes).sum();
    }
}
