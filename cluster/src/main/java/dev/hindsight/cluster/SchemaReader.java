package dev.hindsight.cluster;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import com.datastax.oss.driver.api.core.metadata.Node;
import com.datastax.oss.driver.api.core.servererrors.InvalidQueryException;
import dev.hindsight.model.failure.PlanStaleException;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.schema.DescribedSchema;
import dev.hindsight.model.schema.DescribedSchema.DescribedRow;
import dev.hindsight.model.schema.Identifiers;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.TableFacts;
import dev.hindsight.model.schema.TableName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads all user keyspaces of one node within one schema version, by the server's own {@code DESCRIBE}. */
final class SchemaReader {
    private static final Logger LOG = LoggerFactory.getLogger(SchemaReader.class);
    private static final String VERSION = "SELECT schema_version FROM system.local";
    private static final int ATTEMPTS = 10;
    private static final int PAGE_ROWS = 200;
    /**
     * Cassandra's own keyspaces, 4.0 to 6.0, by exact name: nothing keeps an operator from calling a keyspace
     * {@code system_orders}.
     */
    private static final Set<String> OWN = Set.of(
            "system",
            "system_schema",
            "system_auth",
            "system_distributed",
            "system_traces",
            "system_views",
            "system_virtual_schema",
            "system_cluster_metadata");

    /** What was read of a keyspace; only understood once the schema version has been confirmed. */
    private record Raw(
            String name,
            Map<String, String> replication,
            boolean durableWrites,
            List<DescribedRow> rows,
            List<TableFacts> facts) {
        KeyspaceSchema assembled() {
            return DescribedSchema.assemble(name, replication, durableWrites, rows, facts);
        }
    }

    private final CqlSession session;

    SchemaReader(CqlSession session) {
        this.session = session;
    }

    /**
     * @throws PlanStaleException if the schema changed during each of ten readings
     * @throws UnsupportedException if the server describes something that is not understood
     */
    List<KeyspaceSchema> read(Node node) {
        String last = "";
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            UUID before = version(node);
            try {
                List<Raw> raw = readOnce(node);
                if (before.equals(version(node))) {
                    return raw.stream()
                            .map(Raw::assembled)
                            .sorted(Comparator.comparing(KeyspaceSchema::name))
                            .toList();
                }
                last = "schema version " + before + " was replaced while reading";
            } catch (InvalidQueryException e) {
                if (before.equals(version(node))) {
                    throw e;
                }
                last = String.valueOf(e.getMessage());
            } catch (IllegalArgumentException e) {
                // The version in system.local follows the schema with a small delay, so halves of two may meet.
                last = String.valueOf(e.getMessage());
                if (attempt == ATTEMPTS) {
                    throw new UnsupportedException(
                            "the schema that node " + node.getEndPoint() + " describes is not understood: " + last,
                            "report the statement; exclude its keyspace if it can be missed",
                            e);
                }
            }
            LOG.debug("schema changed while reading node={} attempt={}", node, attempt);
        }
        throw new PlanStaleException(
                "the schema changed during each of " + ATTEMPTS + " readings: " + last,
                "try again when no schema changes are running");
    }

    UUID version(Node node) {
        return version(node, session.execute(pinned(node, VERSION)).one());
    }

    CompletionStage<UUID> versionAsync(Node node) {
        return session.executeAsync(pinned(node, VERSION)).thenApply(answer -> version(node, answer.one()));
    }

    private static UUID version(Node node, @Nullable Row row) {
        UUID version = row == null ? null : row.getUuid("schema_version");
        if (version == null) {
            throw new PlanStaleException("node " + node.getEndPoint() + " has no schema version yet", "try again");
        }
        return version;
    }

    @Nullable
    UUID tableId(Node node, TableName table) {
        Row row = session.execute(SimpleStatement.newInstance(
                                "SELECT id FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?",
                                table.keyspace(),
                                table.table())
                        .setNode(node))
                .one();
        return row == null ? null : row.getUuid("id");
    }

    private List<Raw> readOnce(Node node) {
        List<Raw> out = new ArrayList<>();
        for (Row row : session.execute(
                pinned(node, "SELECT keyspace_name, replication, durable_writes FROM system_schema.keyspaces"))) {
            String name = text(row, "keyspace_name");
            Map<String, String> replication = row.getMap("replication", String.class, String.class);
            if (OWN.contains(name) || replication == null) {
                continue;
            }
            out.add(new Raw(
                    name,
                    Map.copyOf(replication),
                    row.getBoolean("durable_writes"),
                    describe(node, name),
                    tables(node, name)));
        }
        return out;
    }

    private List<DescribedRow> describe(Node node, String keyspace) {
        List<DescribedRow> rows = new ArrayList<>();
        for (Row row :
                session.execute(pinned(node, "DESCRIBE KEYSPACE " + Identifiers.quote(keyspace) + " WITH INTERNALS"))) {
            rows.add(new DescribedRow(text(row, "type"), text(row, "name"), text(row, "create_statement")));
        }
        return rows;
    }

    private List<TableFacts> tables(Node node, String keyspace) {
        List<TableFacts> out = new ArrayList<>();
        for (Row row : session.execute(SimpleStatement.newInstance(
                        "SELECT table_name, id, gc_grace_seconds, flags FROM system_schema.tables"
                                + " WHERE keyspace_name = ?",
                        keyspace)
                .setNode(node)
                .setPageSize(PAGE_ROWS))) {
            UUID id = row.getUuid("id");
            Set<String> flags = row.getSet("flags", String.class);
            if (id == null) {
                throw new PlanStaleException(
                        "table " + keyspace + "." + text(row, "table_name") + " has no id", "try again");
            }
            Set<String> known = flags == null ? Set.of() : flags;
            out.add(new TableFacts(
                    new TableName(keyspace, text(row, "table_name")),
                    id,
                    row.getInt("gc_grace_seconds"),
                    known.contains("counter"),
                    !known.contains("compound") || known.contains("dense") || known.contains("super")));
        }
        return out;
    }

    private static SimpleStatement pinned(Node node, String query) {
        return SimpleStatement.newInstance(query).setNode(node).setPageSize(PAGE_ROWS);
    }

    private static String text(Row row, String column) {
        String value = row.getString(column);
        return value == null ? "" : value;
    }
}
