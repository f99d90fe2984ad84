package dev.hindsight.synthesis.fingerprint;

/** Decides where runs of partitions end, and what becomes of their hashes. One thread. */
public interface Runs {
    /** Everything comes from the start (again). */
    void restart();

    /** A partition follows; tokens never fall. To {@link RunContent#take} here ends the run at hand before it. */
    void before(long token, RunContent content);

    /** No more partition follows. */
    void end(RunContent content);
}
