package dev.hindsight.operations.run;

/** Names of a run's snapshots on the nodes: each says whose it is. */
public final class SnapshotTags {
    private static final String PREFIX = "hindsight-";

    private SnapshotTags() {}

    /** @param attempt from 1 */
    public static String of(String run, int attempt) {
        return prefix(run) + (attempt == 1 ? "" : "-" + attempt);
    }

    /** What all of a run's begin with. */
    static String prefix(String run) {
        return PREFIX + run;
    }

    static boolean isOf(String run, String tag) {
        return tag.equals(prefix(run)) || tag.startsWith(prefix(run) + "-");
    }
}
