package dev.hindsight.bench.ring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hindsight.bench.process.GcLog;
import dev.hindsight.bench.process.ProcessUse;
import dev.hindsight.bench.process.ProcessWatch;
import dev.hindsight.cli.Main;
import dev.hindsight.engine.local.WorkerCommand;
import dev.hindsight.lab.ChildProcess;
import dev.hindsight.model.failure.PreconditionFailedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The product's verbs as an operator runs them, each in a process of its own, watched with its workers. */
public final class VerbRuns {
    private static final Duration LONGEST = Duration.ofHours(6);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path directory;
    private final BenchSite site;
    private final String workerHeap;
    private int runs;

    /**
     * @param directory for {@code hindsight.yaml}, the repository, scratch, and logs
     * @param workerHeap as {@code -Xmx} has it
     */
    public VerbRuns(Path directory, BenchSite site, String workerHeap) {
        this.directory = directory;
        this.site = site;
        this.workerHeap = workerHeap;
    }

    /** A worker process and, when it left a log, its heap. */
    public record Worker(ProcessUse use, GcLog heap) {}

    /**
     * What a verb used.
     *
     * @param coordinator the verb's own process
     * @param agentCpuSeconds of all agents together, while the verb ran
     * @param nodeCpuSeconds of all nodes together, what they do by themselves included
     */
    public record Used(
            double wallSeconds,
            ProcessUse coordinator,
            List<Worker> workers,
            double agentCpuSeconds,
            double nodeCpuSeconds) {
        public Used {
            workers = List.copyOf(workers);
        }

        public double workerCpuSeconds() {
            return workers.stream().mapToDouble(one -> one.use().cpuSeconds()).sum();
        }

        /** Of all processes that Hindsight runs for a verb: its own, the workers', and the agents'. */
        public double hindsightCpuSeconds() {
            return coordinator.cpuSeconds() + workerCpuSeconds() + agentCpuSeconds;
        }

        /** Of the workers' threads whose name begins so. */
        public double workerThreads(String prefix) {
            return workers.stream()
                    .mapToDouble(one -> one.use().threads(prefix))
                    .sum();
        }
    }

    /** @param document what the verb printed under {@code --json} */
    public record Run(JsonNode document, Used used) {}

    public Path repository() {
        return directory.resolve("repository");
    }

    /**
     * Writes the configuration of the runs that follow; no rebase happens by itself.
     *
     * @param more lines behind it
     */
    public void configure(int workers, long shardBytes, long scratchBytes, String... more) {
        List<String> lines = new ArrayList<>(List.of("repository: {directory: repository}", "cluster:"));
        lines.addAll(site.clusterSection());
        lines.addAll(List.of(
                "backup:",
                "  workers: " + workers,
                "  scratch: scratch",
                "  scratch-limit: " + scratchBytes + "B",
                "  shard-size: " + shardBytes + "B",
                "rebase: {automatic: false}"));
        lines.addAll(List.of(more));
        try {
            Files.createDirectories(directory);
            Files.write(directory.resolve("hindsight.yaml"), lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                ChildProcess.java(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "-c",
                directory.resolve("hindsight.yaml").toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Begins a command that runs until it is told to end. */
    public ChildProcess start(String... arguments) {
        int number = ++runs;
        return ChildProcess.builder(
                        "hindsight " + String.join(" ", arguments),
                        directory.resolve("run-" + number + ".out"),
                        command(arguments))
                .directory(directory)
                .start();
    }

    /** @throws PreconditionFailedException it did not end with 0; with what it printed */
    public Run run(String... arguments) {
        int number = ++runs;
        Path out = directory.resolve("run-" + number + ".out");
        Path err = directory.resolve("run-" + number + ".err");
        List<String> command =
                command(Stream.concat(Stream.of("--json"), Stream.of(arguments)).toArray(String[]::new));
        double agents = site.agentCpuSeconds();
        double nodes = site.nodeCpuSeconds();
        long began = System.nanoTime();
        try (ChildProcess process = ChildProcess.builder("hindsight " + String.join(" ", arguments), out, command)
                        .errors(err)
                        .directory(directory)
                        .environment(
                                WorkerCommand.OPTIONS_VARIABLE,
                                "-Xmx" + workerHeap + " " + GcLog.flag("gc-" + number + "-%p.log"))
                        .start();
                ProcessWatch watch = new ProcessWatch(process.pid())) {
            int code = process.awaitExit(LONGEST);
            double wall = (System.nanoTime() - began) / 1e9;
            watch.close();
            String document = Files.readString(out, StandardCharsets.UTF_8);
            if (code != 0) {
                throw new PreconditionFailedException(
                        "'hindsight " + String.join(" ", arguments) + "' ended with " + code + ":\n" + document
                                + Files.readString(err, StandardCharsets.UTF_8),
                        "look at its messages above");
            }
            Used used = new Used(
                    wall,
                    watch.process(),
                    workers(number, watch.workers()),
                    site.agentCpuSeconds() - agents,
                    site.nodeCpuSeconds() - nodes);
            return new Run(JSON.readTree(document), used);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Worker> workers(int run, List<ProcessUse> seen) {
        return seen.stream()
                .map(use -> new Worker(use, GcLog.read(directory.resolve("gc-" + run + "-" + use.pid() + ".log"))))
                .toList();
    }

    /** Of all the repository's files. */
    public long repositoryBytes() {
        try (Stream<Path> files = Files.walk(repository())) {
            long sum = 0;
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                sum += Files.size(file);
            }
            return sum;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The counts of all shards of a backup, as its shard manifests have them. */
    public ShardCounts counts(String backup) {
        try (Stream<Path> files =
                Files.list(repository().resolve("backups").resolve(backup).resolve("shards"))) {
            ShardCounts sum = ShardCounts.NONE;
            for (Path file : files.filter(one -> one.toString().endsWith(".json"))
                    .sorted()
                    .toList()) {
                sum = sum.plus(
                        ShardCounts.of(JSON.readTree(Files.readAllBytes(file)).path("counts")));
            }
            return sum;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
