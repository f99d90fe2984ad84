package dev.hindsight.synthesis.cursor;

import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.codec.bytes.LocalFile;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.OutputSSTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a merge has just written, as inputs of the next one. Holds the files open until it is closed. One thread. */
public final class LocalSSTables implements AutoCloseable {
    private static final String ORIGIN = "scratch";

    private final List<LocalFile> open = new ArrayList<>();

    /** Restricted to {@code ranges}. */
    public List<InputSSTable> open(List<OutputSSTable> outputs, TokenRanges ranges) {
        List<InputSSTable> out = new ArrayList<>();
        for (OutputSSTable output : outputs) {
            Map<String, ByteSource> components = new LinkedHashMap<>();
            for (Path file : output.files()) {
                LocalFile source = LocalFile.open(file);
                open.add(source);
                components.put(
                        file.getFileName()
                                .toString()
                                .substring(output.descriptor().length() + 1),
                        source);
            }
            out.add(new InputSSTable(ORIGIN, output.descriptor(), components, ranges));
        }
        return out;
    }

    @Override
    public void close() {
        open.forEach(LocalFile::close);
    }
}
