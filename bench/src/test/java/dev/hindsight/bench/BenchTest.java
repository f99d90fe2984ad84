package dev.hindsight.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class BenchTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        CommandLine line = Bench.commandLine();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        return line.execute(arguments);
    }

    @Test
    void helpNamesEveryOptionOfAMeasurement() {
        assertThat(run("backup", "--help")).isZero();

        assertThat(out.toString()).contains("--size", "--workers", "--worker-heap", "--shard-size", "--json");
    }

    @Test
    void aMeasurementOfAChainHasTheOptionsOfARingToo() {
        assertThat(run("chain", "--help")).isZero();

        assertThat(out.toString()).contains("--size", "--increments", "--updates", "--worker-heap", "--json");
    }

    @Test
    void aChainWithoutIncrementIsRefusedBeforeAnythingStarts() {
        assertThat(run("chain", "--increments", "0")).isEqualTo(2);

        assertThat(err.toString()).contains("--increments 0", "at least one");
    }

    @Test
    void withoutAMeasurementItIsAUsageError() {
        assertThat(run()).isEqualTo(2);
    }

    @Test
    void aSizeWithoutUnitIsRefusedBeforeAnythingStarts() {
        assertThat(run("backup", "--size", "256")).isEqualTo(2);

        assertThat(err.toString()).contains("--size", "MiB");
    }
}
