package dev.hindsight.bench.synthesis;

import dev.hindsight.bench.process.Machine;
import dev.hindsight.bench.synthesis.engine.EngineKind;
import dev.hindsight.bench.synthesis.engine.Figures;
import dev.hindsight.cli.output.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@link DataResult}s for people. */
final class SynthesisTables {
    private static final double GB = 1e9;

    private SynthesisTables() {}

    static String of(Machine machine, double loadAtEnd, List<DataResult> results) {
        List<String> parts = new ArrayList<>(
                List.of(circumstances(machine, loadAtEnd), engines(results), shards(results), floor(results)));
        String missing = missing(results);
        if (!missing.isEmpty()) {
            parts.add(missing);
        }
        return String.join("\n\n", parts);
    }

    private static String circumstances(Machine machine, double loadAtEnd) {
        return Text.facts(List.of(
                "at",
                machine.at() + ", load average " + decimal(machine.loadAverage()) + " at the start, "
                        + decimal(loadAtEnd) + " at the end",
                "machine",
                machine.cores() + " cores, " + machine.cpu() + ", " + machine.os() + ", " + machine.fileSystem(),
                "java",
                machine.java()));
    }

    private static String engines(List<DataResult> results) {
        List<List<String>> rows = new ArrayList<>();
        for (DataResult result : results) {
            for (EngineKind kind : EngineKind.values()) {
                Passes of = result.of(kind);
                if (of.isEmpty()) {
                    continue;
                }
                boolean floor = kind == EngineKind.FLOOR;
                rows.add(List.of(
                        result.data().id(),
                        result.name(kind),
                        Text.bytes(result.inputBytes()),
                        decimal(of.cpuSeconds()),
                        decimal(of.medianCpuSeconds()),
                        decimal(of.cpuSeconds() / (result.inputBytes() / GB)),
                        floor ? "" : decimal(of.seconds(Figures.PROCESS_CPU)),
                        floor ? "" : Text.bytes(of.allocatedBytes()),
                        times(result.ratio(EngineKind.CASSANDRA_5, of)),
                        times(result.ratio(EngineKind.CASSANDRA_6, of)),
                        share(result.ratio(EngineKind.FLOOR, of))));
            }
        }
        return Text.table(
                        List.of(
                                "data",
                                "engine",
                                ">input",
                                ">cpu-s, best",
                                ">median",
                                ">cpu-s/GB",
                                ">process",
                                ">allocated",
                                ">to 5.0.9",
                                ">to the cursor",
                                ">of the floor"),
                        rows)
                + "\ncpu-s: of the threads that merge and fetch; process: with collector and compiler; input: Data.db after"
                + " decompression";
    }

    private static String shards(List<DataResult> results) {
        List<List<String>> rows = new ArrayList<>();
        for (DataResult result : results) {
            Passes of = result.of(EngineKind.HINDSIGHT);
            if (of.isEmpty()) {
                continue;
            }
            boolean both = !result.inTurn().isEmpty() && !result.atOnce().isEmpty();
            rows.add(List.of(
                    result.data().id(),
                    Text.count(result.rows()),
                    decimal(of.seconds(Figures.FETCH_CPU)),
                    decimal(of.seconds(Figures.MERGE_CPU)),
                    decimal(of.seconds(Figures.WALL)),
                    both ? decimal(result.inTurn().cpuSeconds()) : "",
                    both ? decimal(result.atOnce().cpuSeconds()) : "",
                    both
                            ? decimal(result.atOnce().cpuSeconds()
                                    / result.inTurn().cpuSeconds())
                            : ""));
        }
        return Text.table(
                List.of(
                        "hindsight",
                        ">rows out",
                        ">fetch cpu-s",
                        ">merge cpu-s",
                        ">wall",
                        ">2 shards in turn",
                        ">on 2 threads",
                        ">times the cpu"),
                rows);
    }

    private static String floor(List<DataResult> results) {
        List<List<String>> rows = new ArrayList<>();
        for (DataResult result : results) {
            Passes of = result.of(EngineKind.FLOOR);
            if (of.isEmpty()) {
                continue;
            }
            rows.add(List.of(
                    result.data().id(),
                    decimal(of.seconds(Figures.READ)),
                    decimal(of.seconds(Figures.DECOMPRESS)),
                    decimal(of.seconds(Figures.COMPARE)),
                    decimal(of.seconds(Figures.COPY)),
                    decimal(of.seconds(Figures.COMPRESS)),
                    decimal(of.seconds(Figures.WRITE))));
        }
        return Text.table(
                List.of(
                        "floor, cpu-s",
                        ">read, check",
                        ">decompress",
                        ">compare",
                        ">copy",
                        ">compress",
                        ">checksum, write"),
                rows);
    }

    private static String missing(List<DataResult> results) {
        List<String> lines = new ArrayList<>();
        for (DataResult result : results) {
            for (EngineKind kind : EngineKind.values()) {
                String why = result.missing(kind);
                if (why != null) {
                    lines.add(result.data().id() + ": nothing of " + result.name(kind) + ", " + why);
                }
            }
        }
        return String.join("\n", lines);
    }

    private static String times(@Nullable Double ratio) {
        return ratio == null ? "" : String.format(Locale.ROOT, "%.2fx", ratio);
    }

    private static String share(@Nullable Double share) {
        return share == null ? "" : String.format(Locale.ROOT, "%.0f %%", 100 * share);
    }

    private static String decimal(double number) {
        return String.format(Locale.ROOT, "%.3f", number);
    }
}
