package dev.hindsight.oracle;

import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.synthesis.CorruptInputException;
import dev.hindsight.synthesis.InputSSTable;
import org.apache.cassandra.io.FSError;
import org.jspecify.annotations.Nullable;

/** Says in our words what went wrong with an input; nothing of Cassandra's own exceptions leaves this module. */
final class Damage {
    private Damage() {}

    static CorruptInputException of(InputSSTable input, String where) {
        return new CorruptInputException(input.origin(), input.descriptor(), where, null);
    }

    /**
     * What to throw for a failure met while understanding {@code input}. Whatever Cassandra's readers throw on wrong bytes
     * (there are at least seven kinds, assertions among them) means a damaged input; our own failures stay what they are.
     */
    static RuntimeException wrap(InputSSTable input, String where, Throwable failure) {
        if (failure instanceof HindsightException known) {
            return known;
        }
        if (failure instanceof VirtualMachineError fatal) {
            throw fatal;
        }
        FSError local = find(failure);
        if (local != null) {
            return new NotAppliedException(
                    "scratch cannot be read while merging " + input + ": " + local.getMessage(),
                    "look at the disk that holds the scratch directory, then run the same command again",
                    failure);
        }
        return new CorruptInputException(input.origin(), input.descriptor(), where + ": " + reason(failure), failure);
    }

    private static @Nullable FSError find(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof FSError error) {
                return error;
            }
        }
        return null;
    }

    private static String reason(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = root.getMessage();
        return root.getClass().getSimpleName() + (message == null ? "" : " " + message);
    }
}
