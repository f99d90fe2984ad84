package dev.hindsight.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProgressPrinterTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private long now;

    @Test
    void plainLinesHaveBytesRateAndEtaEveryFewSeconds() {
        try (ProgressPrinter printer = printer(false)) {
            printer.phase("shards", 100 << 20);
            printer.advance(10 << 20);
            after(1);
            printer.tick();
            after(4);
            printer.tick();
            printer.tick();
            printer.advance(90 << 20);
            after(5);
        }

        assertThat(printed()).isEqualTo("""
                        shards   10%  10.0 MiB of 100 MiB  2.00 MiB/s  ETA 45.0s
                        shards: 100 MiB in 10.0s, 10.0 MiB/s
                        """);
    }

    @Test
    void terminalLineIsRewrittenAndWipedBeforeANote() {
        try (ProgressPrinter printer = printer(true)) {
            printer.phase("survey", 0);
            after(2);
            printer.tick();
            printer.note("node 10.0.0.3 is down");
        }

        assertThat(printed()).isEqualTo("\rsurvey  2.0s\r            \rnote: node 10.0.0.3 is down\nsurvey: 2.0s\n");
    }

    @Test
    void escapesInNotesDoNotReachTheTerminal() {
        try (ProgressPrinter printer = printer(true)) {
            printer.note("table \u001b[2Jx");
        }

        assertThat(printed()).isEqualTo("note: table \\u001b[2Jx\n");
    }

    private ProgressPrinter printer(boolean terminal) {
        return new ProgressPrinter(new PrintStream(bytes, true, StandardCharsets.UTF_8), terminal, () -> now);
    }

    private void after(int seconds) {
        now += TimeUnit.SECONDS.toNanos(seconds);
    }

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
