package dev.hindsight.cli.demo;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How the demo ended; the components are the fields of its JSON document.
 *
 * @param storedBytes of all objects of the backup's shards
 * @param replicaDataBytes Data.db bytes of all nodes' snapshots
 * @param rowsExpected read from the source at ALL before the disaster
 * @param rowsRestored read from the target at ALL
 * @param restoredEqual whether those are equal in all cells and write times
 * @param replicasEqual whether each target node by itself holds the same
 * @param pitrEqual whether the table that was brought back to an instant is the one that was read then
 * @param pitrInstant that instant, the second before an accident
 * @param captureLagP99Millis from a write's acknowledgement (at QUORUM) until it is in the repository in captures of all its
 *     replicas; 99 of 100 writes were faster, where one that some replica has not captured counts as slower than any; null
 *     when it was not measured, as there are no such writes, or too many that some replica has not captured
 * @param steps what was done and how long it took
 * @param difference the first one found, empty when there is none
 */
public record DemoResult(
        long storedBytes,
        long storedDataBytes,
        long replicaDataBytes,
        long rowsExpected,
        long rowsRestored,
        boolean restoredEqual,
        boolean replicasEqual,
        boolean pitrEqual,
        Instant pitrInstant,
        Optional<Double> captureLagP99Millis,
        double seconds,
        List<Step> steps,
        String difference) {
    public record Step(String what, double seconds) {}

    public boolean good() {
        return restoredEqual && replicasEqual && rowsExpected == rowsRestored && pitrEqual;
    }
}
