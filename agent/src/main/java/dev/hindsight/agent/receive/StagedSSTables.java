package dev.hindsight.agent.receive;

import dev.hindsight.agent.api.WireNames;
import dev.hindsight.model.failure.PreconditionFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Whole SSTables in a directory, by their own tables of contents. */
final class StagedSSTables {
    private StagedSSTables() {}

    static int count(Path directory) {
        return (int) DurableFiles.list(directory).stream()
                .filter(path -> String.valueOf(path.getFileName()).endsWith("-Data.db"))
                .count();
    }

    /**
     * @return how many SSTables there are
     * @throws PreconditionFailedException one lacks a component
     */
    static int requireWhole(Path directory) throws IOException {
        TreeMap<String, Set<String>> sstables = new TreeMap<>();
        for (Path path : DurableFiles.list(directory)) {
            String name = String.valueOf(path.getFileName());
            if (WireNames.isSSTableFile(name)) {
                sstables.computeIfAbsent(WireNames.descriptorOf(name), key -> new TreeSet<>())
                        .add(WireNames.componentOf(name));
            }
        }
        for (var sstable : sstables.entrySet()) {
            Set<String> missing = new TreeSet<>(List.of("Data.db", "Statistics.db", "TOC.txt"));
            Path contents = directory.resolve(sstable.getKey() + "-TOC.txt");
            if (Files.exists(contents)) {
                Files.readAllLines(contents).stream()
                        .map(String::strip)
                        .filter(line -> WireNames.isSSTableFile(sstable.getKey() + "-" + line))
                        .forEach(missing::add);
            }
            missing.removeAll(sstable.getValue());
            if (!missing.isEmpty()) {
                throw new PreconditionFailedException(
                        "SSTable " + sstable.getKey() + " in " + directory + " lacks " + missing,
                        "send its missing components, or discard the import");
            }
        }
        return sstables.size();
    }
}
