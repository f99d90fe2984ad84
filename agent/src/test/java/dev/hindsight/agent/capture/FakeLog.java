package dev.hindsight.agent.capture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * A node's commit log, byte by byte as Cassandra 5.0.9 writes plain segments: files of zeros made ahead, frames that are there
 * at once and readable with the next marker, ids behind the millisecond of the start.
 */
final class FakeLog {
    /** What became readable, and when. */
    record Readable(long segment, int position, UUID table, byte[] mutation, long micros) {}

    /** Written, and then the node was killed; its life's segments begin with {@code first}. */
    record Lost(long first, long segment, int position) {}

    static final int SEGMENT_BYTES = 8 << 10;

    private final int segmentBytes;

    final Path directory;
    final List<Readable> readable = new ArrayList<>();
    /** Whose node was killed while they were the last one: the end of each. */
    final TreeMap<Long, Integer> unclean = new TreeMap<>();

    /** What its node wrote and had not synced when it was killed. */
    final List<Lost> lost = new ArrayList<>();

    private final List<Readable> unsynced = new ArrayList<>();
    private final List<Long> files = new ArrayList<>();
    /** The last time that a segment was made. */
    long createdMicros;

    /** Where the node has a hard link to each segment until its consumer deletes it, if it has a change of {@link #tracked}. */
    Optional<Path> raw = Optional.empty();

    /** The table with {@code cdc = true}. */
    UUID tracked = new UUID(0, 0);

    /** Segments with a change of that table. */
    private final Set<Long> withTracked = new HashSet<>();

    /** Of the header of segments to come, as JSON; frames are only right with none. */
    String parameters = "{}";

    private long idBase;
    private int used;
    private long current = -1;
    private boolean available;
    private int marker;
    private int at;
    private boolean content;
    private boolean flushed;

    FakeLog(Path directory, int segmentBytes) {
        this.directory = directory;
        this.segmentBytes = segmentBytes;
    }

    boolean isUp() {
        return current >= 0;
    }

    long startedMillis() {
        return idBase - 1;
    }

    void start(long nowMillis) {
        List<Long> replayed = List.copyOf(files);
        idBase = nowMillis;
        for (long file : files) {
            idBase = Math.max(idBase, file + 1);
        }
        used = 0;
        createdMicros = nowMillis * 1000;
        current = create();
        begin();
        // Replayed, then deleted.
        for (long id : replayed) {
            if (raw.isPresent()
                    && withTracked.contains(id)
                    && !flushed
                    && !Files.exists(raw.get().resolve(name(id)))) {
                link(id, raw.get());
            }
            if (!flushed) {
                index(id, segmentBytes, true);
            }
            delete(id);
        }
        flushed = false;
    }

    private long create() {
        long id = idBase + ++used;
        write(id, segmentBytes - 1, new byte[1]);
        byte[] text = parameters.getBytes(StandardCharsets.UTF_8);
        ByteBuffer header = ByteBuffer.allocate(14 + text.length + 4);
        header.putInt(8).putLong(id).putShort((short) text.length).put(text);
        CRC32 crc = new CRC32();
        update(crc, 8);
        update(crc, (int) id);
        update(crc, (int) (id >>> 32));
        update(crc, text.length);
        crc.update(text);
        header.putInt((int) crc.getValue());
        write(id, 0, header.array());
        files.add(id);
        raw.ifPresent(kept -> link(id, kept));
        return id;
    }

