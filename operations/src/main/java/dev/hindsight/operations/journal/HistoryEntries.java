package dev.hindsight.operations.journal;

import dev.hindsight.operations.journal.HistoryReport.Entry;
import dev.hindsight.operations.journal.HistoryReport.Kind;
import dev.hindsight.operations.journal.HistoryReport.Version;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The newest entries of a history, so many, and so much of memory. One thread. */
final class HistoryEntries {
    private static final long MOST_BYTES = 96L << 20;

    private final int limit;
    private final Deque<Entry> kept = new ArrayDeque<>();
    private long bytes;
    private long versions;
    private long keptVersions;

    HistoryEntries(int limit) {
        this.limit = limit;
    }

    void add(Entry entry) {
        if (isToldAgain(entry)) {
            return;
        }
        kept.add(entry);
        bytes += HistoryVersions.weight(entry);
        if (entry instanceof Version) {
            versions++;
            keptVersions++;
        }
        while (keptVersions > limit || bytes > MOST_BYTES && kept.size() > 1) {
            Entry oldest = kept.remove();
            bytes -= HistoryVersions.weight(oldest);
            keptVersions -= oldest instanceof Version ? 1 : 0;
        }
    }

    /** Every node logs a TRUNCATE by itself; of those that follow each other the first one has told what there is to tell. */
    private boolean isToldAgain(Entry entry) {
        Entry last = kept.peekLast();
        return last != null
                && last.kind() == Kind.TRUNCATE
                && entry instanceof Version version
                && version.kind() == Kind.TRUNCATE
                && version.rows().isEmpty();
    }

    long versions() {
        return versions;
    }

    long leftOut() {
        return versions - keptVersions;
    }

    List<Entry> all() {
        return List.copyOf(kept);
    }
}
