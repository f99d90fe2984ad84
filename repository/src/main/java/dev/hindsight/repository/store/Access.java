package dev.hindsight.repository.store;

import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Who may read the files of a {@link DirectoryStore}, besides its owner. They hold what the database held, so nobody else
 * by default; never everybody. The process's umask may take away more. Where a file system knows no such permissions, its
 * own rules hold.
 */
public enum Access {
    /** Files 0600, directories 0700. */
    OWNER("rw-------", "rwx------"),
    /** Files 0640, directories 0750: for operators who restore by hand, or copy the repository, as another user. */
    GROUP("rw-r-----", "rwxr-x---");

    private static final FileAttribute<?>[] NONE = {};

    private final FileAttribute<?> file;
    private final FileAttribute<?> directory;

    Access(String file, String directory) {
        this.file = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(file));
        this.directory = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(directory));
    }

    /** For a file that is created at {@code path}. */
    FileAttribute<?>[] ofFile(Path path) {
        return posix(path) ? new FileAttribute<?>[] {file} : NONE;
    }

    /** For a directory that is created at {@code path}. */
    FileAttribute<?>[] ofDirectory(Path path) {
        return posix(path) ? new FileAttribute<?>[] {directory} : NONE;
    }

    private static boolean posix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
