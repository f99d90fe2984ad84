package dev.hindsight.agent.capture;

import dev.hindsight.repository.journal.CaptureItem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What came from outside and may not be all there, or not be read by the node yet: an import copies one file after another, and
 * only then has the node read them. A base taken meanwhile may miss some, so that what is said of it reaches ahead by
 * {@value #AHEAD_MICROS} µs, and goes on until the files have been still for so long while the node answered. One thread.
 */
final class Settling {
    static final long AHEAD_MICROS = 10_000_000;

    /** A node that answers is asked again within this time. */
    private static final long SILENT_MICROS = 15_000_000;

    /** Of one directory. */
    private static final class Arrival {
        final WatchedTable table;
        final String cause;
        final Set<String> sstables = new TreeSet<>();
        long fromMicros;
        long saidMicros;
        long stillMicros;
        long bytes;

        Arrival(WatchedTable table, String cause, long fromMicros) {
            this.table = table;
            this.cause = cause;
            this.fromMicros = fromMicros;
        }
    }

    private final Map<String, Arrival> arrivals = new HashMap<>();
    private final List<CaptureItem.Outside> said = new ArrayList<>();
    private long answeredMicros;

    boolean isEmpty() {
        return arrivals.isEmpty();
    }

    void add(WatchedTable table, Collection<String> sstables, long fromMicros, long now, String cause) {
        Arrival arrival =
                arrivals.computeIfAbsent(table.directory + " " + cause, key -> new Arrival(table, cause, fromMicros));
        arrival.fromMicros = Math.min(arrival.fromMicros, fromMicros);
        arrival.sstables.addAll(sstables);
        arrival.bytes = bytes(arrival);
        arrival.stillMicros = now;
        say(arrival, now);
    }

    /** Nothing of this is to come any more. */
    void put(CaptureItem.Outside outside) {
        said.add(outside);
    }

    /** @param answers whether the node does now */
    List<CaptureItem.Outside> look(Collection<WatchedTable> tables, boolean answers, long now) {
        if (answers) {
            boolean silent = now - answeredMicros > SILENT_MICROS;
            answeredMicros = now;
            arrivals.values().removeIf(one -> !tables.contains(one.table) || isOver(one, silent, now));
        }
        // A table's directories tell the same.
        List<CaptureItem.Outside> out = List.copyOf(new LinkedHashSet<>(said));
        said.clear();
        return out;
    }

    /** @param silent the node has not answered until now: what is there may only have been read just now */
    private boolean isOver(Arrival one, boolean silent, long now) {
        long bytes = bytes(one);
        // What goes was compacted, so the node had read it.
        boolean grew = bytes > one.bytes;
        one.bytes = bytes;
        if (grew || silent) {
            one.stillMicros = now;
            say(one, now);
            return false;
        }
        if (now - one.stillMicros < AHEAD_MICROS) {
            return false;
        }
        if (one.saidMicros < one.stillMicros + AHEAD_MICROS) {
            said.add(new CaptureItem.Outside(one.table.table, one.fromMicros, now, one.cause));
        }
        return true;
    }

    private static long bytes(Arrival of) {
        try {
            return of.table.bytes(of.sstables);
        } catch (IOException e) {
            return 0;
        }
    }

    /** Not at each file of many, but before what was said is over. */
    private void say(Arrival one, long now) {
        if (one.saidMicros < now + AHEAD_MICROS / 2) {
            one.saidMicros = now + AHEAD_MICROS;
            said.add(new CaptureItem.Outside(one.table.table, one.fromMicros, one.saidMicros, one.cause));
        }
    }
}
