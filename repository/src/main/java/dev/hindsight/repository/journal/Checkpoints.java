package dev.hindsight.repository.journal;

import dev.hindsight.repository.document.JournalEntry;
import java.util.Optional;

/**
 * Decides which entries of a journal's log carry all of it. One is due so many entries after the last that reading a journal
 * stays short, and no sooner than a quarter of its segments, so that what checkpoints take stays in proportion to the rest.
 * No state; any thread.
 */
public final class Checkpoints {
    /** Of a journal with few segments; some half an hour when one entry is published every 30 s. */
    static final long SPACING = 64;

    /** Of a journal with many: what is read for a view stays below. */
    private static final long MOST = 384;

    private Checkpoints() {}

    /** The entry that is to be appended, with what it has to say of checkpoints. */
    public static JournalEntry in(JournalLog log, JournalEntry entry) {
        return in(log, entry, SPACING);
    }

    static JournalEntry in(JournalLog log, JournalEntry entry, long least) {
        Optional<Long> before = before(log, entry);
        if (entry.number() == 1 || entry.number() - before.orElse(0L) < least) {
            return entry.with(before, Optional.empty());
        }
        JournalEntry newest = log.entry(entry.number() - 1);
        JournalView view = JournalView.at(log, newest).plus(entry);
        long spacing = Math.min(MOST, Math.max(least, view.segments().size() / 4));
        return entry.number() - before.orElse(0L) < spacing
                ? entry.with(before, Optional.empty())
                : entry.with(before, Optional.of(view.state()));
    }

    /** The entry that is to be appended, as a checkpoint. */
    public static JournalEntry always(JournalLog log, JournalView before, JournalEntry entry) {
        return entry.with(before(log, entry), Optional.of(before.plus(entry).state()));
    }

    private static Optional<Long> before(JournalLog log, JournalEntry entry) {
        if (entry.number() == 1) {
            return Optional.empty();
        }
        JournalEntry newest = log.entry(entry.number() - 1);
        return newest.state().isPresent() ? Optional.of(newest.number()) : newest.checkpoint();
    }
}
