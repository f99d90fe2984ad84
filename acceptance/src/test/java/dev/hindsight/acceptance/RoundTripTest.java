package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.CqlSession;
import dev.hindsight.lab.CassandraNode;
import dev.hindsight.lab.CassandraRing;
import dev.hindsight.lab.RingWithAgents;
import dev.hindsight.model.schema.Identifiers;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.testkit.data.AdversarialSchema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every shape of CQL data, from three replicas that differ, through a backup that loses a worker half way, into a ring of
 * another size, other tokens and another SSTable format, and under other names beside its source.
 */
class RoundTripTest {
    private static final System.Logger LOG = System.getLogger(RoundTripTest.class.getName());
    private static final String TWO_REPLICAS = "{'class': 'NetworkTopologyStrategy', 'dc1': '2'}";

    @TempDir
    Path directory;

    @Test
    void everyShapeComesBackEqualInAnotherRingAndBesideItsSource() {
        roundTrip(Long.getLong("test.seed", 20261122L));
    }

    @Tag("nightly")
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34})
    void everySeedComesBackEqual(long seed) {
        roundTrip(seed);
    }

    private void roundTrip(long seed) {
        RingWithAgents rings = Rings.source();
        RingWithAgents dr = Rings.target();
        CassandraRing ring = rings.ring();
        log(seed, "rings up");
        AdversarialSource source = AdversarialSource.load(ring, seed);
        AdversarialSchema schema = source.schema();
        String main = schema.keyspace();
        String mixed = schema.mixedKeyspace();
        log(seed, "loaded and read at ALL");
        source.assertEveryShapeTookPart();
        source.assertReplicasDiffer();
        log(seed, "every shape is there, replicas differ");
        KeyspaceSchema mainSchema = RestoredKeyspace.schema(ring, main);
        KeyspaceSchema mixedSchema = RestoredKeyspace.schema(ring, mixed);
        Hindsight hindsight = new Hindsight(directory, rings, Map.of("dr", dr), "  workers: 2\n  shard-size: 1MiB\n");
        hindsight.run("init").expect(0);

        Hindsight.Result backup = hindsight
                .runProcess(
                        Map.of("HINDSIGHT_FIRST_WORKER_FAILPOINTS", "shard.seal=crash@2"),
                        "--json",
                        "backup",
                        "--keyspace",
                        main,
                        "--keyspace",
                        mixed)
                .expect(0);
        log(seed, "backed up");
        assertThat(backup.json().get("notes").toString()).contains("was lost");
        assertNothingLeft(hindsight, rings);

        for (String keyspace : List.of(main, mixed)) {
            restore(hindsight, "--keyspace", keyspace, "--to", "dr", "--replication", TWO_REPLICAS);
        }
        log(seed, "restored into the other ring");
        assertRestored(source, dr, main, main, mainSchema);
        assertRestored(source, dr, mixed, mixed, mixedSchema);
        assertNothingLeft(hindsight, dr);
        log(seed, "compared in the other ring");

        restore(hindsight, "--keyspace", main, "--as-keyspace", main + "_copy");
        source.assertUnchanged();
        ring.session().execute("DROP KEYSPACE " + Identifiers.quote(mixed));
        restore(hindsight, "--keyspace", mixed);
        log(seed, "restored beside the source and after a drop");
        assertRestored(source, rings, main, main + "_copy", mainSchema);
        assertRestored(source, rings, mixed, mixed, mixedSchema);
        assertNothingLeft(hindsight, rings);
        log(seed, "compared beside the source");

        schema.drop(ring.session());
        schema.drop(dr.ring().session());
        ring.session().execute("DROP KEYSPACE " + Identifiers.quote(main + "_copy"));
    }

    private static void restore(Hindsight hindsight, String... how) {
        hindsight
                .run(Stream.concat(Stream.of("restore", "--from", "latest"), Stream.of(how))
                        .toArray(String[]::new))
                .expect(0);
    }

    private static void assertRestored(
            AdversarialSource source, RingWithAgents where, String from, String to, KeyspaceSchema schema) {
        RestoredKeyspace restored = new RestoredKeyspace(source, where.ring(), from, to);
        RestoredKeyspace.assertSchemaEqual(schema, where.ring(), to);
        if (from.equals(source.schema().keyspace())) {
            CqlSession session = Rings.source().ring().session();
            restored.assertDerivedThingsAnswer(session);
            restored.writeWhatTheDeletionsHide();
        }
        restored.assertDataEqualOnEveryReplica();
    }

    /** No scratch, no snapshot, nothing staged. */
    private static void assertNothingLeft(Hindsight hindsight, RingWithAgents rings) {
        assertThat(hindsight.leftInScratch()).isEmpty();
        for (CassandraNode node : rings.ring().nodes()) {
            List<Path> left = new ArrayList<>();
            try {
                Files.walkFileTree(node.directory(), new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        String path = file.toString();
                        if (path.contains("/hindsight-staging/") || path.contains("/snapshots/hindsight")) {
                            left.add(file);
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException e) {
                        // The node is alive: its files come and go.
                        return FileVisitResult.CONTINUE;
                    }
                });
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            assertThat(left).as("left on %s", node).isEmpty();
        }
    }

    private static void log(long seed, String what) {
        LOG.log(System.Logger.Level.INFO, "seed " + seed + ": " + what);
    }
}
