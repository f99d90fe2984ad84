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
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * How long after its acknowledgement a write is durably captured: for each sample, until the last of the replicas' copies is
 * in the repository under its name. Read off the repository's own files afterwards, so that measuring costs the agents
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
     * The 99th percentile in milliseconds; empty when a sample is not captured.
     *
     * @param acknowledged when, by the samples' numbers
     */
    static Optional<Double> p99Millis(Path repository, Map<Integer, Instant> acknowledged) {
        Map<Integer, Instant> durable = new HashMap<>();
        try (Stream<Path> files = Files.walk(repository.resolve("captures"))) {
            List<Path> captures = files.filter(Files::isRegularFile).toList();
            for (Path capture : captures) {
                Instant at = namedAt(capture);
                marks(capture).forEach(number -> durable.merge(number, at, (a, b) -> a.isAfter(b) ? a : b));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(repository.toString(), e);
        }
        if (acknowledged.isEmpty() || !durable.keySet().containsAll(acknowledged.keySet())) {
            return Optional.empty();
        }
        List<Double> sorted = acknowledged.entrySet().stream()
                .map(one -> Duration.between(one.getValue(), durable.getOrDefault(one.getKey(), Instant.MAX))
                                .toNanos()
                        / 1e6)
                .sorted()
                .toList();
        return Optional.of(sorted.get((int) Math.ceil(sorted.size() * 0.99) - 1));
    }

    /** When the file got its name, or its last byte. */
    private static Instant namedAt(Path file) throws IOException {
        Instant written = Files.getLastModifiedTime(file).toInstant();
        if (!Files.getFileStore(file).supportsFileAttributeView("unix")) {
            return written;
        }
        return ((FileTime) Files.getAttribute(file, "unix:ctime")).toInstant();
    }

    private static Set<Integer> marks(Path capture) throws IOException {
        Set<Integer> out = new HashSet<>();
        try (CaptureReader reader = CaptureReader.open(capture.toString(), Files.newInputStream(capture))) {
            Optional<CaptureItem> item = reader.next();
            while (item.isPresent()) {
                if (item.get() instanceof CaptureItem.Frame frame) {
                    addMarks(frame.mutation(), out);
                }
                item = reader.next();
            }
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
