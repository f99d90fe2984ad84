package dev.hindsight.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hindsight.cli.HindsightCommand;
import dev.hindsight.cli.Interrupts;
import dev.hindsight.cli.Main;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.live.LiveWorkbench;
import dev.hindsight.cli.output.Terminal;
import dev.hindsight.lab.ChildProcess;
import dev.hindsight.lab.RingWithAgents;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The real command over a repository of one test. */
final class Hindsight {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LONG_ENOUGH = Duration.ofMinutes(5);

    private final Path directory;
    private int runs;

    /** @param backup lines of the section {@code backup:}, already indented by two */
    Hindsight(Path directory, RingWithAgents source, Map<String, RingWithAgents> targets, String backup) {
        this(directory, "repository: {directory: repository}\n", source, targets, backup);
    }

    /** @param repository the section {@code repository:}, whole */
    Hindsight(
            Path directory,
            String repository,
            RingWithAgents source,
            Map<String, RingWithAgents> targets,
            String backup) {
        this.directory = directory;
        StringBuilder yaml = new StringBuilder(repository + "cluster:\n");
        source.clusterSection(2).forEach(line -> yaml.append(line).append('\n'));
        if (!targets.isEmpty()) {
            yaml.append("targets:\n");
            targets.forEach((name, ring) -> {
                yaml.append("  ").append(name).append(":\n");
                ring.clusterSection(4).forEach(line -> yaml.append(line).append('\n'));
            });
        }
        yaml.append("backup:\n  scratch: scratch\n").append(backup);
        try {
            Files.createDirectories(directory);
            Files.writeString(directory.resolve("hindsight.yaml"), yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param out standard output; {@code err} standard error */
    record Result(int exitCode, String out, String err) {
        JsonNode json() {
            try {
                return JSON.readTree(out);
            } catch (IOException e) {
                throw new UncheckedIOException(out + err, e);
            }
        }

        Result expect(int code) {
            if (exitCode != code) {
                throw new AssertionError("exit " + exitCode + " instead of " + code + "\n" + out + "\n" + err);
            }
            return this;
        }
    }

    Path repository() {
        return directory.resolve("repository");
    }

    Path scratch() {
        return directory.resolve("scratch");
    }

    /** In this process (its workers are processes all the same), which saves the start of a JVM. */
    Result run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Surroundings surroundings = new Surroundings(
                new Terminal(stream(out), stream(err), false, false, false),
                System.getenv(),
                directory,
                Clock.systemUTC(),
                Interrupts.none());
        List<String> line = new ArrayList<>(
                List.of("-c", directory.resolve("hindsight.yaml").toString()));
        line.addAll(List.of(arguments));
        int code = HindsightCommand.commandLine(
                        surroundings, new LiveWorkbench(System.getenv(), Clock.systemUTC(), Interrupts.none()))
                .execute(line.toArray(String[]::new));
        return new Result(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    /** As its own process, to its end. */
    Result runProcess(Map<String, String> environment, String... arguments) {
        Started started = start(environment, arguments);
        int code = started.process.awaitExit(LONG_ENOUGH);
        return started.result(code);
    }

    /** Begins a command without waiting for it. */
    Started start(Map<String, String> environment, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                ChildProcess.java(),
                "-Xmx384m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "-c",
                directory.resolve("hindsight.yaml").toString()));
        command.addAll(List.of(arguments));
        runs++;
        Path out = directory.resolve("run-" + runs + ".out");
        Path err = directory.resolve("run-" + runs + ".err");
        ChildProcess.Builder builder = ChildProcess.builder("hindsight " + String.join(" ", arguments), out, command)
                .errors(err);
        environment.forEach(builder::environment);
        return new Started(builder.start(), out, err);
    }

    record Started(ChildProcess process, Path out, Path err) {
        Result result(int code) {
            try {
                return new Result(
                        code,
                        Files.readString(out, StandardCharsets.UTF_8),
                        Files.readString(err, StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Shard manifests that stand in the repository, published or not. */
    long storedShards() {
        Path backups = repository().resolve("backups");
        if (!Files.isDirectory(backups)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(backups)) {
            return files.filter(file -> file.toString().contains("/shards/")
                            && file.toString().endsWith(".json"))
                    .count();
        } catch (IOException | UncheckedIOException e) {
            return 0;
        }
    }

    /** Everything that is in scratch, relative; empty when nothing is left. */
    List<String> leftInScratch() {
        if (!Files.isDirectory(scratch())) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(scratch())) {
            return files.filter(file -> !file.equals(scratch()))
                    .map(file -> scratch().relativize(file).toString())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
