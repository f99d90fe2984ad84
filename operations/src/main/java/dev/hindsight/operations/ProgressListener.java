package dev.hindsight.operations;

/** Told how a verb goes on. Any thread; must be quick. */
public interface ProgressListener {
    ProgressListener NONE = new ProgressListener() {};

    /** A new step began. {@code totalBytes} is 0 when the step is not measured in bytes. */
    default void phase(String name, long totalBytes) {}

    default void advance(long moreBytes) {}

    /** Something an operator should see now: a node skipped, a worker lost, a damaged file. */
    default void note(String text) {}
}
