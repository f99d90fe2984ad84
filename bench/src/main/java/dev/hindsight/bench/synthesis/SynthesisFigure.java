package dev.hindsight.bench.synthesis;

import org.jspecify.annotations.Nullable;

/**
 * One line of {@code bench synthesis --json}.
 *
 * @param engine as {@link dev.hindsight.bench.synthesis.engine.EngineKind#id} names it; {@code floor} is no engine
 * @param cpuSeconds of the threads that merge and fetch, in the best repeat
 * @param inputBytes of all Data.db files after decompression
 * @param allocatedBytes by the merging thread; of the floor, meaningless and null
 * @param ratioTo509 how many times as much CPU Cassandra 5.0.9 took; null where it was not measured
 * @param ratioToCursor the same of the cursor compaction of 6.0-alpha2; null where that is missing or refuses the table
 * @param shareOfFloor the floor's CPU as a part of this one's
 */
record SynthesisFigure(
        String data,
        String engine,
        double cpuSeconds,
        long inputBytes,
        @Nullable Long allocatedBytes,
        @Nullable Double ratioTo509,
        @Nullable Double ratioToCursor,
        @Nullable Double shareOfFloor) {}
