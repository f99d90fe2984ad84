package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.fasterxml.jackson.databind.JsonNode;
import dev.hindsight.lab.CassandraNode;
import dev.hindsight.lab.CassandraRing;
import dev.hindsight.lab.RingWithAgents;
import dev.hindsight.model.schema.Identifiers;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.testkit.data.AdversarialData;
import dev.hindsight.testkit.data.AdversarialSchema;
import dev.hindsight.testkit.dump.DumpDiff;
import dev.hindsight.testkit.dump.TableDump;
import dev.hindsight.testkit.dump.TableDumper;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two keyspaces with a table of every shape of CQL data, protected, written to while a replica is away and its schema is
 * altered, and each brought back whole to instants at which all was read at ALL: one into another ring, one beside its source.
 */
class EveryShapeInTimeTest {
    private static final System.Logger LOG = System.getLogger(EveryShapeInTimeTest.class.getName());
    /** Seconds after the last write from which on all short TTLs have ended; the longer ones run for half an hour. */
    private static final int SHORT_TTLS_ENDED = 10;

    private static final int OPERATIONS = 30;
    private static final int WIDE_ROWS = 300;

    @TempDir
    Path directory;

    private record Silence(Instant at, TableDumper dumper, Map<TableName, TableDump> dumps) {
        TableDump dump(TableName table) {
            return Objects.requireNonNull(dumps.get(table), table::toString);
        }
    }

    @Test
    void everyShapeComesBackAsItWasAtEachInstant() {
        comesBack(Long.getLong("test.seed", 20261123L));
    }

    @Tag("nightly")
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 5, 8})
    void everySeedComesBackAsItWas(long seed) {
        comesBack(seed);
    }

    private void comesBack(long seed) {
        RingWithAgents source = Rings.source();
        CassandraRing ring = source.ring();
        CqlSession session = ring.session();
        Hindsight hindsight = new Hindsight(
                directory,
                "repository: {directory: \"" + source.captureRepository() + "\"}\n",
                source,
                Map.of("dr", Rings.target()),
                "  workers: 1\n");
        hindsight.run("init").expect(0);
        AdversarialSchema schema = AdversarialSchema.create(
                "pt" + Long.toUnsignedString(seed, Character.MAX_RADIX),
                "{'class': 'NetworkTopologyStrategy', 'dc1': 3}");
        schema.drop(session);
        schema.create(session);
        AdversarialData data = AdversarialData.of(schema, seed, Instant.now().minusSeconds(3600))
                .withOperations(OPERATIONS)
                .withWideRows(WIDE_ROWS);
        data.apply(session, 0, ConsistencyLevel.ALL);
        hindsight
                .run(Stream.concat(
                                Stream.of("protect"), schema.tables().stream().map(TableName::asCql))
                        .toArray(String[]::new))
                .expect(0);
        log(seed, "protected");

        schema.alter(session, 0);
        List<Silence> silences = new ArrayList<>();
        for (int round = 1; round <= 2; round++) {
            CassandraNode absent = ring.node(round);
            absent.leaveGossip();
            try {
                data.apply(ring.node(0).session(), round, ConsistencyLevel.ONE);
            } finally {
                absent.rejoinGossip();
            }
            silences.add(silence(ring, schema));
            schema.alter(session, round);
        }
        data.apply(session, 3, ConsistencyLevel.ALL);
        log(seed, "written to");
        requireShapes(seed, schema, silences);

        String main = schema.keyspace();
        String copy = main + "_copy";
        String mixed = schema.mixedKeyspace();
        Silence first = silences.get(0);
        Silence second = silences.get(1);
        CassandraRing dr = Rings.target().ring();
        for (String keyspace : List.of(main, mixed)) {
            restore(
                    hindsight,
                    first,
                    "--keyspace",
                    keyspace,
                    "--to",
                    "dr",
                    "--replication",
                    "{'class': 'NetworkTopologyStrategy', 'dc1': '2'}");
            requireEqual(seed, schema, first, keyspace, dr, keyspace);
        }
        log(seed, "the first instant is equal in another ring");
        restore(hindsight, second, "--keyspace", main, "--as-keyspace", copy);
        requireEqual(seed, schema, second, main, ring, copy);
        log(seed, "the second instant is equal beside its source");

        for (TableName table : schema.tables()) {
            hindsight.run("unprotect", table.asCql()).expect(0);
        }
        schema.drop(session);
        schema.drop(dr.session());
        session.execute("DROP KEYSPACE " + Identifiers.quote(copy));
    }

    private static Silence silence(CassandraRing ring, AdversarialSchema schema) {
        Instant at = ProtectedTables.silence();
        TableDumper dumper = TableDumper.asOf(Instant.now().plusSeconds(SHORT_TTLS_ENDED));
        Map<TableName, TableDump> dumps = new TreeMap<>();
        for (TableName table : schema.tables()) {
            dumps.put(table, dumper.atAll(ring, table));
        }
        ProtectedTables.silence();
        return new Silence(at, dumper, dumps);
    }

    /** Of every shape there is something, and the instants are not the same. */
    private static void requireShapes(long seed, AdversarialSchema schema, List<Silence> silences) {
        for (TableName table : schema.tables()) {
            boolean empty = table.table().equals("empty_table");
            assertThat(silences)
                    .as("%s, seed %d", table, seed)
                    .allMatch(silence -> silence.dump(table).isEmpty() == empty);
            if (!empty && !table.table().equals("partition_key_only")) {
                assertThat(DumpDiff.between(
                                        silences.get(0).dump(table),
                                        silences.get(1).dump(table))
                                .describe())
                        .as("%s, seed %d", table, seed)
                        .isNotEqualTo("equal");
            }
        }
    }

    private static void restore(Hindsight hindsight, Silence silence, String... how) {
        JsonNode report = hindsight
                .run(Stream.concat(
                                Stream.of(
                                        "--json",
                                        "restore",
                                        "--at",
                                        silence.at().toString()),
                                Stream.of(how))
                        .toArray(String[]::new))
                .expect(0)
                .json();
        assertThat(Instant.parse(report.get("instant").asText())).isEqualTo(silence.at());
    }

    private static void requireEqual(
            long seed, AdversarialSchema schema, Silence silence, String from, CassandraRing ring, String to) {
        for (TableName table : schema.tables()) {
            if (table.keyspace().equals(from)) {
                TableName restored = new TableName(to, table.table());
                assertThat(DumpDiff.between(
                                        silence.dump(table), silence.dumper().atAll(ring, restored))
                                .describe())
                        .as("%s at %s in %s, seed %d", restored, silence.at(), ring.clusterName(), seed)
                        .isEqualTo("equal");
            }
        }
    }

    private static void log(long seed, String what) {
        LOG.log(System.Logger.Level.INFO, "seed " + seed + ": " + what);
    }
}
