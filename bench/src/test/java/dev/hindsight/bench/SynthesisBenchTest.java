package dev.hindsight.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SynthesisBenchTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path directory;

    private int run(String... arguments) {
        CommandLine line = Bench.commandLine();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        return line.execute(arguments);
    }

    @Test
    void allEnginesMakeEqualRowsOfTheSameInputsAndLeaveNothingBehind() throws IOException {
        Path json = directory.resolve("figures.json");

        int code = run(
                "synthesis",
                "--size",
                "300KiB",
                "--data",
                "counters",
                "--repeats",
                "1",
                "--directory",
                directory.resolve("place").toString(),
                "--cassandra-6",
                directory.resolve("none").toString(),
                "--json",
                json.toString());

        assertThat(code).as(out + "\n" + err).isZero();
        assertThat(directory.resolve("place")).doesNotExist();
        assertThat(err.toString()).contains("Cassandra 6.0-alpha2 is not in", "hint:");
        assertThat(out.toString()).contains("counters: nothing of cassandra-6.0-alpha2-cursor, it is not there");
        JsonNode figures = new ObjectMapper().readTree(Files.readAllBytes(json));
        List<String> engines = new ArrayList<>();
        for (JsonNode figure : figures) {
            engines.add(figure.get("engine").asText());
            List<String> fields = new ArrayList<>();
            figure.fieldNames().forEachRemaining(fields::add);
            assertThat(fields)
                    .containsExactly(
                            "data",
                            "engine",
                            "cpuSeconds",
                            "inputBytes",
                            "allocatedBytes",
                            "ratioTo509",
                            "ratioToCursor",
                            "shareOfFloor");
            assertThat(figure.get("data").asText()).isEqualTo("counters");
            assertThat(figure.get("cpuSeconds").asDouble()).isPositive();
            assertThat(figure.get("inputBytes").asLong()).isBetween(50_000L, 600_000L);
            assertThat(figure.get("ratioTo509").asDouble()).isPositive();
            assertThat(figure.get("ratioToCursor").isNull()).isTrue();
            assertThat(figure.get("shareOfFloor").asDouble()).isPositive();
        }
        assertThat(engines).contains("cassandra-5.0.9", "floor").anyMatch(one -> one.startsWith("hindsight"));
    }

    @Test
    void inputsOfAnotherSeedAreNotMeasured() throws IOException {
        Path kept = Files.createDirectories(directory.resolve("kept"));
        Files.createDirectories(kept.resolve("wide"));
        Files.writeString(kept.resolve("wide.made-of"), "something else");

        int code = run(
                "synthesis",
                "--data",
                "wide",
                "--inputs",
                kept.toString(),
                "--directory",
                directory.resolve("place").toString());

        assertThat(code).isNotZero();
        assertThat(err.toString()).contains("another size or seed", "--inputs");
        assertThat(directory.resolve("place")).doesNotExist();
    }

    @Test
    void anUnknownKindOfDataIsAUsageError() {
        assertThat(run("synthesis", "--data", "narrow,broad")).isEqualTo(2);

        assertThat(err.toString()).contains("'broad'");
    }
}
