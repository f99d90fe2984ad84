package dev.hindsight.repository.store;

import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.OutcomeUnknownException;
import dev.hindsight.model.failure.RepositoryMissingException;
import dev.hindsight.model.failure.StoreUnreachableException;
import dev.hindsight.model.failure.UsageException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Objects as plain files below one directory: the key is the path. On a local disk or a network file system with hard
 * links.
 *
 * <p>A put writes {@code tmp/<random>.part}, syncs it, makes it visible with link(2), which fails if the name exists,
 * and syncs the directories: all or nothing, durable, and one winner among any number of processes and hosts. A delete
 * is not synced: what comes back after a power failure is garbage that the next collector finds. Parts that a killed
 * process left are removed by a later put once they are a day old by the file system's own clock.
 *
 * <p>Files and directories that it makes are for their owner alone, or for the group as well ({@link Access}).
 *
 * <p>Symbolic links below the root are not followed out of it. Safe for use by several threads and processes; holds no
 * open files between calls.
 */
public final class DirectoryStore implements ObjectStore {
    /** How often a creator starts again because a deleter took away the directory it was about to use. */
    private static final int MAX_DIRECTORY_RACES = 1000;

    private final Path root;
    private final Access access;
    private final PartFiles parts;
    private final AtomicBoolean swept = new AtomicBoolean();

    DirectoryStore(Path root, Access access, PartFiles.Opener opener) {
        this.root = root;
        this.access = access;
        this.parts = new PartFiles(root.resolve(ObjectKeys.RESERVED), access, opener);
    }

    /** As {@link #open(Path, Access)}, for the owner alone. */
    public static DirectoryStore open(Path directory) {
        return open(directory, Access.OWNER);
    }

    /**
     * @param access of files and directories that are made from now on
     * @throws RepositoryMissingException when there is no such directory: perhaps it is not mounted
     */
    public static DirectoryStore open(Path directory, Access access) {
        try {
            Path real = directory.toRealPath();
            if (Files.isDirectory(real)) {
                return new DirectoryStore(real, access, PartFiles.plain(access));
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            throw missing(directory, e);
        } catch (IOException e) {
            throw DirectoryFailures.unreachable("directory " + directory, e);
        }
        throw missing(directory, new NotDirectoryException(directory.toString()));
    }

    /** As {@link #create(Path, Access)}, for the owner alone. */
    public static DirectoryStore create(Path directory) {
        return create(directory, Access.OWNER);
    }

    /**
     * As {@link #open(Path, Access)}, but makes the directory first if there is none. For {@code init} only. One that is
     * there keeps its permissions, and so do parents that others may use.
     */
    public static DirectoryStore create(Path directory, Access access) {
        try {
            Path missing = directory.toAbsolutePath();
            if (!Files.isDirectory(missing)) {
                Files.createDirectories(parentOf(missing));
                Files.createDirectories(missing, access.ofDirectory(missing));
            }
            for (Path up = missing.getParent(); up != null && Files.isWritable(up); up = up.getParent()) {
                DirectoryFailures.sync(up);
            }
        } catch (FileAlreadyExistsException e) {
            throw missing(directory, e);
        } catch (IOException e) {
            throw DirectoryFailures.unreachable("directory " + directory, e);
        }
        return open(directory, access);
    }

    @Override
    public String location() {
        return root.toString();
    }

    @Override
    public PutOutcome putIfAbsent(String key, Body body) {
        Path target = resolve(key);
        Failpoints.hit(Failpoint.OBJECT_PUT_BEFORE);
        requireRoot();
        PutOutcome outcome;
        if (present(key, target)) {
            outcome = PutOutcome.EXISTS;
            syncUpwards(key, target);
        } else {
            Path part = write(key, body);
            try {
                outcome = publish(key, part, target);
                syncUpwards(key, target);
            } finally {
                parts.discard(part);
            }
        }
        Failpoints.hit(Failpoint.OBJECT_PUT_AFTER);
        return outcome;
    }

    @Override
    public InputStream get(String key) {
        return Channels.newInputStream(openForRead(key));
    }

    @Override
    public void read(String key, long position, byte[] into, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (position < 0) {
            throw new IllegalArgumentException("position " + position + " of object " + key + " is negative");
        }
        try (FileChannel channel = openForRead(key)) {
            ByteBuffer buffer = ByteBuffer.wrap(into, offset, length);
            while (buffer.hasRemaining()) {
                if (channel.read(buffer, position + buffer.position() - offset) < 0) {
                    throw new EOFException();
                }
            }
        } catch (EOFException e) {
            throw new CorruptException(
                    "object " + key + ": ends before byte " + (position + length) + ", size "
                            + size(key).orElse(0) + " bytes",
                    "run 'hindsight verify' to see all that is damaged",
                    e);
        } catch (IOException e) {
            throw DirectoryFailures.unreachable("object " + key + " of " + root, e);
        }
    }

    @Override
    public OptionalLong size(String key) {
        Path path = resolve(key);
        try {
            requireInside(key, path);
            BasicFileAttributes attributes =
                    Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return attributes.isRegularFile() ? OptionalLong.of(attributes.size()) : OptionalLong.empty();
        } catch (NoSuchFileException | NotDirectoryException e) {
            return absent();
        } catch (IOException e) {
            if (DirectoryFailures.isNotDirectory(e)) {
                return absent();
            }
            throw DirectoryFailures.unreachable("object " + key + " of " + root, e);
        }
    }

    @Override
    public List<String> list(String prefix) {
        ObjectKeys.requirePrefix(prefix);
        requireRoot();
        try {
            return DirectoryListing.of(root, prefix);
        } catch (IOException e) {
            throw DirectoryFailures.unreachable("listing of " + root + "/" + prefix, e);
        }
    }

    @Override
    public void delete(String key) {
        Path path = resolve(key);
        try {
            requireInside(key, path);
            if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                return;
            }
            Files.deleteIfExists(path);
        } catch (NoSuchFileException | NotDirectoryException e) {
            requireRoot();
            return;
        } catch (IOException e) {
            if (DirectoryFailures.isNotDirectory(e)) {
                return;
            }
            throw DirectoryFailures.unreachable("object " + key + " of " + root, e);
        }
        removeEmptyParents(path);
    }

