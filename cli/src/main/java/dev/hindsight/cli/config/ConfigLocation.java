package dev.hindsight.cli.config;

import dev.hindsight.model.failure.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where a configuration file is: as told, else as the environment says, else the first of the usual places. */
public enum ConfigLocation {
    HINDSIGHT("HINDSIGHT_CONFIG", "hindsight.yaml"),
    AGENT("HINDSIGHT_AGENT_CONFIG", "agent.yaml");

    private final String variable;
    private final String name;

    ConfigLocation(String variable, String name) {
        this.variable = variable;
        this.name = name;
    }

    /**
     * @param told the value of {@code -c}; whether that file exists is for the reader to say
     * @throws UsageException when nothing was told and no usual place has a file
     */
    public Path find(Optional<Path> told, Map<String, String> environment, Path workingDirectory) {
        if (told.isPresent()) {
            return workingDirectory.resolve(told.get()).normalize();
        }
        String set = environment.get(variable);
        if (set != null && !set.isEmpty()) {
            return workingDirectory.resolve(set).normalize();
        }
        List<Path> places = List.of(
                workingDirectory.resolve(name), Path.of("/etc/hindsight").resolve(name));
        return places.stream()
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(() -> new UsageException(
                        "no configuration: neither -c nor $" + variable + " is given, and there is no " + places.get(0)
                                + " and no " + places.get(1),
                        "write one (docs/OPERATIONS.md begins with an example) and name it with -c"));
    }
}
