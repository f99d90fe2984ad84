package dev.hindsight.synthesis;

import java.nio.file.Path;

/**
 * Merges replicas and generations of SSTables into complete records, with exactly Cassandra's reconciliation.
 *
 * <p>Outputs carry statistics that no node can mistake for its own: no commit-log intervals, no originating host, no
 * repairedAt, no pending repair, level 0 (DESIGN section 7).
 */
public interface Synthesiser {
    /** {@code cursor}, the own engine, or {@code reference}, on Cassandra's classes. */
    String name();

    /** Whether it heeds {@link SynthesisRequest#tap}. */
    default boolean taps() {
        return false;
    }

    /**
     * Runs on the calling thread (fetching may use more). Everything temporary is below {@code scratch}, and inputs are
     * removed from it before this returns or throws; outputs stay.
     *
     * @throws CorruptInputException an input is damaged; names it
     * @throws dev.hindsight.model.failure.CapacityException scratch is exceeded
     * @throws dev.hindsight.model.failure.UnsupportedException an input's version or option is refused by name
     */
    SynthesisResult synthesise(SynthesisRequest request, Scratch scratch, SynthesisProgress progress);

    /**
     * Copies one SSTable to scratch, checks all its checksums, reads every row and checks the order.
     *
     * @throws CorruptInputException what is wrong
     */
    Inspection inspect(TableDefinition table, InputSSTable input, Scratch scratch);

    /** What is inside, for people: {@code sstablemetadata}-like text of a local SSTable, one fact a line. */
    String describe(TableDefinition table, Path dataFile);
}
