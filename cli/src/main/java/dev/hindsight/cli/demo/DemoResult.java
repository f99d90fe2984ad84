package dev.hindsight.cli.demo;

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
        double seconds,
        List<Step> steps,
        String difference) {
    public record Step(String what, double seconds) {}

    public boolean good() {
        return restoredEqual && replicasEqual && rowsExpected == rowsRestored;
    }
}
