package dev.hindsight.lab;

import dev.hindsight.model.failure.NotAppliedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Cassandra's own command-line tools as processes, from the stock jars, with one node's configuration. */
public final class StockTools {
    private static final Duration TIMEOUT = Duration.ofMinutes(3);

    private final CassandraHome home;
    private final NodeFiles files;

    StockTools(CassandraHome home, NodeFiles files) {
        this.home = home;
        this.files = files;
    }

    /** @param output stdout and stderr */
    public record Result(int exitCode, String output) {
        /** @throws NotAppliedException with the tool's output unless it ended with 0 */
        public String orThrow() {
            if (exitCode != 0) {
                throw new NotAppliedException(
                        "the tool ended with status " + exitCode + "\n" + output, "read its output above");
            }
            return output;
        }
    }

    public Result sstablemetadata(Path dataFile) {
        return run("org.apache.cassandra.tools.SSTableMetadataViewer", List.of(dataFile.toString()));
    }

    /** Extended verification of a table's SSTables in the node's data directories; for a node that is stopped. */
    public Result sstableverify(String keyspace, String table) {
        return run("org.apache.cassandra.tools.StandaloneVerifier", List.of("-e", "-f", keyspace, table));
    }

    public Result sstabledump(Path dataFile) {
        return run("org.apache.cassandra.tools.SSTableExport", List.of(dataFile.toString()));
    }

    /** Any main class of Cassandra's. */
    public Result run(String mainClass, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(ChildProcess.java());
        command.add("-Xmx256m");
        command.addAll(CassandraHome.jvmOptions());
        command.addAll(List.of(
                "-Dcassandra.config=file://" + files.yaml(),
                "-Dcassandra.storagedir=" + files.directory(),
                "-Dcassandra.logdir=" + files.directory().resolve("log"),
                "-Dlogback.configurationFile=logback-tools.xml",
                "-cp",
                home.classPath(files.configuration()),
                mainClass));
        command.addAll(arguments);
        try {
            Path output = Files.createTempFile(files.directory(), "tool-", ".out");
            try (ChildProcess process =
                    ChildProcess.builder(mainClass, output, command).start()) {
                int exit = process.awaitExit(TIMEOUT);
                return new Result(exit, Files.readString(output, StandardCharsets.UTF_8));
            } finally {
                Files.delete(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
