package dev.hindsight.engine.local;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The command line of a worker process on this machine. */
public final class WorkerCommand {
    /** What a worker's heap may be, whatever the size of the data. */
    public static final String HEAP = "-Xmx512m";

    /**
     * Environment variable with more JVM flags for workers, apart by white space, after all others: another heap, a log
     * of the collector for measurements.
     */
    public static final String OPTIONS_VARIABLE = "HINDSIGHT_WORKER_JAVA_OPTS";

    private static final String FLAGS = "dev/hindsight/oracle/jvm.options";

    private WorkerCommand() {}

    /** The Java of this process with its class path, a worker's heap and flags, and a main class. */
    public static List<String> forThisJvm(String mainClass, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add(HEAP);
        command.add("-XX:+UseSerialGC");
        command.add("-XX:+ExitOnOutOfMemoryError");
        command.addAll(synthesiserFlags());
        command.addAll(moreFlags(System.getenv(OPTIONS_VARIABLE)));
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(mainClass);
        command.addAll(List.of(arguments));
        return List.copyOf(command);
    }

    private static List<String> moreFlags(@Nullable String given) {
        return given == null || given.isBlank()
                ? List.of()
                : List.of(given.trim().split("\\s+"));
    }

    /** What the reference synthesiser asks of its JVM; nothing when it is not on the class path. */
    private static List<String> synthesiserFlags() {
        List<String> flags = new ArrayList<>();
        try (InputStream in = WorkerCommand.class.getClassLoader().getResourceAsStream(FLAGS)) {
            if (in == null) {
                return List.of();
            }
            BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String flag = line.trim();
                if (flag.isEmpty() || flag.startsWith("#")) {
                    continue;
                }
                // As java's own option files: an option and its value may stand on one line.
                flags.addAll(List.of(flag.split("\\s+")));
            }
            return flags;
        } catch (IOException e) {
            throw new UncheckedIOException("resource " + FLAGS + " cannot be read", e);
        }
    }
}
