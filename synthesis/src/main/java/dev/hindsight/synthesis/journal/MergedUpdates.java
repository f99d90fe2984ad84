package dev.hindsight.synthesis.journal;

import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Sorted updates of several segments as one sorted sequence; one update of each is at hand, and good until the next call of
 * {@link #hasNext} or {@link #next}. One thread.
 */
public final class MergedUpdates implements Iterator<Update> {
    private final PriorityQueue<Source> sources = new PriorityQueue<>(Comparator.comparing(source -> source.first));

    /** Whose first update was given last; not among the others. */
    private @Nullable Source given;

    private static final class Source {
        private final Iterator<Update> rest;
        private Update first;

        Source(Iterator<Update> updates) {
            this.rest = updates;
            this.first = updates.next();
        }
    }

    public MergedUpdates(Collection<? extends Iterator<Update>> sorted) {
        for (Iterator<Update> one : sorted) {
            if (one.hasNext()) {
                sources.add(new Source(one));
            }
        }
    }

    @Override
    public boolean hasNext() {
        goOn();
        return !sources.isEmpty();
    }

    @Override
    public Update next() {
        goOn();
        Source source = sources.poll();
        if (source == null) {
            throw new NoSuchElementException();
        }
        given = source;
        return source.first;
    }

    /** Only now may the bytes of the update that was given change. */
    private void goOn() {
        Source source = given;
        if (source != null && source.rest.hasNext()) {
            source.first = source.rest.next();
            sources.add(source);
        }
        given = null;
    }
}
