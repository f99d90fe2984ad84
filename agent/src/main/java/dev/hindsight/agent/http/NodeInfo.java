package dev.hindsight.agent.http;

import dev.hindsight.agent.AgentVersion;
import dev.hindsight.agent.api.AgentInfo;
import dev.hindsight.agent.config.AgentConfig;
import dev.hindsight.agent.node.GuardedNode;
import dev.hindsight.agent.node.NodeFacts;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Puts together what the agent tells of itself and its node. */
final class NodeInfo {
    private NodeInfo() {}

    static AgentInfo of(GuardedNode node, AgentConfig config) throws IOException {
        Optional<NodeFacts> up = node.factsIfUp();
        AgentConfig.Limits limits = config.limits();
        return new AgentInfo(
                node.hostId().orElse(AgentInfo.NEVER_SEEN),
                up.map(NodeFacts::clusterName).or(node::lastClusterName).orElse(""),
                up.map(NodeFacts::releaseVersion).or(node::lastReleaseVersion).orElse(""),
                AgentVersion.TEXT,
                up.isPresent(),
                up.map(NodeFacts::operationMode).orElse(""),
                up.map(NodeFacts::schemaVersion).orElse(""),
                config.imports().enabled(),
                up.map(NodeFacts::snapshotTtlSupported).orElse(false),
                directories(
                        up.isPresent()
                                        || node.hostId().isPresent()
                                        || !config.dataDirectories().isEmpty()
                                ? node.dataDirectories()
                                : List.of()),
                new AgentInfo.Limits(limits.bytesPerSecond(), limits.streams(), limits.minFreeBytes()),
                up.map(NodeFacts::unreachableNodes).orElse(List.of()),
                up.map(NodeFacts::joiningNodes).orElse(List.of()),
                up.map(NodeFacts::leavingNodes).orElse(List.of()),
                up.map(NodeFacts::movingNodes).orElse(List.of()));
    }

    private static List<AgentInfo.DataDirectory> directories(List<Path> paths) throws IOException {
        List<AgentInfo.DataDirectory> out = new ArrayList<>();
        for (Path path : paths) {
            FileStore store = Files.getFileStore(path);
            out.add(new AgentInfo.DataDirectory(path.toString(), store.getTotalSpace(), store.getUsableSpace()));
        }
        return out;
    }
}
