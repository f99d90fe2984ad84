package dev.hindsight.agent.capture;

import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.journal.Incarnation;
import dev.hindsight.repository.journal.EnvelopeKind;
import dev.hindsight.repository.journal.EnvelopeReader;
import dev.hindsight.repository.store.Body;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The objects of one incarnation that are not in the repository yet, and always the newest one: behind each object stands, in
 * the same file, the state that holds once it is there. One rename makes both true, so a process that is killed at any point
 * goes on exactly, and an object that was put is never made again with other bytes.
 *
 * <pre>
 *   (spool)/(host id)/(incarnation)/(number, 12 digits)   object | state | length of object 8 | of state 4 | crc32c 4
 * </pre>
 *
 * Written by one thread, read and cleared by another.
 */
final class Spool {
    private static final int TRAILER_BYTES = 16;
    private static final int MOST_STATE = 16 << 20;
    private static final String ENDED = "ended";
    private static final String HINT =
            "a new incarnation of the capture begins by itself; look at the disk that holds capture.spool";

    final UUID hostId;
    final Incarnation incarnation;
    private final Path directory;

    Spool(Path spool, UUID hostId, Incarnation incarnation) {
        this.hostId = hostId;
        this.incarnation = incarnation;
        this.directory = spool.resolve(hostId.toString()).resolve(incarnation.text());
    }

    /** What stands in one file. */
    record Spooled(long number, Body object, CaptureState state) {}

    /** All incarnations of all hosts that this agent still knows, the oldest first. */
    static TreeMap<String, Spool> all(Path spool) {
        TreeMap<String, Spool> out = new TreeMap<>();
        for (Path host : list(spool)) {
            for (Path one : list(host)) {
                Incarnation.parse(name(one)).ifPresent(incarnation -> {
                    if (name(host).matches("[0-9a-f-]{36}")) {
                        out.put(
                                incarnation.text() + name(host),
                                new Spool(spool, UUID.fromString(name(host)), incarnation));
                    }
                });
            }
        }
        return out;
    }

    Spool create() {
        try {
            Files.createDirectories(directory);
            syncUp();
        } catch (IOException e) {
            throw unwritable(e);
        }
        return this;
    }

