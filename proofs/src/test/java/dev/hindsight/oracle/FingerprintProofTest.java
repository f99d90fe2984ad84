package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.oracle.EngineCase.Flush;
import dev.hindsight.oracle.Write.CellWrite;
import dev.hindsight.oracle.Write.RowWrite;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.OutputGroup;
import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.SynthesisRequest;
import dev.hindsight.synthesis.TtlPolicy;
import dev.hindsight.synthesis.cursor.ContentScan;
import dev.hindsight.synthesis.cursor.LocalSSTables;
import dev.hindsight.synthesis.fetch.ScratchDirectory;
import dev.hindsight.synthesis.fingerprint.RunContent;
import dev.hindsight.synthesis.fingerprint.RunTap;
import dev.hindsight.synthesis.fingerprint.Runs;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.cassandra.schema.TableMetadata;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two contents have the same hash if and only if Cassandra's reader gives the same for both: random cases, and each again
 * with one write less, or with one cell changed in its last bit or by a microsecond.
 */
class FingerprintProofTest {
    private static final long SEED = Long.getLong("test.seed", 1);

    @TempDir
    Path temp;

    /** One hash over everything. */
    private static final class Everything implements Runs {
        private long hash;

        @Override
        public void restart() {}

        @Override
        public void before(long token, RunContent content) {}

        @Override
        public void end(RunContent content) {
            hash = content.take();
        }
    }

    private record Content(List<String> dump, long merged, long rewritten) {}

    @Test
    void hashesDifferJustWhereContentsDo() {
        prove(SEED, Integer.getInteger("test.cases", 18));
    }

    @Tag("nightly")
    @Test
    void theSameThousandsOfTimes() {
        prove(SEED + 1_000_000, Integer.getInteger("test.cases", 2_000));
    }

    private void prove(long first, int cases) {
        int different = 0;
        for (long seed = first; seed < first + cases; seed++) {
            EngineCase of = CaseGenerator.generate(seed);
            of = of.withFlushes(
                    of.flushes().stream().map(FingerprintProofTest::whole).toList());
            Random random = new Random(seed);
            try {
                Content content = content(of);
                assertThat(content.rewritten())
                        .as("seed %s, other encoding", seed)
                        .isEqualTo(content.merged());
                for (int i = 0; i < 3; i++) {
                    Content other = content(changed(of, random));
                    assertThat(other.merged() == content.merged())
                            .as("seed %s, change %s", seed, i)
                            .isEqualTo(other.dump().equals(content.dump()));
                    different += other.merged() == content.merged() ? 0 : 1;
                }
            } catch (UnsupportedException e) {
                assertThat(e).hasMessageContaining("counter shards");
            }
        }
        assertThat(different).isGreaterThan(cases / 2);
    }

    private static Flush whole(Flush flush) {
        return new Flush(
                flush.node(),
                flush.generation(),
                flush.version(),
                flush.compression(),
                flush.allColumns(),
                TokenRanges.FULL,
                flush.writes());
    }

    private static EngineCase changed(EngineCase of, Random random) {
        List<Flush> flushes = new ArrayList<>(of.flushes());
        int at = random.nextInt(flushes.size());
        List<Write> writes = new ArrayList<>(flushes.get(at).writes());
        int which = random.nextInt(writes.size());
        if (random.nextInt(4) > 0
                && writes.get(which) instanceof RowWrite row
                && !row.cells().isEmpty()) {
            List<CellWrite> cells = new ArrayList<>(row.cells());
            int cell = random.nextInt(cells.size());
            cells.set(cell, changed(cells.get(cell), random));
            writes.set(which, row.withCells(cells));
        } else {
            writes.remove(which);
        }
        flushes.set(at, flushes.get(at).withWrites(writes));
        if (writes.isEmpty()) {
            flushes.remove(at);
        }
        return of.withFlushes(flushes);
    }

    /** In its last bit, or in its time. */
    private static CellWrite changed(CellWrite cell, Random random) {
        ByteBuffer value = cell.value();
        if (value != null && value.hasRemaining() && random.nextInt(3) > 0) {
            byte[] bytes = new byte[value.remaining()];
            value.duplicate().get(bytes);
            bytes[bytes.length - 1] ^= 1;
            return new CellWrite(
                    cell.column(),
                    cell.path(),
                    ByteBuffer.wrap(bytes),
                    cell.timestamp(),
                    cell.ttl(),
                    cell.deletionTime());
        }
        return new CellWrite(cell.column(), cell.path(), value, cell.timestamp() + 1, cell.ttl(), cell.deletionTime());
    }

    private Content content(EngineCase of) {
        Path directory = temp.resolve("case");
        try (LocalSSTables local = new LocalSSTables()) {
            Scratch scratch = new Scratch(directory.resolve("scratch"), 1L << 34);
            List<InputSSTable> inputs = of.write(directory.resolve("nodes"));
            TableMetadata table = TableSchemas.parse(of.source());
            List<OutputSSTable> written = new ReferenceSynthesiser()
                    .synthesise(
                            new SynthesisRequest(
                                    of.source(),
                                    of.source(),
                                    inputs,
                                    new PurgePolicy.KeepTombstones(),
                                    new TtlPolicy.Keep(),
                                    of.settings().now(),
                                    List.of(new OutputGroup("all", TokenRanges.FULL)),
                                    directory.resolve("out"),
                                    1,
                                    1L << 40),
                            scratch,
                            SynthesisProgress.NONE)
                    .outputs();
            List<String> dump = new ArrayList<>();
            written.forEach(output -> dump.addAll(SSTables.dump(table, Replicas.data(output))));
            return new Content(
                    dump, hash(of, inputs, scratch), hash(of, local.open(written, TokenRanges.FULL), scratch));
        } finally {
            if (Files.exists(directory)) {
                ScratchDirectory.delete(directory);
            }
        }
    }

    private static long hash(EngineCase of, List<InputSSTable> inputs, Scratch scratch) {
        Everything all = new Everything();
        ContentScan.run(of.source(), inputs, of.settings().now(), new RunTap(all), scratch);
        return all.hash;
    }
}
