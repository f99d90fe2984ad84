package dev.hindsight.testkit.fake;

import dev.hindsight.agent.api.SnapshotListing;
import dev.hindsight.agent.api.StagedFile;
import dev.hindsight.model.failure.NotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/** Directories of SSTable files. */
final class FileTrees {
    private FileTrees() {}

    /** Regular files anywhere below, sorted; none when there is no such directory. */
    static List<Path> files(Path root) {
        return walk(root).stream().filter(Files::isRegularFile).toList();
    }

    static List<Path> directories(Path root) {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> inside = Files.list(root)) {
            return inside.filter(Files::isDirectory).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void delete(Path root) {
        walk(root).stream().sorted(Comparator.reverseOrder()).forEach(path -> {
            try {
                Files.deleteIfExists(path);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static List<Path> walk(Path root) {
        if (!Files.exists(root)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(root)) {
            return all.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void read(Path file, long position, byte[] into, int offset, int length) {
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            ByteBuffer buffer = ByteBuffer.wrap(into, offset, length);
            channel.position(position);
            while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
                continue;
            }
            if (buffer.hasRemaining()) {
                throw new NotFoundException(file + " ends before byte " + (position + length), "look at the file");
            }
        } catch (IOException e) {
            throw new NotFoundException(file + " cannot be read: " + e, "look at the file", e);
        }
    }

    static StagedFile staged(Path file) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            byte[] bytes = Files.readAllBytes(file);
            return new StagedFile(
                    String.valueOf(file.getFileName()),
                    bytes.length,
                    HexFormat.of().formatHex(sha.digest(bytes)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** With the checksum that Cassandra itself recorded for Data.db, so that damage of the file is found by it. */
    static SnapshotListing.Component component(Path file, String name) {
        try {
            long size = Files.size(file);
            Path digest =
                    file.resolveSibling(String.valueOf(file.getFileName()).replaceFirst("Data\\.db$", "Digest.crc32"));
            long crc = name.equals("Data.db") && Files.exists(digest)
                    ? Long.parseLong(Files.readString(digest).strip())
                    : crc(file);
            return new SnapshotListing.Component(name, size, String.format(Locale.ROOT, "crc32:%08x", crc));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long crc(Path file) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(Files.readAllBytes(file));
        return crc.getValue();
    }
}
