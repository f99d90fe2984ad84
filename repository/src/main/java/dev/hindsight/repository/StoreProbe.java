package dev.hindsight.repository;

import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.repository.store.ObjectStore.PutOutcome;
import dev.hindsight.repository.store.SmallObjects;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Tries once, before the first object is kept, whether a store does what everything else relies on. Some stores accept
 * a create-only put and overwrite; that must be found at {@code init}, not at a restore.
 */
final class StoreProbe {
    private static final int RACERS = 8;
    private static final int BYTES = 300_000;

    private final ObjectStore store;
    private final String key = "probe/" + UUID.randomUUID();
    private final String raceKey = key + "-race";
    private final String bytesKey = key + "-bytes";

    private StoreProbe(ObjectStore store) {
        this.store = store;
    }

    /** @throws UnsupportedException saying what the store did wrong */
    static void requireSafe(ObjectStore store) {
        StoreProbe probe = new StoreProbe(store);
        try {
            probe.createOnly();
            probe.reads();
            probe.bytes();
            probe.race();
        } catch (RuntimeException e) {
            probe.cleanUpAfter(e);
            throw e;
        }
        probe.cleanUp();
        probe.gone();
        store.examine();
    }

    private void cleanUp() {
        store.delete(key);
        store.delete(bytesKey);
        store.delete(raceKey);
    }

    /** What went wrong first is what counts. */
    private void cleanUpAfter(RuntimeException failure) {
        try {
            cleanUp();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    private void createOnly() {
        require(put(key, "first") == PutOutcome.CREATED, "a new object is reported as existing");
        require(put(key, "other") == PutOutcome.EXISTS, "a second create of one key is accepted");
        require(content(key).equals("first"), "a second create of one key changes the object");
    }

    private void reads() {
        byte[] range = new byte[5];
        store.read(key, 1, range, 1, 3);
        require(Arrays.equals(range, new byte[] {0, 'i', 'r', 's', 0}), "a range is not what it must be");
        require(store.size(key).equals(OptionalLong.of(5)), "the size of an object is wrong");
    }

    /** Every value a byte can have, over several pieces of whatever is sent: some servers store the framing of uploads. */
    private void bytes() {
        byte[] content = new byte[BYTES];
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) (i + (i >>> 8));
        }
        store.putIfAbsent(bytesKey, Body.of(content));
        byte[] stored = SmallObjects.find(store, bytesKey, 2 * BYTES).orElse(new byte[0]);
        require(Arrays.equals(content, stored), "an object does not come back byte for byte");
    }

    private void race() {
        ExecutorService racers = Executors.newFixedThreadPool(RACERS);
        CountDownLatch start = new CountDownLatch(1);
        List<Future<PutOutcome>> outcomes = new ArrayList<>();
        try {
            for (int i = 0; i < RACERS; i++) {
                String content = "racer-" + i;
                outcomes.add(racers.submit(() -> {
                    start.await();
                    return put(raceKey, content);
                }));
            }
            start.countDown();
            int winner = -1;
            for (int i = 0; i < RACERS; i++) {
                if (outcomes.get(i).get() == PutOutcome.CREATED) {
                    require(winner < 0, "several concurrent creates of one key are accepted");
                    winner = i;
                }
            }
            require(content(raceKey).equals("racer-" + winner), "the winner of a race is not the one reported");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while probing a store", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof HindsightException failure) {
                throw failure;
            }
            throw new IllegalStateException("a probe of the store failed", e);
        } finally {
            racers.shutdownNow();
        }
    }

    private void gone() {
        require(store.size(key).isEmpty(), "a deleted object is still there");
    }

    private PutOutcome put(String where, String content) {
        return store.putIfAbsent(where, Body.of(content));
    }

    private String content(String where) {
        return SmallObjects.find(store, where, 100)
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .orElse("");
    }

    private void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new UnsupportedException(
                    "the store " + store.location() + " is not safe for a repository: " + otherwise,
                    "use a store with create-only puts (local or NFS directory, S3 with If-None-Match)");
        }
    }
}
