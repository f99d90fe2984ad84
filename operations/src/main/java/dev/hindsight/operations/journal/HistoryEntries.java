package dev.hindsight.operations.journal;

import dev.hindsight.operations.journal.HistoryReport.Entry;
import dev.hindsight.operations.journal.HistoryReport.Kind;
import dev.hindsight.operations.journal.HistoryReport.Range;
import dev.hindsight.operations.journal.HistoryReport.Row;
import dev.hindsight.operations.journal.HistoryReport.RowThen;
import dev.hindsight.operations.journal.HistoryReport.Version;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;

/** The newest entries of a history, so many, and so much of memory. One thread. */
final class HistoryEntries {
    private final int limit;
    private final long mostBytes;
    private final Deque<Entry> kept = new ArrayDeque<>();
    private long bytes;
    private long versions;
    private long keptVersions;
    private Optional<Instant> leftOutUpTo = Optional.empty();

    /** @param mostBytes of memory for the entries, and for the ranges and the rows of one of them a quarter of it each */
    HistoryEntries(int limit, long mostBytes) {
        this.limit = limit;
        this.mostBytes = mostBytes;
    }

    void add(Entry given) {
        if (isToldAgain(given)) {
            return;
        }
        Entry entry = given instanceof Version version ? cut(version) : given;
        kept.add(entry);
        bytes += HistoryVersions.weight(entry);
        if (entry instanceof Version) {
            versions++;
            keptVersions++;
        }
        while (keptVersions > limit || bytes > mostBytes && kept.size() > 1) {
            Entry oldest = kept.remove();
            bytes -= HistoryVersions.weight(oldest);
            if (oldest instanceof Version version) {
                keptVersions--;
                leftOutUpTo = Optional.of(version.at());
            }
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

    /** One record may delete so many ranges, or reach so many rows, that it alone is too much: each has a quarter of the memory. */
    private Version cut(Version version) {
        List<Range> ranges = first(version.ranges(), HistoryVersions::weight);
        List<Row> rows = first(version.rows(), HistoryVersions::weight);
        return ranges.size() == version.ranges().size()
                        && rows.size() == version.rows().size()
                ? version
                : version.with(ranges, rows);
    }

    /** The first ones, as many as a quarter of the memory for entries holds. */
    List<RowThen> first(List<RowThen> rows) {
        return first(rows, HistoryVersions::weight);
    }

    private <T> List<T> first(List<T> all, ToLongFunction<T> weightOf) {
        long weight = 0;
        int count = 0;
        for (T one : all) {
            weight += weightOf.applyAsLong(one);
            if (weight > mostBytes / 4 && count > 0) {
                break;
            }
            count++;
        }
        return all.subList(0, count);
    }

    long versions() {
        return versions;
    }

    long leftOut() {
        return versions - keptVersions;
    }

    /** When the newest one was that was left out. */
    Optional<Instant> leftOutUpTo() {
        return leftOutUpTo;
    }

    List<Entry> all() {
        return List.copyOf(kept);
    }
}
