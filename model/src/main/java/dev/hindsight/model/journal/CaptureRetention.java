package dev.hindsight.model.journal;

import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Decides how much of an incarnation's captures nobody needs: what every protected table has sealed. One whose journal does
 * not know an incarnation will begin at its start, and needs all of it: what had ended before a journal began stands in its
 * first entry, so what it does not know is younger, whatever clocks say. A table of another cluster never reads a host; of
 * which cluster a host is, the tables that know it say. What no table knows stays while there is any.
 *
 * <p>Pure; any thread.
 */
public final class CaptureRetention {
    /** All of it. */
    public static final long NOBODY = Long.MAX_VALUE;

    private CaptureRetention() {}

    /**
     * A table that is protected, and whose journal goes on.
     *
     * @param consumed of each host, by incarnation, number of the capture that it reads next
     */
    public record Reader(String cluster, Map<UUID, Map<Incarnation, Long>> consumed) {
        public Reader {
            consumed = Map.copyOf(consumed);
        }
    }

    /**
     * Number of the first capture that somebody needs; {@link #NOBODY} when nobody needs any.
     *
     * @param readers all of them, whichever cluster
     */
    public static long firstNeeded(UUID host, Incarnation incarnation, Collection<Reader> readers) {
        var clusters = readers.stream()
                .filter(reader -> reader.consumed().containsKey(host))
                .map(Reader::cluster)
                .collect(Collectors.toSet());
        long first = NOBODY;
        for (Reader reader : readers) {
            if (!clusters.isEmpty() && !clusters.contains(reader.cluster())) {
                continue;
            }
            first = Math.min(
                    first, reader.consumed().getOrDefault(host, Map.of()).getOrDefault(incarnation, 0L));
        }
        return first;
    }
}
