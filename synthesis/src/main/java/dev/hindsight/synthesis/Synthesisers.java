package dev.hindsight.synthesis;

import dev.hindsight.model.failure.UsageException;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** Finds a {@link Synthesiser} by its name among those on the class path. */
public final class Synthesisers {
    /** The own engine: what everybody runs who does not ask for another. */
    public static final String DEFAULT = "cursor";

    /** Environment variable with the name of another one, for comparison: {@code reference}. */
    public static final String VARIABLE = "HINDSIGHT_SYNTHESISER";

    private Synthesisers() {}

    /** The one that {@code environment} asks for, or the default. */
    public static Synthesiser chosen(Map<String, String> environment) {
        String wanted = environment.getOrDefault(VARIABLE, "").trim();
        return named(wanted.isEmpty() ? DEFAULT : wanted);
    }

    /** @throws UsageException none has this name */
    public static Synthesiser named(String name) {
        Map<String, Synthesiser> found = new TreeMap<>();
        for (Synthesiser synthesiser : ServiceLoader.load(Synthesiser.class)) {
            found.put(synthesiser.name(), synthesiser);
        }
        Synthesiser wanted = found.get(name);
        if (wanted == null) {
            throw new UsageException(
                    "no synthesiser '" + name + "' is on the class path, only " + found.keySet(),
                    "unset " + VARIABLE
                            + ", or set it to one of these; './hindsight' adds 'reference' when asked for it");
        }
        return wanted;
    }
}
