package dev.hindsight.bench;

import dev.hindsight.bench.process.Machine;
import dev.hindsight.bench.ring.LagProbe;
import dev.hindsight.bench.ring.SampleRows;
import dev.hindsight.bench.ring.VerbRuns;
import java.util.List;

/**
 * What {@link ProtectBench} found.
 *
 * @param log how the nodes write their commit logs
 * @param phases of the load that was written with the capture off and on, in turn
 */
record ProtectFigures(
        Machine machine,
        double loadAverageAtEnd,
        SampleRows sample,
        String log,
        List<Phase> phases,
        LagProbe.Lags lag,
        Sealing sealing,
        Restore restore,
        Loader loader) {
    ProtectFigures {
        phases = List.copyOf(phases);
    }

    /** @param capturedBytes objects that the agents put; 0 with the capture off */
    record Phase(boolean capturing, long rows, long capturedBytes, double nodeCpuSeconds, double agentCpuSeconds) {
        double capturedMegabytes() {
            return capturedBytes / 1e6;
        }
    }

    /**
     * @param updatedRows since the journal was sealed last
     * @param capturedBytes of them, of all replicas
     * @param idle the same command when there was nothing to seal: the start of a JVM
     */
    record Sealing(long updatedRows, long capturedBytes, long records, VerbRuns.Used used, VerbRuns.Used idle) {
        double cpuSeconds() {
            return used.coordinator().cpuSeconds() - idle.coordinator().cpuSeconds();
        }

        double perCapturedGb() {
            return cpuSeconds() / (capturedBytes / 1e9);
        }
    }

    /**
     * @param backupBytes that were downloaded, with {@code journalBytes} of records
     * @param cassandraBytes Data.db of one replica of what came out
     */
    record Restore(long backupBytes, long journalBytes, long cassandraBytes, VerbRuns.Used used) {
        double perGb() {
            return used.hindsightCpuSeconds() / ((backupBytes + journalBytes) / 1e9);
        }
    }

    /** sstableloader with the whole table, compacted, of one node. */
    record Loader(long bytes, double wallSeconds, double nodeCpuSeconds) {}

    /** Milliseconds of the agents' CPU for a megabyte captured. */
    double agentMillisPerMegabyte() {
        return 1000 * (agent(true) - agent(false)) / megabytes();
    }

    /** Of the nodes, capture on against off. */
    double nodeRatio() {
        return node(true) / node(false);
    }

    private double megabytes() {
        return phases.stream()
                .filter(Phase::capturing)
                .mapToDouble(Phase::capturedMegabytes)
                .average()
                .orElse(0);
    }

    private double agent(boolean capturing) {
        return phases.stream()
                .filter(phase -> phase.capturing() == capturing)
                .mapToDouble(Phase::agentCpuSeconds)
                .average()
                .orElse(0);
    }

    private double node(boolean capturing) {
        return phases.stream()
                .filter(phase -> phase.capturing() == capturing)
                .mapToDouble(Phase::nodeCpuSeconds)
                .average()
                .orElse(0);
    }

    double restoreToLoader() {
        return restore.used().wallSeconds() / loader.wallSeconds();
    }
}
