package dev.hindsight.cli.demo;

import java.time.Instant;
import java.util.List;

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
 * @param captureLagP99Millis from a write's acknowledgement until all replicas' copies of it are in the repository; 99 of
 *     100 writes were faster; negative when one is missing
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
        double captureLagP99Millis,
        double seconds,
        List<Step> steps,
        String difference) {
    public record Step(String what, double seconds) {}

    public boolean good() {
        return restoredEqual && replicasEqual && rowsExpected == rowsRestored && pitrEqual && captureLagP99Millis >= 0;
    }
}
