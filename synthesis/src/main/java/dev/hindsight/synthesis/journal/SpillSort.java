package dev.hindsight.synthesis.journal;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.synthesis.fetch.ScratchDirectory;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Sorts byte strings: in memory as long as they fit, else in runs on scratch that are merged. Equal ones stay in the order in
 * which they were added. {@link #add} all, then {@link #next} until it is false, then {@link #clear} and begin again.
 *
 * <p>Memory: the limit, and one string; while runs are merged, a buffer for each. One thread.
 */
final class SpillSort implements AutoCloseable {
    /** Compares what lies behind the four bytes of an entry's length. */
    interface Order {
        int compare(byte[] left, int leftAt, byte[] right, int rightAt);
    }

    private static final int FAN = 16;
    private static final int BUFFER_BYTES = 32 << 10;
    private static final int LENGTH_BYTES = 4;

    private final Order order;
    private final int memoryBytes;
    private final ScratchDirectory directory;
    private final String name;
    private final List<List<Run>> levels = new ArrayList<>();
    private byte[] held = new byte[1 << 10];
    private int heldLength;
    private int[] places = new int[64];
    private int[] spare = new int[64];
    private int count;
    private int given;
    private boolean sorted;
    private long made;
    private @Nullable PriorityQueue<Reader> merging;
    private @Nullable Reader last;

    /** What {@link #next} went to: positions in {@link #bytes}, good until it is called again. */
    byte[] bytes = held;

    int at;
    int length;

    private record Run(Path file, long sizeBytes, long number) {}

    /** @param name of the files, which no other sorter of the directory has */
    SpillSort(Order order, int memoryBytes, ScratchDirectory directory, String name) {
        this.order = order;
        this.memoryBytes = memoryBytes;
        this.directory = directory;
        this.name = name;
    }

    /** Adds what two arrays hold, one behind the other. */
    void add(byte[] head, int headLength, byte[] rest, int restAt, int restLength) {
        long needed = (long) LENGTH_BYTES + headLength + restLength;
        if (count > 0 && heldLength + needed > memoryBytes) {
            spill();
        }
        room(needed);
        if (count == places.length) {
            places = Arrays.copyOf(places, 2 * count);
        }
        places[count++] = heldLength;
        VInts.putInt4(held, heldLength, headLength + restLength);
        System.arraycopy(head, 0, held, heldLength + LENGTH_BYTES, headLength);
        System.arraycopy(rest, restAt, held, heldLength + LENGTH_BYTES + headLength, restLength);
        heldLength += (int) needed;
    }

    private void room(long needed) {
        long all = heldLength + needed;
        if (all > Integer.MAX_VALUE - 64) {
            throw new MalformedException("a row has " + needed + " bytes");
        }
        if (all > held.length) {
            held = Arrays.copyOf(held, (int) Math.max(all, Math.min(memoryBytes, 2L * held.length)));
        }
    }

    boolean isEmpty() {
        return count == 0 && levels.isEmpty();
    }

    /** Goes to the next entry; nothing is added from the first call on. */
    boolean next() {
        if (!sorted) {
            sorted = true;
            begin();
        }
        return merging == null ? nextHeld() : nextMerged(merging);
    }

    private void begin() {
        if (levels.isEmpty()) {
            sort();
            return;
        }
        spill();
        List<Run> all = new ArrayList<>();
        levels.forEach(all::addAll);
        merging = open(all);
    }

    private boolean nextHeld() {
        if (given == count) {
            return false;
        }
        int place = places[given++];
        bytes = held;
        at = place + LENGTH_BYTES;
        length = VInts.int4(held, place);
        return true;
    }

    private boolean nextMerged(PriorityQueue<Reader> queue) {
        Reader before = last;
        last = null;
        if (before != null && before.next()) {
            queue.add(before);
        }
        Reader first = queue.poll();
        if (first == null) {
            return false;
        }
        last = first;
        bytes = first.entry;
        at = 0;
        length = first.length;
        return true;
    }

    private PriorityQueue<Reader> open(List<Run> runs) {
        PriorityQueue<Reader> queue = new PriorityQueue<>((a, b) -> {
            int compared = order.compare(a.entry, 0, b.entry, 0);
            return compared != 0 ? compared : Long.compare(a.run.number(), b.run.number());
        });
        for (Run run : runs) {
            Reader reader = new Reader(run);
            if (reader.next()) {
                queue.add(reader);
            }
        }
        return queue;
    }

    private void spill() {
        if (count == 0) {
            return;
        }
        sort();
        long number = made++;
        Path file = directory.path().resolve(name + number);
        directory.reserve(heldLength);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), BUFFER_BYTES)) {
            for (int i = 0; i < count; i++) {
                out.write(held, places[i], LENGTH_BYTES + VInts.int4(held, places[i]));
            }
        } catch (IOException e) {
            throw ScratchDirectory.unusable(file, e);
        }
        add(0, new Run(file, heldLength, number));
        count = 0;
        heldLength = 0;
    }

    /** Runs of one level are neighbours in the order of adding, and so is what they are merged to. */
    private void add(int level, Run run) {
        if (levels.size() == level) {
            levels.add(new ArrayList<>());
        }
        List<Run> own = levels.get(level);
        own.add(run);
        if (own.size() == FAN) {
            Run merged = merge(own);
            own.clear();
            add(level + 1, merged);
        }
    }

    private Run merge(List<Run> runs) {
        long bytesOfAll = runs.stream().mapToLong(Run::sizeBytes).sum();
        Path file = directory.path().resolve(name + "m" + made++);
        directory.reserve(bytesOfAll);
        PriorityQueue<Reader> queue = open(runs);
        byte[] size = new byte[LENGTH_BYTES];
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), BUFFER_BYTES)) {
            for (Reader first = queue.poll(); first != null; first = queue.poll()) {
                VInts.putInt4(size, 0, first.length);
                out.write(size);
                out.write(first.entry, 0, first.length);
                if (first.next()) {
                    queue.add(first);
                }
            }
        } catch (IOException e) {
            throw ScratchDirectory.unusable(file, e);
        }
        runs.forEach(this::delete);
        return new Run(file, bytesOfAll, runs.get(0).number());
    }

    private void delete(Run run) {
        try {
            Files.deleteIfExists(run.file());
            directory.release(run.sizeBytes());
        } catch (IOException e) {
            throw ScratchDirectory.unusable(run.file(), e);
        }
    }

    private void sort() {
        if (spare.length < count) {
            spare = new int[places.length];
        }
        sort(0, count);
    }

    /** By halves; equal ones stay as they are. */
    private void sort(int from, int to) {
        if (to - from < 2) {
            return;
        }
        int middle = (from + to) >>> 1;
        sort(from, middle);
        sort(middle, to);
        if (compare(places[middle - 1], places[middle]) <= 0) {
            return;
        }
        System.arraycopy(places, from, spare, from, to - from);
        int left = from;
        int right = middle;
        for (int i = from; i < to; i++) {
            boolean takesLeft = right == to || left < middle && compare(spare[left], spare[right]) <= 0;
            places[i] = takesLeft ? spare[left++] : spare[right++];
        }
    }

    private int compare(int left, int right) {
        return order.compare(held, left + LENGTH_BYTES, held, right + LENGTH_BYTES);
    }

    /** Empty again. */
    void clear() {
        closeReaders();
        levels.forEach(level -> level.forEach(this::delete));
        levels.clear();
        count = 0;
        heldLength = 0;
        given = 0;
        sorted = false;
    }

    private void closeReaders() {
        if (merging != null) {
            merging.forEach(Reader::close);
            merging = null;
        }
        if (last != null) {
            last.close();
            last = null;
        }
    }

    /** Files go with their directory. */
    @Override
    public void close() {
        closeReaders();
    }

    /** One run, entry by entry. */
    private static final class Reader {
        private final Run run;
        private final DataInputStream in;
        private long left;
        private byte[] entry = new byte[256];
        private int length;

        Reader(Run run) {
            this.run = run;
            this.left = run.sizeBytes();
            try {
                in = new DataInputStream(new BufferedInputStream(Files.newInputStream(run.file()), BUFFER_BYTES));
            } catch (IOException e) {
                throw ScratchDirectory.unusable(run.file(), e);
            }
        }

        boolean next() {
            try {
                if (left == 0) {
                    in.close();
                    return false;
                }
                length = in.readInt();
                if (entry.length < length) {
                    entry = new byte[length + (length >> 1)];
                }
                in.readFully(entry, 0, length);
                left -= LENGTH_BYTES + length;
                return true;
            } catch (IOException e) {
                throw ScratchDirectory.unusable(run.file(), e);
            }
        }

        void close() {
            try {
                in.close();
            } catch (IOException e) {
                // It goes with its directory.
            }
        }
    }
}
