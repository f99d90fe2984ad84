package dev.hindsight.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;

/** The command's own verbs, called in this process with {@code --json}. */
public interface DemoVerbs {
    /** From now on this is the configuration. */
    void use(Path configuration);

    /**
     * The verb's document.
     *
     * @throws dev.hindsight.model.failure.HindsightException the verb did not end with 0
     */
    JsonNode run(String... arguments);
}
