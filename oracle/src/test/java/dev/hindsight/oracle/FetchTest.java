package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.CorruptInputException;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.OutputGroup;
import dev.hindsight.synthesis.SynthesisResult;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.cassandra.db.Clustering;
import org.apache.cassandra.db.marshal.Int32Type;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.db.rows.BTreeRow;
import org.apache.cassandra.db.rows.BufferCell;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.schema.ColumnMetadata;
import org.apache.cassandra.schema.TableMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FetchTest {
    @TempDir
    Path temp;

    @ParameterizedTest
    @ValueSource(strings = {"nb", "oa", "da"})
    void rangesAreExactAtBothEnds(String version) {
        Replicas replicas = new Replicas(temp, Schemas.PLAIN.definition());
        List<PartitionUpdate> rows = new ArrayList<>();
        for (int key = 0; key < 50; key++) {
            rows.add(row(replicas.table(), key, 10));
        }
        replicas.add("node", version, 1, rows);
        List<Long> tokens = new ArrayList<>(new TreeSet<>(rows.stream()
                .map(row -> (Long) row.partitionKey().getToken().getTokenValue())
                .toList()));
        int run = 0;
        for (int[] cut : new int[][] {{0, 1}, {0, 49}, {10, 20}, {10, 11}, {48, 49}, {30, 31}}) {
            long start = tokens.get(cut[0]);
            long end = tokens.get(cut[1]);
            for (TokenRange range : List.of(
                    new TokenRange(start, end),
                    new TokenRange(start - 1, end),
                    new TokenRange(start - 1, end - 1),
                    new TokenRange(start, end + 1),
                    new TokenRange(start, start + 1),
                    new TokenRange(Long.MIN_VALUE, end),
                    new TokenRange(start, Long.MAX_VALUE))) {
                Replicas.Request request = replicas.request();
                request.inputs = replicas.inputs(TokenRanges.of(range));
                request.output = temp.resolve("out" + run++);
                assertThat(tokens(replicas.table(), request.run()))
                        .as("%s", range)
                        .isEqualTo(tokens.stream().filter(range::contains).toList());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nb", "oa", "da"})
    void onlyTheOwnedShareOfTheDataIsFetched(String version) {
        Replicas replicas = new Replicas(temp, Schemas.PLAIN.definition());
        List<PartitionUpdate> rows = new ArrayList<>();
        for (int key = 0; key < 4000; key++) {
            rows.add(row(replicas.table(), key, 1000));
        }
        replicas.add("node", version, 1, rows);
        InputSSTable whole = replicas.inputs(TokenRanges.FULL).get(0);
        long small = whole.components().entrySet().stream()
                .filter(component -> !List.of("Data.db", "Filter.db", "Digest.crc32", "TOC.txt")
                        .contains(component.getKey()))
                .mapToLong(component -> component.getValue().sizeBytes())
                .sum();

        for (TokenRanges ranges : List.of(
                TokenRanges.FULL,
                TokenRanges.of(new TokenRange(-1L << 62, 1L << 62)),
                TokenRanges.of(new TokenRange(-1L << 62, -1L << 61), new TokenRange(0, 1L << 61)))) {
            Replicas.Request request = replicas.request();
            request.inputs = replicas.inputs(ranges);
            request.output = temp.resolve("out" + ranges.fraction());
            SynthesisResult result = request.run();

            double owned =
                    ranges.fraction() * DamagedSource.source(whole, "Data.db").sizeBytes();
            assertThat((double) result.dataBytesOwned()).isBetween(0.9 * owned, 1.1 * owned);
            assertThat((double) result.dataBytesFetched()).isLessThan(1.1 * result.dataBytesOwned());
            assertThat(result.bytesFetched()).isLessThanOrEqualTo(result.dataBytesFetched() + small);
            assertThat(result.uncompressedBytes()).isGreaterThan(0);
            assertThat(result.cpuNanosFetch()).isPositive();
            assertThat(result.cpuNanosMerge()).isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nb", "oa", "da"})
    void anInputWithNothingInItsRangesCostsOnlySmallComponents(String version) {
        Replicas replicas = new Replicas(temp, Schemas.PLAIN.definition());
        List<PartitionUpdate> rows = new ArrayList<>();
        for (int key = 0; key < 2000; key++) {
            rows.add(row(replicas.table(), key, 500));
        }
        replicas.add("node", version, 1, rows);
        Replicas.Request request = replicas.request();
        request.inputs = replicas.inputs(TokenRanges.of(new TokenRange(Long.MIN_VALUE, Long.MIN_VALUE + 1)));

        SynthesisResult result = request.run();

        assertThat(result.outputs()).isEmpty();
        // Before oa, no checksummed component tells the first key: one chunk of the data must confirm what the index
        // says.
        assertThat(result.dataBytesFetched()).isLessThanOrEqualTo(version.equals("nb") ? 16 << 10 : 0);
        Replicas.Request none = replicas.request();
        none.inputs = replicas.inputs(TokenRanges.NONE);
        assertThat(none.run().bytesFetched()).isZero();
    }

    @Test
    void differentOriginsAreFetchedAtTheSameTime() {
        Replicas replicas = new Replicas(temp, Schemas.PLAIN.definition()).write(1, 20, 300);
        CountDownLatch threeAreReading = new CountDownLatch(3);
        List<InputSSTable> inputs = replicas.inputs(TokenRanges.FULL).stream()
                .map(input -> DamagedSource.replace(
                        input,
                        "Statistics.db",
                        new Meeting(DamagedSource.source(input, "Statistics.db"), threeAreReading)))
                .toList();
        Replicas.Request request = replicas.request();
        request.inputs = inputs;

        assertThat(request.run().partitions()).isEqualTo(20);
    }

    /** Does not go on before so many reads have begun. */
    private record Meeting(ByteSource source, CountDownLatch latch) implements ByteSource {
        @Override
        public String name() {
            return source.name();
        }

        @Override
        public long sizeBytes() {
            return source.sizeBytes();
        }

        @Override
        public void read(long position, byte[] into, int offset, int length) {
            latch.countDown();
            try {
                assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            source.read(position, into, offset, length);
        }
    }

    @Test
    void idsMayCollideBetweenNodesAndBeUuids() {
        Replicas replicas = new Replicas(temp, Schemas.PLAIN.definition()).write(1, 20, 300);
        List<InputSSTable> inputs = replicas.inputs(TokenRanges.FULL).stream()
                .map(input -> new InputSSTable(
                        input.origin(),
                        input.descriptor().replaceFirst("-\\d+-", "-3ggb_1ij9_2tjfl2au5c5q1iq0qx-"),
                        input.components(),
                        input.ranges()))
                .toList();
        Replicas.Request request = replicas.request();
        List<String> expected = Replicas.dump(replicas.table(), request.run(), "all");

        request.inputs = inputs;
        request.output = temp.resolve("uuids");

        assertThat(Replicas.dump(replicas.table(), request.run(), "all")).isEqualTo(expected);
    }

    @Test
    void theFirstFailureIsToldAndTheOthersStop() {
        Replicas replicas = new Replicas(temp, Schemas.COMPOSITE.definition()).write(1, 20, 600);
        List<InputSSTable> inputs = new ArrayList<>(replicas.inputs(TokenRanges.FULL));
        inputs.set(4, DamagedSource.flip(inputs.get(4), "Data.db", 100, 1));
        Replicas.Request request = replicas.request();
        request.inputs = inputs;

        assertThatThrownBy(request::run)
                .isInstanceOf(CorruptInputException.class)
                .hasMessageContaining(inputs.get(4).descriptor() + " of node1");
        request.scratch.reserve(request.scratch.limitBytes());
    }

    @Test
    void aPartitionTooWideToKeepGoesToEveryGroupToo() {
        Replicas replicas = new Replicas(temp, Schemas.UNCOMPRESSED.definition());
        TableMetadata table = replicas.table();
        for (int node = 0; node < 2; node++) {
            List<PartitionUpdate> rows = new ArrayList<>();
            for (int i = 0; i < 1500; i++) {
                rows.add(clustered(table, i % 3, 2 * i + node, 2000));
            }
            replicas.add("node" + node, Replicas.VERSIONS[node], 1, rows);
        }
        Replicas.Request request = replicas.request();
        request.groups = List.of(
                new OutputGroup("a", TokenRanges.FULL),
                new OutputGroup("b", TokenRanges.FULL),
                new OutputGroup("c", TokenRanges.FULL));

        SynthesisResult result = request.run();

        List<String> once = Replicas.dump(table, result, "a");
        assertThat(once).hasSize(3003);
        assertThat(Replicas.dump(table, result, "b")).isEqualTo(once);
        assertThat(Replicas.dump(table, result, "c")).isEqualTo(once);
        assertThat(result.rows()).isEqualTo(3000);
        assertThat(result.outputs())
                .allSatisfy(output -> assertThat(output.rows()).isEqualTo(3000));
    }

    private static List<Long> tokens(TableMetadata table, SynthesisResult result) {
        return Replicas.dump(table, result, "all").stream()
                .map(line -> Long.valueOf(line.substring("DecoratedKey(".length(), line.indexOf(','))))
                .distinct()
                .toList();
    }

    static PartitionUpdate row(TableMetadata table, int key, int bytes) {
        Row.Builder row = BTreeRow.unsortedBuilder();
        row.newRow(Clustering.EMPTY);
        row.addCell(BufferCell.live(column(table), 7, noise(key, bytes)));
        return PartitionUpdate.singleRowUpdate(table, Int32Type.instance.decompose(key), row.build());
    }

    static PartitionUpdate clustered(TableMetadata table, int key, int clustering, int bytes) {
        Row.Builder row = BTreeRow.unsortedBuilder();
        row.newRow(Clustering.make(Int32Type.instance.decompose(clustering)));
        row.addCell(BufferCell.live(column(table), 7, noise(clustering, bytes)));
        return PartitionUpdate.singleRowUpdate(table, Int32Type.instance.decompose(key), row.build());
    }

    private static ColumnMetadata column(TableMetadata table) {
        return table.getExistingColumn(org.apache.cassandra.cql3.ColumnIdentifier.getInterned("v", true));
    }

    /** Does not compress. */
    static ByteBuffer noise(int seed, int bytes) {
        byte[] noise = new byte[bytes];
        new java.util.Random(seed).nextBytes(noise);
        return ByteBuffer.wrap(noise);
    }
}
