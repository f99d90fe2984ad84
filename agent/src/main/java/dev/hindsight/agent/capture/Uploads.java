package dev.hindsight.agent.capture;

import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.AlreadyExistsException;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.UnauthorisedException;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.repository.store.ObjectStore.PutOutcome;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Puts what is spooled into the repository, incarnation by incarnation and number by number. One thread uploads; the figures may
 * be asked for by others.
 */
final class Uploads {
    private final Path spool;
    private final Supplier<ObjectStore> opener;
    private Optional<ObjectStore> opened = Optional.empty();
    /** Per incarnation, by name: the highest number that is in the repository. */
    private final Map<String, Long> stored = new HashMap<>();

    /** What {@link #takeDamaged} gives next. */
    private final AtomicReference<Optional<Damaged>> damaged = new AtomicReference<>(Optional.empty());

    private Optional<String> lost = Optional.empty();
    private volatile long waitingBytes;
    private volatile int waitingObjects;
    private volatile Optional<CaptureState> newestStored = Optional.empty();

    /** An object of the spool that is not as it was written: neither it nor what is behind it can be put. */
    record Damaged(Spool incarnation, long number) {}

    /** @param opener asked until it gives a store */
    Uploads(Path spool, Supplier<ObjectStore> opener) {
        this.spool = spool;
        this.opener = opener;
        count();
    }

    /** Of what is not in the repository yet. */
    long waitingBytes() {
        return waitingBytes;
    }

    int waitingObjects() {
        return waitingObjects;
    }

    /** The state behind the newest object that is in the repository, as far as this process has put one. */
    Optional<CaptureState> newestStored() {
        return newestStored;
    }

    /** Of an incarnation, or -1. */
    long storedThrough(Spool of) {
        synchronized (stored) {
            return stored.getOrDefault(name(of), -1L);
        }
    }

    /** What the last round found; it is found again until somebody ends that incarnation before it. */
    Optional<Damaged> takeDamaged() {
        return damaged.getAndSet(Optional.empty());
    }

    /** What could not be put and never will be, in words, until something is put in a later round. */
    Optional<String> lost() {
        return lost;
    }

    /**
     * Puts all that is there and as it was written.
     *
     * @throws AlreadyExistsException another agent goes on with the same state: nothing more may be put
     * @throws dev.hindsight.model.failure.StoreUnreachableException and other failures of the store; call again later
     */
    void run() {
        boolean told = lost.isPresent();
        for (Spool incarnation : Spool.all(spool).values()) {
            boolean ended = incarnation.hasEnded();
            if (putAll(incarnation, told) && ended) {
                incarnation.remove();
            }
            count();
        }
    }

    /** False where a damaged one is in the way. */
    private boolean putAll(Spool incarnation, boolean told) {
        TreeMap<Long, Long> numbers = incarnation.numbers();
        OptionalLong before = OptionalLong.empty();
        for (long number : numbers.keySet()) {
            if (number > storedThrough(incarnation)) {
                Spool.Spooled spooled;
                try {
                    spooled = incarnation.readWhole(number);
                } catch (CorruptException e) {
                    lost(incarnation, number, numbers.tailMap(number, false).size(), e);
                    return false;
                }
                put(Keys.capture(incarnation.hostId, incarnation.incarnation, number), spooled.object());
                newestStored = Optional.of(spooled.state());
                synchronized (stored) {
                    stored.put(name(incarnation), number);
                }
                waits(-numbers.getOrDefault(number, 0L), -1);
                lost = told ? Optional.empty() : lost;
            }
            // The newest holds the state.
            before.ifPresent(incarnation::remove);
            before = OptionalLong.of(number);
        }
        return true;
    }

    private void lost(Spool incarnation, long number, int behind, CorruptException why) {
        damaged.set(Optional.of(new Damaged(incarnation, number)));
        lost = Optional.of(why.getMessage() + ": it and the " + behind
                + " captured objects behind it cannot be put, so this node does not count from there"
                + " until its next capture has begun ("
                + why.hint() + ")");
    }

    /** As after a look at the disk. */
    void count() {
        long bytes = 0;
        int objects = 0;
        for (Spool incarnation : Spool.all(spool).values()) {
            for (long size : incarnation
                    .numbers()
                    .tailMap(storedThrough(incarnation), false)
                    .values()) {
                bytes += size;
                objects++;
            }
        }
        synchronized (stored) {
            waitingBytes = bytes;
            waitingObjects = objects;
        }
    }

    /** One more object waits, until all are counted again. */
    void spooled(long bytes) {
        waits(bytes, 1);
    }

    private void waits(long bytes, int objects) {
        synchronized (stored) {
            waitingBytes = Math.max(0, waitingBytes + bytes);
            waitingObjects = Math.max(0, waitingObjects + objects);
        }
    }

    private ObjectStore store() {
        ObjectStore store = opened.orElseGet(opener);
        opened = Optional.of(store);
        return store;
    }

    private void put(String key, Body body) {
        ObjectStore store = store();
        if (store.putIfAbsent(key, body) == PutOutcome.EXISTS && !isSame(store, key, body)) {
            throw new AlreadyExistsException(
                    "object " + key + " is there with another content: another agent goes on with a copy of this one's"
                            + " capture state",
                    "stop the other one; then stop this capture and protect again, which begins a new incarnation");
        }
        Failpoints.hit(Failpoint.CAPTURE_PUT);
    }

    /**
     * Whether it is ours: the answer to an earlier put was lost. Where the agent may not read, readers notice: each object
     * names the one before.
     */
    private static boolean isSame(ObjectStore store, String key, Body body) {
        try (InputStream is = store.get(key);
                InputStream ours = body.open()) {
            return Arrays.equals(is.readAllBytes(), ours.readAllBytes());
        } catch (UnauthorisedException e) {
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String name(Spool incarnation) {
        return incarnation.hostId + "/" + incarnation.incarnation;
    }
}
