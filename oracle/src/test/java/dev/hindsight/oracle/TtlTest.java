package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.synthesis.ExpiryHistogram;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.SynthesisResult;
import dev.hindsight.synthesis.TtlPolicy;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.apache.cassandra.db.Clustering;
import org.apache.cassandra.db.LivenessInfo;
import org.apache.cassandra.db.marshal.Int32Type;
import org.apache.cassandra.db.marshal.UTF8Type;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.db.rows.BTreeRow;
import org.apache.cassandra.db.rows.BufferCell;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.schema.ColumnMetadata;
import org.apache.cassandra.schema.TableMetadata;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TtlTest {
    /** 2026-01-01. */
    private static final long SNAPSHOT = RandomWrites.NOW;

    /** Restored 100 000 seconds later. */
    private static final long LATER = SNAPSHOT + 100_000;

    @TempDir
    Path temp;

    private Replicas replicas;

    @BeforeEach
    void open() {
        replicas = new Replicas(temp, Schemas.PLAIN.definition());
    }

    @Test
    void keepLeavesExpiryAndTurnsTheExpiredIntoTombstones() {
        add("nb", row(1, 500, SNAPSHOT - 1000), row(2, 5000, SNAPSHOT - 1000), row(3, 500_000, SNAPSHOT - 1000));

        SynthesisResult result = merge(new TtlPolicy.Keep(), SNAPSHOT);

        assertThat(dump(result))
                .anyMatch(line -> line.contains("v=@7/0/" + (SNAPSHOT - 1000)))
                .anyMatch(line -> line.contains("v=78@7/5000/" + (SNAPSHOT + 4000)))
                .anyMatch(line -> line.contains("v=78@7/500000/" + (SNAPSHOT + 499_000)));
        assertThat(result.expiry())
                .isEqualTo(new ExpiryHistogram(List.of(
                        new ExpiryHistogram.Bucket(SNAPSHOT + 4000, SNAPSHOT + 4000, 1),
                        new ExpiryHistogram.Bucket(SNAPSHOT + 499_000, SNAPSHOT + 499_000, 1))));
        assertThat(result.tombstones()).isEqualTo(1);
    }

    @Test
    void freezeGivesBackTheLifeThatRemainedAtTheSnapshot() {
        add("nb", row(1, 500, SNAPSHOT - 1000), row(2, 5000, SNAPSHOT - 1000));

        SynthesisResult result = merge(new TtlPolicy.Freeze(SNAPSHOT, LATER), LATER);

        assertThat(dump(result))
                .anyMatch(line -> line.contains("v=@7/0/" + (SNAPSHOT - 1000)))
                .anyMatch(line -> line.contains("live 7/5000/" + (LATER + 4000))
                        && line.contains("v=78@7/5000/" + (LATER + 4000)));
    }

    @Test
    void dropLetsWhatWasLiveLiveForEver() {
        add("oa", row(1, 500, SNAPSHOT - 1000), row(2, 5000, SNAPSHOT - 1000));

        SynthesisResult result = merge(new TtlPolicy.Drop(SNAPSHOT), LATER);

        assertThat(dump(result))
                .anyMatch(line -> line.contains("v=@7/0/" + (SNAPSHOT - 1000)))
                .anyMatch(line -> line.endsWith("live 7/0/" + LivenessInfo.NO_EXPIRATION_TIME + " v=78@7"));
        assertThat(result.expiry()).isEqualTo(ExpiryHistogram.none());
    }

    @Test
    void purgeTakesTheExpiredWhoseTombstoneIsOldEnough() {
        add("nb", row(1, 500, SNAPSHOT - 1000), row(2, 500, SNAPSHOT - 90_000));

        Replicas.Request request = replicas.request();
        request.purge = new PurgePolicy.PurgeBefore(SNAPSHOT - 50_000);
        SynthesisResult result = request.run();

        assertThat(result.partitions()).isEqualTo(1);
        assertThat(result.outputs().get(0).partitions()).isEqualTo(1);
    }

    @Test
    void nothingIsWrittenWhenAllIsPurged() {
        add("nb", row(1, 500, SNAPSHOT - 90_000));

        Replicas.Request request = replicas.request();
        request.purge = new PurgePolicy.PurgeBefore(SNAPSHOT - 50_000);
        SynthesisResult result = request.run();

        assertThat(result.outputs()).isEmpty();
        assertThat(request.output).doesNotExist();
    }

    @Test
    void anExpiryAfter2038NeedsVersionOa() {
        long expiry = 2_200_000_000L;
        add("oa", row(1, 630_000_000, expiry - 630_000_000));
        add("nb", liveRow(2));

        SynthesisResult result = merge(new TtlPolicy.Keep(), SNAPSHOT);

        assertThat(result.outputs().get(0).descriptor()).isEqualTo("oa-1-big");
        assertThat(result.outputs()).hasSize(1);
        assertThat(dump(result)).anyMatch(line -> line.contains("v=78@7/630000000/" + expiry));
    }

    @Test
    void anExpiryThatFreezeMovesBeyond2038NeedsVersionOa() {
        add("nb", row(1, 300_000_000, SNAPSHOT - 1000), liveRow(2));

        SynthesisResult result = merge(new TtlPolicy.Freeze(SNAPSHOT, SNAPSHOT + 200_000_000), SNAPSHOT + 200_000_000);

        assertThat(result.outputs())
                .singleElement()
                .satisfies(output -> assertThat(output.descriptor()).isEqualTo("oa-1-big"));
        assertThat(dump(result)).anyMatch(line -> line.contains("v=78@7/300000000/" + (SNAPSHOT + 499_999_000)));
    }

    @Test
    void aRowLivesAsLongAsItsLastCell() {
        TableMetadata table = replicas.table();
        Row.Builder row = BTreeRow.unsortedBuilder();
        row.newRow(Clustering.EMPTY);
        row.addPrimaryKeyLivenessInfo(LivenessInfo.create(7, 100, SNAPSHOT));
        row.addCell(BufferCell.expiring(column(table, "v"), 7, 900, SNAPSHOT, UTF8Type.instance.decompose("x")));
        add("nb", PartitionUpdate.singleRowUpdate(table, key(1), row.build()));

        assertThat(merge(new TtlPolicy.Keep(), SNAPSHOT).expiry().buckets())
                .containsExactly(new ExpiryHistogram.Bucket(SNAPSHOT + 900, SNAPSHOT + 900, 1));
    }

    private int nextId = 1;

    private void add(String version, PartitionUpdate... updates) {
        replicas.add("node", version, nextId++, List.of(updates));
    }

    private PartitionUpdate row(int key, int ttl, long writtenAt) {
        TableMetadata table = replicas.table();
        Row.Builder row = BTreeRow.unsortedBuilder();
        row.newRow(Clustering.EMPTY);
        row.addPrimaryKeyLivenessInfo(LivenessInfo.create(7, ttl, writtenAt));
        row.addCell(BufferCell.expiring(column(table, "v"), 7, ttl, writtenAt, UTF8Type.instance.decompose("x")));
        return PartitionUpdate.singleRowUpdate(table, key(key), row.build());
    }

    private PartitionUpdate liveRow(int key) {
        TableMetadata table = replicas.table();
        Row.Builder row = BTreeRow.unsortedBuilder();
        row.newRow(Clustering.EMPTY);
        row.addCell(BufferCell.live(column(table, "v"), 7, UTF8Type.instance.decompose("x")));
        return PartitionUpdate.singleRowUpdate(table, key(key), row.build());
    }

    private static ColumnMetadata column(TableMetadata table, String name) {
        return table.getExistingColumn(org.apache.cassandra.cql3.ColumnIdentifier.getInterned(name, true));
    }

    private static ByteBuffer key(int key) {
        return Int32Type.instance.decompose(key);
    }

    private SynthesisResult merge(TtlPolicy ttl, long now) {
        Replicas.Request request = replicas.request();
        request.ttl = ttl;
        request.now = now;
        return request.run();
    }

    private List<String> dump(SynthesisResult result) {
        return Replicas.dump(replicas.table(), result, "all");
    }
}
