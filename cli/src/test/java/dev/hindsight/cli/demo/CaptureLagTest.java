package dev.hindsight.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.journal.Incarnation;
import dev.hindsight.model.journal.Observation;
import dev.hindsight.repository.journal.CaptureHeader;
import dev.hindsight.repository.journal.CaptureItem;
import dev.hindsight.repository.journal.CaptureWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptureLagTest {
    private static final Instant WRITTEN = Instant.parse("2026-11-23T10:00:00Z");
    private static final int REPLICAS = 3;

    @TempDir
    Path repository;

    private final Map<Path, Instant> named = new HashMap<>();

    @BeforeEach
    void begin() throws IOException {
        Files.createDirectories(repository.resolve("captures"));
    }

    @Test
    void aSampleIsCapturedWhenAllItsReplicasHaveItInCaptures() throws IOException {
        capture(1, 0, 100, 7);
        capture(2, 0, 250, 7);
        assertThat(p99(acknowledged(7))).isEmpty();

        capture(3, 0, 900, 7);

        assertThat(p99(acknowledged(7))).contains(900.0);
    }

    @Test
    void whatOneReplicaCapturesTwiceIsDurableTheFirstTimeAndOneCopy() throws IOException {
        capture(1, 0, 100, 7);
        capture(1, 1, 5_000, 7);
        capture(2, 0, 250, 7);
        assertThat(p99(acknowledged(7))).isEmpty();

        capture(3, 0, 300, 7);

        assertThat(p99(acknowledged(7))).contains(300.0);
    }

    @Test
    void aSampleThatAReplicaHasNotCapturedIsSlowerThanAny() throws IOException {
        int[] all = IntStream.range(0, 200).toArray();
        for (int host = 1; host <= REPLICAS; host++) {
            capture(host, 0, 100L * host, all);
        }

        assertThat(p99(acknowledged(all))).contains(300.0);
        assertThat(p99(acknowledged(IntStream.range(0, 202).toArray()))).contains(300.0);
        assertThat(p99(acknowledged(IntStream.range(0, 203).toArray()))).isEmpty();
    }

    @Test
    void withoutSamplesNothingIsMeasured() throws IOException {
        assertThat(p99(Map.of())).isEmpty();
        capture(1, 0, 100, 7);
        assertThat(p99(Map.of())).isEmpty();
    }

    private Optional<Double> p99(Map<Integer, Instant> acknowledged) {
        return CaptureLag.p99Millis(
                repository,
                acknowledged,
                REPLICAS,
                file -> Optional.ofNullable(named.get(file)).orElseThrow());
    }

    private static Map<Integer, Instant> acknowledged(int... samples) {
        return IntStream.of(samples).boxed().collect(Collectors.toMap(number -> number, number -> WRITTEN));
    }

    private void capture(int host, long number, long lagMillis, int... samples) throws IOException {
        CaptureHeader header = new CaptureHeader(
                new UUID(1, host),
                new Incarnation(WRITTEN.toEpochMilli(), host),
                number,
                number == 0 ? CaptureHeader.NONE : CaptureHeader.NONE.replace('0', '1'));
        Path file = repository.resolve(header.key());
        Files.createDirectories(file.getParent());
        try (OutputStream out = Files.newOutputStream(file)) {
            CaptureWriter writer = new CaptureWriter(out, header);
            writer.add(new CaptureItem.Log(1, 8, new Observation(1, 2)));
            for (int sample : samples) {
                byte[] mutation =
                        ("a row with " + CaptureLag.mark(sample) + " in it").getBytes(StandardCharsets.US_ASCII);
                writer.add(new CaptureItem.Frame(100 + sample, mutation));
            }
            writer.finish();
        }
        named.put(file, WRITTEN.plusMillis(lagMillis));
    }
}