    /** No object comes after those that are there. */
    void end() {
        try {
            Files.write(directory.resolve(ENDED), new byte[0]);
            sync(directory);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    /** As {@link #end}, and lets go of what is there from that number on: it can never be put. */
    void endBefore(long number) {
        // First: who dies in between finds the rest again.
        end();
        numbers().tailMap(number).keySet().forEach(this::remove);
    }

    boolean hasEnded() {
        return Files.exists(directory.resolve(ENDED));
    }

    /** By number, with their sizes. */
    TreeMap<Long, Long> numbers() {
        TreeMap<Long, Long> out = new TreeMap<>();
        for (Path file : list(directory)) {
            if (name(file).matches("[0-9]{12}")) {
                try {
                    out.put(Long.parseLong(name(file)), Files.size(file));
                } catch (IOException e) {
                    // Cleared in between.
                    continue;
                }
            }
        }
        return out;
    }

    /**
     * The newest one, whose state holds.
     *
     * @throws CorruptException it is not as it was written
     */
    Optional<Spooled> newest() {
        TreeMap<Long, Long> numbers = numbers();
        return numbers.isEmpty() ? Optional.empty() : Optional.of(read(numbers.lastKey()));
    }

    Spooled read(long number) {
        Path file = file(number);
        try {
            long size = Files.size(file);
            if (size < TRAILER_BYTES) {
                throw corrupt(file);
            }
            ByteBuffer trailer = bytes(file, size - TRAILER_BYTES, TRAILER_BYTES);
            long object = trailer.getLong();
            int state = trailer.getInt();
            if (state < 0 || state > MOST_STATE || object < 0 || object + state + TRAILER_BYTES != size) {
                throw corrupt(file);
            }
            ByteBuffer stateBytes = bytes(file, object, state);
            if (checksum(stateBytes, object) != trailer.getInt()) {
                throw corrupt(file);
            }
            return new Spooled(number, body(file, object), CaptureState.of(stateBytes.array(), file.toString()));
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    /**
     * As {@link #read}, and looks at every byte.
     *
     * @throws CorruptException it is not as it was written
     */
    Spooled readWhole(long number) {
        Path file = file(number);
        Spooled spooled = read(number);
        try (InputStream in = spooled.object().open();
                EnvelopeReader reader = EnvelopeReader.open(file.toString(), in, EnvelopeKind.CAPTURE)) {
            reader.skipRest();
        } catch (CorruptException e) {
            throw new CorruptException("capture spool " + file + " is damaged: " + e.getMessage(), HINT, e);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
        return spooled;
    }

    /**
     * Whole and durable, or not there.
     *
     * @return its bytes on disk
     */
    long write(long number, byte[] object, CaptureState state) {
        byte[] stateBytes = state.toBytes();
        ByteBuffer trailer = ByteBuffer.allocate(TRAILER_BYTES);
        trailer.putLong(object.length)
                .putInt(stateBytes.length)
                .putInt(checksum(ByteBuffer.wrap(stateBytes), object.length));
        Path part = directory.resolve("part");
        try {
            try (FileChannel channel = FileChannel.open(
                    part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
                for (ByteBuffer one :
                        new ByteBuffer[] {ByteBuffer.wrap(object), ByteBuffer.wrap(stateBytes), trailer.flip()}) {
                    while (one.hasRemaining()) {
                        channel.write(one);
                    }
                }
                channel.force(true);
            }
            Failpoints.hit(Failpoint.CAPTURE_SPOOL);
            Files.move(part, file(number), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            sync(directory);
        } catch (IOException e) {
            throw unwritable(e);
        }
        Failpoints.hit(Failpoint.CAPTURE_SPOOLED);
        return (long) object.length + stateBytes.length + TRAILER_BYTES;
    }

    void remove(long number) {
        try {
            Files.deleteIfExists(file(number));
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    /** All of it. */
    void remove() {
        try {
            for (Path file : list(directory)) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private Path file(long number) {
        return directory.resolve(String.format(Locale.ROOT, "%012d", number));
    }

    private static int checksum(ByteBuffer state, long object) {
        CRC32C crc = new CRC32C();
        crc.update(state.duplicate());
        for (int shift = 56; shift >= 0; shift -= 8) {
            crc.update((int) (object >>> shift));
        }
        return (int) crc.getValue();
    }

    private static ByteBuffer bytes(Path file, long position, int length) throws IOException {
        ByteBuffer out = ByteBuffer.allocate(length);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            for (long at = position; out.hasRemaining(); ) {
                int count = channel.read(out, at);
                if (count < 0) {
                    throw new IOException("it has become shorter");
                }
                at += count;
            }
        }
        return out.flip();
    }

    private static Body body(Path file, long size) {
        return new Body() {
            @Override
            public long sizeBytes() {
                return size;
            }

            @Override
            public InputStream open() throws IOException {
                return new ByteArrayInputStream(bytes(file, 0, (int) size).array());
            }
        };
    }

    private void syncUp() throws IOException {
        for (Path at = directory; at != null && !at.equals(at.getRoot()); at = at.getParent()) {
            if (Files.isReadable(at)) {
                sync(at);
            }
        }
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static Iterable<Path> list(Path directory) {
        java.util.ArrayList<Path> out = new java.util.ArrayList<>();
        if (!Files.isDirectory(directory)) {
            return out;
        }
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(out::add);
        } catch (IOException e) {
            throw new NotAppliedException(
                    "capture spool " + directory + " cannot be listed: " + e.getMessage(),
                    "give the agent's user the rights on it",
                    e);
        }
        return out;
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }

    private static CorruptException corrupt(Path file) {
        return new CorruptException("capture spool " + file + " is damaged", HINT);
    }

    private static NotAppliedException unreadable(Path file, IOException e) {
        return new NotAppliedException(
                "capture spool " + file + " cannot be read: " + e.getMessage(), "look at the disk that holds it", e);
    }

    private NotAppliedException unwritable(IOException e) {
        return new NotAppliedException(
                "capture spool " + directory + " cannot be written: " + e.getMessage(),
                "make room, or give the agent's user the rights on it",
                e);
    }
}
