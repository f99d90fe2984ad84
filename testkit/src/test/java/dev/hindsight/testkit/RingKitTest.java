package dev.hindsight.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.lab.CassandraRing;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.testkit.data.AdversarialData;
import dev.hindsight.testkit.data.AdversarialSchema;
import dev.hindsight.testkit.dump.DumpDiff;
import dev.hindsight.testkit.dump.ReplicaComparison;
import dev.hindsight.testkit.dump.TableDump;
import dev.hindsight.testkit.dump.TableDumper;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("nightly")
class RingKitTest {
    private static final System.Logger LOG = System.getLogger(RingKitTest.class.getName());

    @Test
    void adversarialReplicasDifferAndDumpsFindAPlantedDifference() {
        long seed = Long.getLong("test.seed", 42L);
        long start = System.nanoTime();
        try (CassandraRing ring =
                CassandraRing.builder().nodes(2).withoutHintedHandoff().start()) {
            log(start, "ring of 2 up");
            AdversarialSchema schema =
                    AdversarialSchema.create("adv", "{'class': 'SimpleStrategy', 'replication_factor': '2'}");
            schema.create(ring.session());
            log(start, "schema of " + schema.tables().size() + " tables");
            Instant now = Instant.now();
            AdversarialData.of(schema, seed, now.minusSeconds(3600)).loadDiffering(ring);
            log(start, "three rounds");

            TableDumper dumper = TableDumper.asOf(now.plusSeconds(60));
            List<String> differing = new ArrayList<>();
            for (TableName table : schema.tables()) {
                TableDump first = dumper.atAll(ring, table);
                TableDump second = dumper.atAll(ring, table);
                assertThat(DumpDiff.between(first, second).describe())
                        .as("%s, seed %d", table, seed)
                        .isEqualTo("equal");
                assertThat(first.isEmpty())
                        .as("%s empty, seed %d", table, seed)
                        .isEqualTo(table.table().equals("empty_table"));
                ReplicaComparison replicas = ReplicaComparison.of(dumper, ring, table);
                if (!replicas.replicasEqual()) {
                    differing.add(table.table());
                }
            }
            log(start, "dumped; replicas differ in " + differing.size() + ": " + differing);
            assertThat(differing)
                    .as("seed %d", seed)
                    .hasSizeGreaterThan(schema.tables().size() / 2);

            TableName planted = new TableName(schema.keyspace(), "row_markers_only");
            TableDump before = dumper.atAll(ring, planted);
            ring.session().execute("INSERT INTO " + planted.asCql() + " (p, c) VALUES (1, 123456)");
            DumpDiff found = DumpDiff.between(before, dumper.atAll(ring, planted));
            assertThat(found.count()).isEqualTo(1);
            assertThat(found.describe()).contains("(=1)").contains("unexpected partition");
            log(start, "end");
        }
    }

    private static void log(long start, String what) {
        LOG.log(System.Logger.Level.INFO, what + " after " + (System.nanoTime() - start) / 1_000_000 + " ms");
    }
}