    private void link(long id, Path kept) {
        try {
            Files.createLink(kept.resolve(name(id)), directory.resolve(name(id)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void index(long id, int synced, boolean completed) {
        if (raw.isPresent() && withTracked.contains(id)) {
            try {
                Files.writeString(raw.get().resolve(index(id)), synced + (completed ? "\nCOMPLETED" : ""));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static String name(long id) {
        return "CommitLog-8-" + id + ".log";
    }

    private static String index(long id) {
        return "CommitLog-8-" + id + "_cdc.idx";
    }

    /** What the consumer has not deleted yet. */
    List<String> rawFiles() throws IOException {
        try (Stream<Path> kept = Files.list(raw.orElseThrow())) {
            return kept.map(file -> String.valueOf(file.getFileName())).sorted().toList();
        }
    }

    private void begin() {
        marker = 14 + 2 + 4;
        at = marker + 8;
        content = false;
    }

    /** Goes on to another segment if this one is full. */
    void append(UUID table, byte[] content, long micros) {
        byte[] mutation = ByteBuffer.allocate(17 + content.length)
                .put((byte) 1)
                .putLong(table.getMostSignificantBits())
                .putLong(table.getLeastSignificantBits())
                .put(content)
                .array();
        if (at + 12 + mutation.length + 8 > segmentBytes) {
            goOn(micros);
        }
        ByteBuffer frame = ByteBuffer.allocate(12 + mutation.length).putInt(mutation.length);
        CRC32 crc = new CRC32();
        update(crc, mutation.length);
        frame.putInt((int) crc.getValue()).put(mutation);
        crc.update(mutation);
        frame.putInt((int) crc.getValue());
        write(current, at, frame.array());
        at += frame.capacity();
        this.content = true;
        if (table.equals(tracked)) {
            withTracked.add(current);
        }
        unsynced.add(new Readable(current, at, table, mutation, 0));
    }

    /** As a flush of everything, or a full segment, does. */
    void goOn(long micros) {
        sync(micros);
        index(current, at, true);
        if (!available) {
            makeAvailable(micros);
        }
        available = false;
        current = idBase + used;
        begin();
    }

    /** Cassandra's management thread is ahead of need. */
    void makeAvailable(long micros) {
        if (!available) {
            createdMicros = micros;
            create();
            available = true;
        }
    }

    void sync(long micros) {
        if (unsynced.isEmpty()) {
            return;
        }
        mark();
        marker = at;
        at += 8;
        index(current, marker, false);
        for (Readable one : unsynced) {
            readable.add(new Readable(one.segment(), one.position(), one.table(), one.mutation(), micros));
        }
        unsynced.clear();
    }

    /** Ends the section. */
    private void mark() {
        ByteBuffer head = ByteBuffer.allocate(8).putInt(at);
        CRC32 crc = new CRC32();
        update(crc, (int) current);
        update(crc, (int) (current >>> 32));
        update(crc, marker);
        head.putInt((int) crc.getValue());
        write(current, marker, head.array());
    }

    /** Segments that are flushed, all but the one that is written. */
    List<Long> deletable() {
        List<Long> out = new ArrayList<>(files);
        out.removeIf(id -> id >= current);
        return out;
    }

    void delete(long id) {
        try {
            Files.delete(directory.resolve(name(id)));
            if (raw.isPresent()
                    && (!withTracked.contains(id) || !Files.exists(raw.get().resolve(index(id))))) {
                Files.deleteIfExists(raw.get().resolve(name(id)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        files.remove(id);
    }

    /** What was not synced is lost, and nothing is replayed. */
    void killFlushed() {
        flushed = true;
        kill();
    }

    /** What was not synced is lost. */
    void kill() {
        if (content) {
            int end = 0;
            for (Readable one : readable) {
                end = one.segment() == current ? Math.max(end, one.position()) : end;
            }
            unclean.put(current, end);
        }
        unsynced.forEach(one -> lost.add(new Lost(idBase + 1, one.segment(), one.position())));
        unsynced.clear();
        current = -1;
        available = false;
    }

    /** Flushed and closed: the empty segment stays, with an empty section, and the one made ahead does not. */
    void drain(long micros) {
        goOn(micros);
        deletable().forEach(this::delete);
        mark();
        files.stream().filter(id -> id > current).toList().forEach(this::delete);
        current = -1;
        available = false;
    }

    private void write(long id, long position, byte[] bytes) {
        try (FileChannel channel =
                FileChannel.open(directory.resolve(name(id)), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes), position);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void update(CRC32 crc, int value) {
        crc.update(value >>> 24);
        crc.update(value >>> 16);
        crc.update(value >>> 8);
        crc.update(value);
    }
}
