package dev.hindsight.repository.document;

import java.nio.file.Files;
import java.nio.file.Path;

/** Run by hand, until a format gets its first release: writes the golden files that are never changed from then on. */
final class GoldenFiles {
    private GoldenFiles() {}

    public static void main(String[] directory) throws Exception {
        Path into = Files.createDirectories(Path.of(directory[0]));
        for (Record document : SamplesOfFormat4.all()) {
            Files.write(into.resolve(document.getClass().getSimpleName() + ".json"), Documents.toBytes(document));
        }
    }
}
