package dev.hindsight.synthesis.fingerprint;

/** What becomes of a run's changes. */
public enum Verdict {
    /** The chain has them: a fingerprint fits. */
    KNOWN,
    /** The chain cannot have them: all are later than anything in it. */
    NEW,
    /** Has to be looked up. */
    COMPARE
}
