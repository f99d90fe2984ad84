package dev.hindsight.repository.store;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Walks a {@link DirectoryStore}: plain files whose path is a key. What vanishes meanwhile is left out. */
final class DirectoryListing extends SimpleFileVisitor<Path> {
    private final Path root;
    private final String prefix;
    private final List<String> keys = new ArrayList<>();

    private DirectoryListing(Path root, String prefix) {
        this.root = root;
        this.prefix = prefix;
    }

    static List<String> of(Path root, String prefix) throws IOException {
        Path start = root.resolve(prefix.substring(0, prefix.lastIndexOf('/') + 1));
        if (!Files.isDirectory(start, LinkOption.NOFOLLOW_LINKS) && !start.equals(root)) {
            return List.of();
        }
        DirectoryListing listing = new DirectoryListing(root, prefix);
        Files.walkFileTree(start, listing);
        return List.copyOf(listing.keys);
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
        String path = keyOf(directory);
        boolean mayHold = path.isEmpty() || path.startsWith(prefix) || prefix.startsWith(path + "/");
        return mayHold && !path.equals(ObjectKeys.RESERVED) ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
        String key = keyOf(file);
        if (attributes.isRegularFile() && key.startsWith(prefix) && ObjectKeys.isValid(key)) {
            keys.add(key);
        }
        return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
        return goOn(failure);
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure) throws IOException {
        return failure == null ? FileVisitResult.CONTINUE : goOn(failure);
    }

    private static FileVisitResult goOn(IOException failure) throws IOException {
        if (failure instanceof NoSuchFileException) {
            return FileVisitResult.CONTINUE;
        }
        throw failure;
    }

    private String keyOf(Path path) {
        return root.relativize(path).toString().replace('\\', '/');
    }
}
