package dev.hindsight.synthesis;

/** Told of work as it happens; called often, on the threads that do the work, so it must be cheap and thread-safe. */
public interface SynthesisProgress {
    SynthesisProgress NONE = new SynthesisProgress() {};

    /** This many more bytes came from inputs. */
    default void fetched(long bytes) {}

    /** This many more bytes of output Data.db were written. */
    default void written(long bytes) {}
}