    private Path write(String key, Body body) {
        if (swept.compareAndSet(false, true)) {
            parts.sweep();
        }
        Path part = parts.newPart();
        boolean done = false;
        try (InputStream in = DirectoryFailures.openBody(key, body);
                FileChannel out = parts.open(part)) {
            long written = PartFiles.copy(key, in, out, body.sizeBytes());
            if (written != body.sizeBytes()) {
                throw DirectoryFailures.wrongSize(key, body.sizeBytes(), Long.toString(written));
            }
            out.force(true);
            done = true;
            return part;
        } catch (IOException e) {
            throw DirectoryFailures.notWritten(key, root, body.sizeBytes(), e);
        } finally {
            if (!done) {
                parts.discard(part);
            }
        }
    }

    private PutOutcome publish(String key, Path part, Path target) {
        for (int race = 0; race < MAX_DIRECTORY_RACES; race++) {
            try {
                Path below = parentOf(target);
                while (!Files.exists(below, LinkOption.NOFOLLOW_LINKS)) {
                    below = parentOf(below);
                }
                requireInside(key, below.resolve("any"));
                Path parent = parentOf(target);
                Files.createDirectories(parent, access.ofDirectory(parent));
                Files.createLink(target, part);
                return PutOutcome.CREATED;
            } catch (FileAlreadyExistsException e) {
                if (!wasDeletedMeanwhile(target, e)) {
                    return existing(key, part, target, e);
                }
            } catch (NoSuchFileException e) {
                if (!Files.exists(part)) {
                    throw new NotAppliedException(
                            "object " + key + ": its unfinished file " + part + " was removed before it was complete",
                            "repeat the command; check what else cleans " + part.getParent(),
                            e);
                }
            } catch (IOException | UnsupportedOperationException e) {
                throw DirectoryFailures.notLinked(key, root, e);
            }
        }
        throw new NotAppliedException(
                "object " + key + ": its directory was removed " + MAX_DIRECTORY_RACES + " times while it was created",
                "repeat the command; check what deletes directories below " + root);
    }

