package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.cursor.CursorSynthesiser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables of several clusters and of all shapes, merged in one process at the same time. */
class SideBySideTest {
    private static final long SEED = Long.getLong("test.seed", 1);
    private static final int CASES = 16;
    private static final int THREADS = 8;

    @TempDir
    Path temp;

    private record Prepared(EngineCase of, List<InputSSTable> inputs) {}

    @Test
    void everyOneIsTheSameBytesAsAlone() throws Exception {
        CassandraRuntime.start();
        List<Prepared> cases = new ArrayList<>();
        List<Map<String, ByteBuffer>> alone = new ArrayList<>();
        for (int i = 0; i < CASES; i++) {
            EngineCase of = CaseGenerator.generate(SEED + i);
            Prepared prepared = new Prepared(of, of.write(temp.resolve("in" + i)));
            cases.add(prepared);
            alone.add(run(prepared, "alone" + i));
        }

        CountDownLatch all = new CountDownLatch(THREADS);
        List<Future<Map<String, ByteBuffer>>> together = new ArrayList<>();
        ExecutorService pool = Executors.newFixedThreadPool(THREADS);
        try {
            for (int i = 0; i < 2 * CASES; i++) {
                int number = i;
                together.add(pool.submit(() -> {
                    all.countDown();
                    assertThat(all.await(60, TimeUnit.SECONDS)).isTrue();
                    return run(cases.get(number % CASES), "together" + number);
                }));
            }
            for (int i = 0; i < together.size(); i++) {
                assertThat(together.get(i).get(120, TimeUnit.SECONDS))
                        .as("seed %d", SEED + i % CASES)
                        .isEqualTo(alone.get(i % CASES));
            }
        } finally {
            pool.shutdownNow();
        }
        assertThat(alone.stream().mapToInt(Map::size).sum()).isGreaterThan(8 * CASES);
    }

    /** Each component's bytes by name; or the failure, for what is refused. */
    private Map<String, ByteBuffer> run(Prepared prepared, String name) throws IOException {
        Path output = temp.resolve(name);
        Path scratch = Files.createDirectories(temp.resolve(name + "-scratch"));
        Map<String, ByteBuffer> out = new TreeMap<>();
        try {
            for (OutputSSTable each : new CursorSynthesiser()
                    .synthesise(
                            prepared.of().request(prepared.inputs(), output),
                            new Scratch(scratch, 1L << 30),
                            SynthesisProgress.NONE)
                    .outputs()) {
                for (Path file : each.files()) {
                    out.put(output.relativize(file).toString(), ByteBuffer.wrap(bytes(file)));
                }
            }
        } catch (HindsightException e) {
            out.put(e.getClass() + ": " + e.getMessage(), ByteBuffer.allocate(0));
        }
        return out;
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
