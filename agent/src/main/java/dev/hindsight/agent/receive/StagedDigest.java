package dev.hindsight.agent.receive;

import dev.hindsight.agent.api.StagedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The digest that a file had when it was received, kept beside it as {@code sha256 size mtime-nanos}. It counts only as
 * long as size and time are the same: a failed import may have changed Statistics.db, which then has to be sent again.
 */
final class StagedDigest {
    private StagedDigest() {}

    static void write(Path digestFile, Path received, String sha256) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(received, BasicFileAttributes.class);
        Path part = digestFile.resolveSibling(digestFile.getFileName() + ".part");
        String text = sha256 + " " + attributes.size() + " "
                + attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS) + "\n";
        try (FileChannel channel = FileChannel.open(
                part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(part, digestFile, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Empty when the file is not as it was received, or only half received. */
    static Optional<StagedFile> read(Path digestFile, Path staged) throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(staged, BasicFileAttributes.class);
            String[] parts = Files.readString(digestFile, StandardCharsets.US_ASCII)
                    .strip()
                    .split(" ", 3);
            if (parts.length != 3
                    || !parts[1].equals(String.valueOf(attributes.size()))
                    || !parts[2].equals(
                            String.valueOf(attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS)))) {
                return Optional.empty();
            }
            return Optional.of(new StagedFile(String.valueOf(staged.getFileName()), attributes.size(), parts[0]));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }
}
