package dev.hindsight.engine;

import java.util.UUID;

/** How the steps of a restore are named, for those who write them and those who look for them. */
public final class RestoreStepNames {
    private RestoreStepNames() {}

    /** Written by the shard's task: its files are staged on every target node, or exported. */
    public static String shard(int number) {
        return "shard-" + number;
    }

    /** Written by who commits imports: the node has taken over all staged SSTables of the table. */
    public static String imported(UUID hostId, UUID targetTableId) {
        return "imported-" + hostId + "-" + targetTableId;
    }
}
