package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.api.AgentEndpoint;
import dev.hindsight.agent.api.AgentTokens;
import dev.hindsight.agent.api.AgentTrust;
import dev.hindsight.agent.api.CaptureStatus;
import dev.hindsight.agent.api.HttpAgentClient;
import dev.hindsight.codec.commitlog.MutationDecoder;
import dev.hindsight.codec.commitlog.SegmentVersion;
import dev.hindsight.codec.commitlog.UnknownSchemaException;
import dev.hindsight.codec.row.RowWalker;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.lab.RingWithAgents;
import dev.hindsight.model.journal.Incarnation;
import dev.hindsight.repository.journal.CaptureItem;
import dev.hindsight.repository.journal.CaptureReader;
import dev.hindsight.repository.store.DirectoryStore;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/** What is in captures of real nodes, decoded. */
final class CapturedRows {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private CapturedRows() {}

    /** By key and clustering. */
    static Map<String, String> rows(RingWithAgents ring, CaptureStatus status, UUID id, TableSchema schema) {
        Map<String, String> out = new TreeMap<>();
        SegmentVersion version = SegmentVersion.V50;
        for (CaptureItem item : items(ring, status)) {
            if (item instanceof CaptureItem.Log log) {
                version = log.segmentVersion() == 7 ? SegmentVersion.V40 : SegmentVersion.V50;
            } else if (item instanceof CaptureItem.Frame frame) {
                decode(frame.mutation(), version, id, schema, out);
            }
        }
        return out;
    }

    /** Of the newest incarnation. */
    static List<CaptureItem> items(RingWithAgents ring, CaptureStatus status) {
        List<CaptureItem> out = new ArrayList<>();
        DirectoryStore store = DirectoryStore.open(ring.captureRepository());
        Incarnation incarnation = Incarnation.parse(status.incarnations()
                        .get(status.incarnations().size() - 1)
                        .name())
                .orElseThrow();
        String previous = "";
        for (long number = 0; ; number++) {
            Optional<CaptureReader> found = CaptureReader.find(store, status.hostId(), incarnation, number);
            if (found.isEmpty()) {
                return out;
            }
            try (CaptureReader reader = found.get()) {
                if (number > 0) {
                    assertThat(reader.header().previous()).isEqualTo(previous);
                }
                for (Optional<CaptureItem> item = reader.next(); item.isPresent(); item = reader.next()) {
                    out.add(item.get());
                }
                previous = reader.seal();
            }
        }
    }

    private static void decode(
            byte[] mutation, SegmentVersion version, UUID id, TableSchema schema, Map<String, String> out) {
        MutationDecoder decoder =
                new MutationDecoder(version, table -> table.equals(id) ? Optional.of(schema) : Optional.empty());
        decoder.start(mutation, 0, mutation.length);
        try {
            while (decoder.nextUpdate()) {
                int key = ByteBuffer.wrap(mutation, decoder.keyAt, decoder.keyLength)
                        .getInt();
                while (decoder.next()) {
                    // One clustering value of fixed length, behind its header.
                    int clustering = ByteBuffer.wrap(mutation, decoder.clusteringEnd - 4, 4)
                            .getInt();
                    RowWalker row = decoder.row();
                    while (row.nextColumn()) {
                        out.put(
                                key + "/" + clustering,
                                new String(mutation, row.valueAt, row.valueLength, StandardCharsets.UTF_8));
                    }
                }
            }
        } catch (UnknownSchemaException e) {
            // Of the node's own tables.
            return;
        }
    }

    static CaptureStatus await(AgentClient agent, Predicate<CaptureStatus> until) {
        return Awaitility.await().atMost(PATIENCE).until(agent::capture, until);
    }

    static AgentClient client(RingWithAgents ring, int index) throws IOException {
        List<String> tokens = new ArrayList<>();
        for (String scope : List.of("read", "import", "admin")) {
            tokens.add(Files.readString(ring.tokenFile(scope)).strip());
        }
        return new HttpAgentClient(new AgentEndpoint(
                URI.create(ring.agentUrl(index)),
                AgentTokens.all(tokens.get(0), tokens.get(1), tokens.get(2)),
                AgentTrust.jvm()));
    }
}
