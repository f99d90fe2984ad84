package dev.hindsight.bench.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * The circumstances of a measurement.
 *
 * @param loadAverage of the last minute; well above 0 before the start means that others took CPU meanwhile
 * @param fileSystem of the directory measured in
 */
public record Machine(String at, String cpu, int cores, String os, String java, double loadAverage, String fileSystem) {
    /** Names and values, for people. */
    public List<String> facts(double loadAverageAtEnd) {
        return List.of(
                "at",
                String.format(
                        Locale.ROOT,
                        "%s, load average %.1f at the start, %.1f at the end",
                        at,
                        loadAverage,
                        loadAverageAtEnd),
                "machine",
                cores + " cores, " + cpu + ", " + os + ", " + fileSystem,
                "java",
                java);
    }

    public static Machine now(Path directory) {
        try {
            return new Machine(
                    Instant.now().toString(),
                    cpuModel(),
                    Runtime.getRuntime().availableProcessors(),
                    System.getProperty("os.name") + " " + System.getProperty("os.version"),
                    System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"),
                    loadAverageNow(),
                    Files.getFileStore(directory).type());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static double loadAverageNow() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    private static String cpuModel() throws IOException {
        Path file = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(file)) {
            return System.getProperty("os.arch", "unknown");
        }
        return Files.readAllLines(file, StandardCharsets.UTF_8).stream()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).trim())
                .findFirst()
                .orElse("unknown");
    }
}
