package dev.hindsight.engine.source;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.api.SnapshotFile;
import dev.hindsight.repository.document.BackupPlan;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;

/**
 * One component of an SSTable in the snapshot of a node, read through the node's agent.
 *
 * <p>Small components are read once, whole, and must have the checksum that the plan names; Data.db is read in the
 * ranges asked for, whose chunk checksums are the synthesiser's to check. Failures: {@link
 * dev.hindsight.synthesis.CorruptInputException} for wrong bytes; what {@link AgentClient} throws otherwise, after it
 * was noted in {@link Fetches#lost}.
 */
public final class AgentByteSource extends CheckedSource {
    private final AgentClient agent;
    private final SnapshotFile file;
    private final Semaphore streams;

    /** @param streams how many reads of all agents may be under way */
    public AgentByteSource(
            AgentClient agent,
            SnapshotFile file,
            UUID hostId,
            String descriptor,
            BackupPlan.SourceComponent component,
            Fetches fetches,
            Optional<ComponentCache> cache,
            Semaphore streams) {
        super(
                hostId.toString(),
                descriptor,
                component.name(),
                component.sizeBytes(),
                component.checksum(),
                fetches,
                cache);
        this.agent = agent;
        this.file = file;
        this.streams = streams;
    }

    @Override
    public String name() {
        return agent.address() + ":" + file.tag() + "/" + file.keyspace() + "/" + file.table() + "/"
                + file.dataDirectory() + "/" + file.file();
    }

    @Override
    void fetch(long position, byte[] into, int offset, int length) {
        streams.acquireUninterruptibly();
        try {
            agent.read(file, position, into, offset, length);
        } finally {
            streams.release();
        }
    }
}
