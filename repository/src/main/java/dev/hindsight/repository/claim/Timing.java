package dev.hindsight.repository.claim;

import java.time.Duration;

/** How time passes for the holder of a claim and for who watches it; tests have their own. */
public interface Timing {
    /** Something that goes on until it is stopped. */
    interface Running {
        /** Returns when it does not run any more, or will soon. Safe to repeat. */
        void stop();
    }

    /**
     * Returns after {@code howLong}.
     *
     * @throws dev.hindsight.model.failure.NotAppliedException the thread was interrupted
     */
    void pause(Duration howLong);

    /** Runs {@code task} again and again on a thread of its own, also after it has thrown something. */
    Running every(Duration period, String name, Runnable task);

    /** Runs {@code task} once, on a thread of its own. Whoever stops it waits a little, and then interrupts it. */
    Running once(String name, Runnable task);
}
