package dev.hindsight.agent.node;

import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/** What the node says of itself at one moment. Node lists hold addresses without ports. */
public record NodeFacts(
        UUID hostId,
        String clusterName,
        String releaseVersion,
        String operationMode,
        String schemaVersion,
        List<Path> dataDirectories,
        List<String> unreachableNodes,
        List<String> joiningNodes,
        List<String> leavingNodes,
        List<String> movingNodes) {
    /** Snapshots with a time to live came with 4.1. */
    public boolean snapshotTtlSupported() {
        String[] parts = releaseVersion.split("[.-]", 3);
        try {
            int major = Integer.parseInt(parts[0]);
            return major > 4 || (major == 4 && Integer.parseInt(parts[1]) >= 1);
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            return false;
        }
    }
}
