package dev.hindsight.synthesis.fetch;

/** What to do with inputs whose Data.db is a file of this machine. */
public enum LocalInputs {
    /** As with all others: the wanted chunks are copied to scratch, and checked before anything is merged. */
    COPY,
    /** Nothing is copied; a wrong chunk is found when it is read. */
    READ_IN_PLACE
}
