package dev.hindsight.repository.store;

import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.failure.StoreUnreachableException;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.failure.UsageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What went wrong on a disk, told as outcomes: {@link DirectoryStore} and its helpers. */
final class DirectoryFailures {
    private DirectoryFailures() {}

    static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** A body that cannot be read is the source's failure, not the store's: the two must not be mixed up. */
    static InputStream openBody(String key, Body body) {
        try {
            return body.open();
        } catch (IOException e) {
            throw sourceFailed(key, e);
        }
    }

    static int readBody(String key, InputStream in, byte[] buffer) {
        try {
            return in.read(buffer);
        } catch (IOException e) {
            throw sourceFailed(key, e);
        }
    }

    static HindsightException wrongSize(String key, long expected, String actual) {
        return new NotAppliedException(
                "object " + key + ": its source has " + actual + " bytes, announced were " + expected
                        + "; nothing was stored",
                "the source changed while it was read: repeat the command");
    }

    static HindsightException notWritten(String key, Path root, long sizeBytes, IOException e) {
        if (isFull(root, sizeBytes, e)) {
            return new CapacityException(
                    "object " + key + ": no space for " + sizeBytes + " bytes in " + root + ": " + reason(e)
                            + "; nothing was stored",
                    "make space or enlarge the file system, then repeat the command",
                    e);
        }
        return unreachable("object " + key + " of " + root, e);
    }

    static HindsightException notLinked(String key, Path root, Exception e) {
        if (e instanceof IOException io && isFull(root, 0, io)) {
            return notWritten(key, root, 0, io);
        }
        if (e instanceof IOException io && isNotDirectory(io)) {
            return notAKey(key, io);
        }
        boolean noLinks = e instanceof UnsupportedOperationException
                || (e instanceof FileSystemException && reason(e).contains("not permitted"));
        if (noLinks) {
            return new UnsupportedException(
                    "object " + key + ": the file system of " + root + " has no hard links: " + reason(e),
                    "put the repository on a file system with hard links; nothing else creates a file at most once",
                    e);
        }
        return unreachable("object " + key + " of " + root, e);
    }

    static UsageException notAKey(String key, IOException e) {
        return new UsageException(
                "object " + key + ": a part of its path is an object and a directory at once",
                "no key may be the beginning of another one's path",
                e);
    }

    static StoreUnreachableException unreachable(String what, Exception e) {
        String hint = e instanceof AccessDeniedException
                ? "give the user that runs hindsight read and write permission there"
                : "check the disk and the mount, then repeat the command";
        return new StoreUnreachableException(what + " cannot be used: " + reason(e), hint, e);
    }

    /** ENOTDIR: the JDK has no type of its own for it when a parent is a file. */
    static boolean isNotDirectory(IOException e) {
        return reason(e).contains("Not a directory");
    }

    /** The JDK tells ENOSPC and EDQUOT only by the system's text, which may be in any language: so look as well. */
    private static boolean isFull(Path root, long sizeBytes, IOException e) {
        String reason = reason(e);
        if (reason.contains("No space left")
                || reason.contains("Disk quota exceeded")
                || reason.contains("File too large")) {
            return true;
        }
        try {
            return Files.getFileStore(root).getUsableSpace() < sizeBytes;
        } catch (IOException unknown) {
            e.addSuppressed(unknown);
            return false;
        }
    }

    private static HindsightException sourceFailed(String key, IOException e) {
        return new NotAppliedException(
                "object " + key + ": its source cannot be read: " + reason(e) + "; nothing was stored",
                "repeat the command",
                e);
    }

    private static String reason(Exception e) {
        return e.getClass().getSimpleName() + ": " + e.getMessage();
    }
}