    /** A directory above that was in the way of being made again, and was deleted, empty, before it was looked at. */
    private static boolean wasDeletedMeanwhile(Path target, FileAlreadyExistsException e) {
        Path inTheWay = Path.of(e.getFile());
        return !inTheWay.equals(target)
                && (Files.notExists(inTheWay, LinkOption.NOFOLLOW_LINKS)
                        || Files.isDirectory(inTheWay, LinkOption.NOFOLLOW_LINKS));
    }

    /** A network file system may have linked and lost the answer: then the name is this very file. */
    private PutOutcome existing(String key, Path part, Path target, FileAlreadyExistsException cause) {
        try {
            if (Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)) {
                return Files.isSameFile(part, target) ? PutOutcome.CREATED : PutOutcome.EXISTS;
            }
        } catch (IOException e) {
            throw DirectoryFailures.unreachable("object " + key + " of " + root, e);
        }
        throw DirectoryFailures.notAKey(key, cause);
    }

    /** After this the names from the root down to the object survive a power failure, whoever made them. */
    private void syncUpwards(String key, Path target) {
        try {
            for (Path up = parentOf(target); up.startsWith(root); up = parentOf(up)) {
                DirectoryFailures.sync(up);
            }
        } catch (IOException e) {
            throw new OutcomeUnknownException(
                    "object " + key + " of " + root + " is visible, but may not survive a power failure: "
                            + e.getMessage(),
                    "check the disk, then repeat the command",
                    e);
        }
    }

    private void removeEmptyParents(Path path) {
        try {
            for (Path up = parentOf(path); !up.equals(root) && up.startsWith(root); up = parentOf(up)) {
                Files.delete(up);
            }
        } catch (DirectoryNotEmptyException | NoSuchFileException e) {
            return;
        } catch (IOException e) {
            // An empty directory holds nothing; it is not worth failing a delete that was done.
            return;
        }
    }

    private FileChannel openForRead(String key) {
        Path path = resolve(key);
        try {
            requireInside(key, path);
            if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                return FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            requireRoot();
            throw notFound(key, e);
        } catch (IOException e) {
            if (DirectoryFailures.isNotDirectory(e)) {
                throw notFound(key, e);
            }
            throw DirectoryFailures.unreachable("object " + key + " of " + root, e);
        }
        requireRoot();
        throw notFound(key, new NoSuchFileException(path.toString()));
    }

    private boolean present(String key, Path target) {
        if (Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
            throw DirectoryFailures.notAKey(key, new FileAlreadyExistsException(target.toString()));
        }
        return size(key).isPresent();
    }

    private OptionalLong absent() {
        requireRoot();
        return OptionalLong.empty();
    }

    /** An unmounted store must not look like an empty one. */
    private void requireRoot() {
        if (!Files.isDirectory(root)) {
            throw new StoreUnreachableException(
                    "directory " + root + " is not there any more", "mount it again, then repeat the command");
        }
    }

    private Path resolve(String key) {
        return root.resolve(ObjectKeys.require(key));
    }

    private void requireInside(String key, Path path) throws IOException {
        Path real = parentOf(path).toRealPath();
        if (!real.startsWith(root)) {
            throw new UsageException(
                    "object " + key + ": a symbolic link leads out of " + root + " to " + real,
                    "remove the link; everything of a repository lies below its root");
        }
    }

    private static Path parentOf(Path path) {
        Path parent = path.getParent();
        if (parent == null) {
            throw new IllegalStateException(path + " has no parent");
        }
        return parent;
    }

    private NotFoundException notFound(String key, IOException cause) {
        return new NotFoundException(
                "object " + key + " is not in " + root, "run 'hindsight verify' to see what is missing", cause);
    }

    private static RepositoryMissingException missing(Path directory, IOException cause) {
        return new RepositoryMissingException(
                "there is no directory " + directory + " for a repository",
                "check the path and that it is mounted, or make a repository with 'hindsight init'",
                cause);
    }
}
