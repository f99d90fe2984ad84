package dev.hindsight.cli;

import dev.hindsight.cli.output.Terminal;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;

/** What a command line finds around it; tests invent it. */
public record Surroundings(
        Terminal terminal,
        Map<String, String> environment,
        Path workingDirectory,
        Clock clock,
        Interrupts interrupts) {}
