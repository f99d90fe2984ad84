package dev.hindsight.agent.snapshot;

import dev.hindsight.agent.api.SnapshotFile;
import dev.hindsight.agent.api.WireNames;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.UsageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The data directories as {@code <keyspace>/<table>-<id>/snapshots/<tag>/<file>}. Symbolic links below a data directory
 * are not followed: what they point at is not served, counted or deleted.
 */
final class SnapshotTree {
    private static final String SNAPSHOTS = "snapshots";

    /** One snapshot of one table in one data directory. */
    record SnapshotDirectory(int dataDirectory, String keyspace, String table, Path path) {}

    private final List<Path> dataDirectories;

    SnapshotTree(List<Path> dataDirectories) {
        this.dataDirectories = List.copyOf(dataDirectories);
    }

    List<String> tags(String prefix) {
        TreeSet<String> out = new TreeSet<>();
        for (SnapshotDirectory table : tables(keyspace -> true)) {
            for (Path tag : directories(table.path().resolve(SNAPSHOTS))) {
                String name = name(tag);
                if (name.startsWith(prefix) && WireNames.isTag(name)) {
                    out.add(name);
                }
            }
        }
        return List.copyOf(out);
    }

    /** Where a tag has something, by keyspace, table, data directory. */
    List<SnapshotDirectory> ofTag(String tag) {
        WireNames.tag(tag);
        List<SnapshotDirectory> out = new ArrayList<>();
        for (SnapshotDirectory table : tables(keyspace -> true)) {
            Path snapshots = table.path().resolve(SNAPSHOTS);
            Path path = snapshots.resolve(tag);
            if (Files.isDirectory(snapshots, LinkOption.NOFOLLOW_LINKS)
                    && Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                out.add(new SnapshotDirectory(table.dataDirectory(), table.keyspace(), table.table(), path));
            }
        }
        return out;
    }

    /** Table directories (not snapshots) of some keyspaces. */
    List<SnapshotDirectory> tables(Predicate<String> keyspaces) {
        List<SnapshotDirectory> out = new ArrayList<>();
        for (int i = 0; i < dataDirectories.size(); i++) {
            for (Path keyspace : directories(dataDirectories.get(i))) {
                if (!WireNames.isKeyspace(name(keyspace)) || !keyspaces.test(name(keyspace))) {
                    continue;
                }
                for (Path table : directories(keyspace)) {
                    if (WireNames.isTableDirectory(name(table))) {
                        out.add(new SnapshotDirectory(i, name(keyspace), name(table), table));
                    }
                }
            }
        }
        return out;
    }

    /**
     * The path of a file inside a snapshot, checked by its parts and again after all links are resolved.
     *
     * @throws UsageException a part is no plain name, or the file is not really there
     * @throws NotFoundException no such file
     */
    Path file(SnapshotFile file) {
        WireNames.tag(file.tag());
        WireNames.keyspace(file.keyspace());
        WireNames.tableDirectory(file.table());
        WireNames.sstableFile(file.file());
        if (file.dataDirectory() < 0 || file.dataDirectory() >= dataDirectories.size()) {
            throw new UsageException(
                    "data directory " + file.dataDirectory() + " does not exist, there are " + dataDirectories.size(),
                    "take the number from the snapshot's listing");
        }
        try {
            Path inside = dataDirectories
                    .get(file.dataDirectory())
                    .toRealPath()
                    .resolve(file.keyspace())
                    .resolve(file.table())
                    .resolve(SNAPSHOTS)
                    .resolve(file.tag());
            Path real = inside.resolve(file.file()).toRealPath();
            if (!inside.equals(real.getParent()) || !Files.isRegularFile(real, LinkOption.NOFOLLOW_LINKS)) {
                throw new UsageException(
                        file.file() + " of snapshot " + file.tag() + " leads out of its snapshot directory",
                        "links below a data directory are not followed; move the directory instead");
            }
            return real;
        } catch (NoSuchFileException | NotDirectoryException e) {
            throw new NotFoundException(
                    "snapshot " + file.tag() + " of " + file.keyspace() + "/" + file.table() + " has no " + file.file(),
                    "list the snapshot again; it may have expired or been cleared",
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes a tag's directories; what is not there is no error. */
    int remove(String tag) {
        int removed = 0;
        for (SnapshotDirectory directory : ofTag(tag)) {
            try {
                removeTree(directory.path());
                removed++;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return removed;
    }

    private static void removeTree(Path root) throws IOException {
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw e;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @org.jspecify.annotations.Nullable IOException e)
                    throws IOException {
                if (e != null) {
                    throw e;
                }
                Files.deleteIfExists(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** Real sub-directories by name; none when the directory is not there. */
    private static List<Path> directories(Path parent) {
        List<Path> out = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(parent)) {
            for (Path path : stream) {
                if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                    out.add(path);
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        out.sort(null);
        return out;
    }

    static String name(Path path) {
        return String.valueOf(path.getFileName());
    }
}
