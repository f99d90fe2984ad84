package dev.hindsight.agent.stream;

import dev.hindsight.model.failure.CapacityException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** How many streams may move bytes at once; who comes in between waits a little, then is sent away to come back. */
public final class StreamGate {
    private final Semaphore places;
    private final int streams;

    public StreamGate(int streams) {
        this.places = new Semaphore(streams, true);
        this.streams = streams;
    }

    /** A place, given back by closing. */
    public interface Place extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * @throws CapacityException all places stayed taken; nothing was begun
     */
    public Place enter(Duration patience) {
        try {
            if (places.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                return places::release;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new CapacityException(
                "all " + streams + " streams of the agent are taken",
                "use fewer workers, or raise 'limits.streams' in agent.yaml",
                new ComeBackLater());
    }

    /** Cause that tells a full gate, which passes by itself, from a full disk, which does not. */
    public static final class ComeBackLater extends Exception {
        private static final long serialVersionUID = 1L;

        ComeBackLater() {
            super("later", null, false, false);
        }
    }
}
