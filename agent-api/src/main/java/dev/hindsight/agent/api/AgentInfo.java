package dev.hindsight.agent.api;

import java.util.List;
import java.util.UUID;

/**
 * What an agent knows of its node and of itself.
 *
 * @param nodeUp whether JMX answered; when false, only what is on disk or configured is filled in and the host id is
 *     the last one seen, or {@link #NEVER_SEEN}
 * @param unreachableNodes addresses that this node's gossip holds for down; likewise the joining, leaving, moving ones
 */
public record AgentInfo(
        UUID hostId,
        String clusterName,
        String releaseVersion,
        String agentVersion,
        boolean nodeUp,
        String operationMode,
        String schemaVersion,
        boolean importEnabled,
        boolean snapshotTtlSupported,
        List<DataDirectory> dataDirectories,
        Limits limits,
        List<String> unreachableNodes,
        List<String> joiningNodes,
        List<String> leavingNodes,
        List<String> movingNodes) {
    /** The host id of a node that has not been up since the agent was installed. */
    public static final UUID NEVER_SEEN = new UUID(0, 0);

    /** @param usableBytes free for the node's user */
    public record DataDirectory(String path, long totalBytes, long usableBytes) {}

    /**
     * @param bytesPerSecond over all streams; 0 means no limit
     * @param minFreeBytes a snapshot or a received file that would leave less on a disk is refused
     */
    public record Limits(long bytesPerSecond, int maxStreams, long minFreeBytes) {}
}
