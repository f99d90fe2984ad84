package dev.hindsight.cli.demo;

import dev.hindsight.repository.journal.CaptureItem;
import dev.hindsight.repository.journal.CaptureReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * How long after its acknowledgement a write is durably captured: for each sample, until it is in captures of all its replicas,
 * the last of them, in the repository under their names. Which replicas acknowledged a write nobody knows, and the guarantee
 * that a window gives counts on each. Read off the repository's own files afterwards, so that measuring costs the agents
 * nothing; all clocks are this machine's.
 */
final class CaptureLag {
    /** Stands in the value of each sampled write, followed by its number. */
    static final String MARK = "sample-";

    private static final int DIGITS = 6;
    private static final byte[] MARK_BYTES = MARK.getBytes(StandardCharsets.US_ASCII);

    private CaptureLag() {}

    static String mark(int number) {
        return MARK + String.format(java.util.Locale.ROOT, "%0" + DIGITS + "d", number);
    }

    /**
     * The 99th percentile in milliseconds. A sample that some replica has not captured counts as slower than any; empty when
     * there are too many of those, or no samples.
     *
     * @param acknowledged when, by the samples' numbers
     * @param replicas that each sample has
     */
    static Optional<Double> p99Millis(Path repository, Map<Integer, Instant> acknowledged, int replicas) {
        return p99Millis(repository, acknowledged, replicas, CaptureLag::namedAt);
    }

    /** @param namedAt when a capture came to be in the repository */
    static Optional<Double> p99Millis(
            Path repository, Map<Integer, Instant> acknowledged, int replicas, Function<Path, Instant> namedAt) {
        Map<Integer, Map<UUID, Instant>> captured = captured(repository, namedAt);
        List<Double> sorted = acknowledged.entrySet().stream()
                .map(one -> lagMillis(one.getValue(), captured.getOrDefault(one.getKey(), Map.of()), replicas))
                .sorted()
                .toList();
        return Optional.of(sorted)
                .filter(all -> !all.isEmpty())
                .map(all -> all.get((int) Math.ceil(all.size() * 0.99) - 1))
                .filter(lag -> !lag.isInfinite());
    }

    private static double lagMillis(Instant acknowledged, Map<UUID, Instant> captured, int replicas) {
        return captured.size() < replicas
                ? Double.POSITIVE_INFINITY
                : Duration.between(acknowledged, Collections.max(captured.values()))
                                .toNanos()
                        / 1e6;
    }

    /** When each host's first copy of each sample was there, by the sample's number. */
    private static Map<Integer, Map<UUID, Instant>> captured(Path repository, Function<Path, Instant> namedAt) {
        Map<Integer, Map<UUID, Instant>> out = new HashMap<>();
        try (Stream<Path> files = Files.walk(repository.resolve("captures"))) {
            for (Path capture : files.filter(Files::isRegularFile).toList()) {
                Instant at = namedAt.apply(capture);
                try (CaptureReader reader = CaptureReader.open(capture.toString(), Files.newInputStream(capture))) {
                    UUID host = reader.header().hostId();
                    marks(reader)
                            .forEach(number -> out.computeIfAbsent(number, any -> new HashMap<>())
                                    .merge(host, at, (a, b) -> a.isBefore(b) ? a : b));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(repository.toString(), e);
        }
        return out;
    }

    /** When the file got its name, or its last byte. */
    private static Instant namedAt(Path file) {
        try {
            return Files.getFileStore(file).supportsFileAttributeView("unix")
                    ? ((FileTime) Files.getAttribute(file, "unix:ctime")).toInstant()
                    : Files.getLastModifiedTime(file).toInstant();
        } catch (IOException e) {
            throw new UncheckedIOException(file.toString(), e);
        }
    }

    private static Set<Integer> marks(CaptureReader reader) throws IOException {
        Set<Integer> out = new HashSet<>();
        Optional<CaptureItem> item = reader.next();
        while (item.isPresent()) {
            if (item.get() instanceof CaptureItem.Frame frame) {
                addMarks(frame.mutation(), out);
            }
            item = reader.next();
        }
        return out;
    }

    private static void addMarks(byte[] bytes, Set<Integer> out) {
        int last = bytes.length - MARK_BYTES.length - DIGITS;
        for (int i = 0; i <= last; i++) {
            if (java.util.Arrays.equals(bytes, i, i + MARK_BYTES.length, MARK_BYTES, 0, MARK_BYTES.length)) {
                String digits = new String(bytes, i + MARK_BYTES.length, DIGITS, StandardCharsets.US_ASCII);
                if (digits.matches("[0-9]+")) {
                    out.add(Integer.parseInt(digits));
                }
            }
        }
    }
}
