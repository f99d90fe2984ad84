package dev.hindsight.repository.claim;

import java.time.Duration;
import java.util.List;

/** How time passes for the holder of a claim and for who watches it; tests have their own. */
public interface Timing {
    /** Something that goes on until it is stopped. */
    interface Running {
        /** Lets it begin nothing more and breaks off what it waits for. Returns at once; safe to repeat. */
        void stop();

        /** Whether it does not run any more; waits for that, but no longer than {@code atMost}. */
        default boolean ended(Duration atMost) {
            return true;
        }
    }

    /**
     * Returns after {@code howLong}.
     *
     * @throws dev.hindsight.model.failure.NotAppliedException the thread was interrupted
     */
    void pause(Duration howLong);

    /** Runs {@code task} again and again on a thread of its own, also after it has thrown something. */
    Running every(Duration period, String name, Runnable task);

    /** Runs {@code task} once, on a thread of its own. */
    Running once(String name, Runnable task);

    /** Lets all end by themselves for a little, then stops them, and waits a little longer; however many they are. */
    default void stop(List<Running> all) {
        all.forEach(Running::stop);
    }
}
