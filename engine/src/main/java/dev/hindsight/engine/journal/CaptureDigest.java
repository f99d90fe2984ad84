package dev.hindsight.engine.journal;

import dev.hindsight.repository.journal.CaptureItem;
import dev.hindsight.repository.journal.CaptureReader;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * What one capture object says to a table that it has no changes of: everything but its frames. Made of an object that was
 * read to its end and is whole. A value; any thread.
 *
 * @param previous what it names as the object before
 * @param seal what the next object names as its previous
 * @param items in all
 * @param said all items but frames, in their order; empty when it is {@code ofAll}
 * @param lookedFor tables, sorted; of all objects the same list
 * @param touched which of these it may have updates of, or data from outside; none when it is {@code ofAll}
 * @param ofAll whether every table must read the object itself: it has mutations of Cassandra's own tables, which may be
 *     about any table, or too much to be kept
 * @param evidence whether it says anything but that a host was seen: a gap, an end, a beginning
 */
record CaptureDigest(
        String previous,
        String seal,
        long items,
        List<Said> said,
        List<UUID> lookedFor,
        BitSet touched,
        boolean ofAll,
        boolean evidence) {
    /** Of one object; some minutes of passes. */
    private static final int MOST_SAID = 20_000;

    /** Of the digest itself, its seals and its place, in items. */
    private static final int WEIGHT = 4;
    /** As many take as much as an item. */
    private static final int BITS_OF_ITEM = 8 * 90;

    /** @param passed items of the object up to this one */
    record Said(CaptureItem item, long passed) {}

    CaptureDigest {
        said = List.copyOf(said);
        lookedFor = List.copyOf(lookedFor);
        touched = (BitSet) touched.clone();
    }

    /** Reads the object to its end. */
    static CaptureDigest of(CaptureReader reader, SoughtTables sought) {
        List<Said> said = new ArrayList<>();
        BitSet touched = new BitSet();
        boolean ofAll = false;
        boolean evidence = false;
        long items = 0;
        for (Optional<CaptureItem> item = reader.next(); item.isPresent(); item = reader.next()) {
            items++;
            if (item.get() instanceof CaptureItem.Frame frame) {
                sought.addThoseOf(frame.mutation(), touched);
                ofAll |= SystemMutations.isSystem(frame.mutation());
                continue;
            }
            if (item.get() instanceof CaptureItem.Outside outside) {
                // Of one table; to the others it says nothing.
                sought.addIfSought(outside.tableId(), touched);
            } else {
                evidence |= !isUsual(item.get());
            }
            if (said.size() < MOST_SAID) {
                said.add(new Said(item.get(), items));
            } else {
                ofAll = true;
            }
        }
        return new CaptureDigest(
                reader.header().previous(),
                reader.seal(),
                items,
                ofAll ? List.of() : said,
                sought.sorted(),
                ofAll ? new BitSet() : touched,
                ofAll,
                evidence);
    }

    private static boolean isUsual(CaptureItem item) {
        return item instanceof CaptureItem.Seen
                || item instanceof CaptureItem.Log
                || item instanceof CaptureItem.Done done && done.clean();
    }

    /** Whether a table must read the object itself. */
    boolean mayHold(UUID table) {
        int at = Collections.binarySearch(lookedFor, table);
        return ofAll || at < 0 || touched.get(at);
    }

    /** Adds those of the tables that it may have updates of. */
    void addTables(Set<UUID> into) {
        touched.stream().mapToObj(lookedFor::get).forEach(into::add);
    }

    /** What it takes to be held, in items that it says. */
    int weight() {
        return WEIGHT + said.size() + touched.size() / BITS_OF_ITEM;
    }

    /** To be read by a table that it does not hold anything of. */
    CaptureSource.Items withoutFrames() {
        return new CaptureSource.Items() {
            private int next;

            @Override
            public String previous() {
                return previous;
            }

            @Override
            public Optional<CaptureItem> next() {
                return next == said.size()
                        ? Optional.empty()
                        : Optional.of(said.get(next++).item());
            }

            @Override
            public long passed() {
                return next == said.size() ? items : said.get(next).passed() - 1;
            }

            @Override
            public String seal() {
                return seal;
            }

            @Override
            public void close() {}
        };
    }
}
