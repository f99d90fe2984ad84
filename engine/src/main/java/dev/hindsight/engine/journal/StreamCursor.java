package dev.hindsight.engine.journal;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.repository.journal.CaptureFloorLog;
import dev.hindsight.repository.journal.CaptureHeader;
import dev.hindsight.repository.journal.CaptureItem;
import dev.hindsight.repository.journal.CaptureReader;
import dev.hindsight.repository.store.ObjectStore;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Goes over the items of one incarnation's captures, from object to object, and says where it is so that another one can go
 * on there. One thread; close it.
 *
 * <p>Failures: {@link CorruptException} also for an object that does not name the one before it.
 */
final class StreamCursor implements AutoCloseable {
    /**
     * @param object number of the object that the next item is in
     * @param items of it that were given
     * @param previous seal of the object before
     */
    record Place(long object, long items, String previous) {
        static final Place START = new Place(0, 0, CaptureHeader.NONE);

        /** Where an incarnation begins that is not known yet: at its first object that was not collected. */
        static Place first(ObjectStore store, CaptureStream stream) {
            long object = new CaptureFloorLog(store).first(stream.hostId(), stream.incarnation());
            if (object == 0) {
                return START;
            }
            return CaptureReader.find(store, stream.hostId(), stream.incarnation(), object)
                    .map(found -> {
                        try (CaptureReader reader = found) {
                            return new Place(object, 0, reader.header().previous());
                        }
                    })
                    .orElse(START);
        }
    }

    private final CaptureSource source;
    private final CaptureStream stream;
    private Place place;
    private CaptureSource.@Nullable Items items;
    private CaptureItem.@Nullable Log log;

    StreamCursor(CaptureSource source, CaptureStream stream, Place from) {
        this.source = source;
        this.stream = stream;
        this.place = from;
    }

    /** Behind the last item that was given, and what was left out behind it. */
    Place place() {
        return place;
    }

    /** What the frames that were given last are of; empty before the first. */
    Optional<CaptureItem.Log> log() {
        return Optional.ofNullable(log);
    }

    /** The next item; empty while there is none. */
    Optional<CaptureItem> next() {
        while (true) {
            CaptureSource.Items current = items;
            if (current == null) {
                current = open();
                if (current == null) {
                    return Optional.empty();
                }
                items = current;
            }
            Optional<CaptureItem> item = current.next();
            if (item.isPresent()) {
                place = new Place(place.object(), current.passed(), place.previous());
                note(item.get());
                return item;
            }
            place = new Place(place.object() + 1, 0, current.seal());
            close();
        }
    }

    private void note(CaptureItem item) {
        if (item instanceof CaptureItem.Log begun) {
            log = begun;
        }
    }

    private CaptureSource.@Nullable Items open() {
        CaptureSource.Items opened = source.find(stream, place.object()).orElse(null);
        if (opened == null) {
            return null;
        }
        try {
            if (!opened.previous().equals(place.previous())) {
                throw wrong("names " + opened.previous() + " as the object before, which is " + place.previous());
            }
            while (opened.passed() < place.items()) {
                note(opened.next().orElseThrow(() -> wrong("has fewer items than were read of it before")));
            }
            place = new Place(place.object(), opened.passed(), place.previous());
            return opened;
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    private CorruptException wrong(String what) {
        return new CorruptException(
                "capture " + place.object() + " of " + stream.hostId() + " " + stream.incarnation() + " " + what,
                "run 'hindsight verify'; a new base begins a new window");
    }

    @Override
    public void close() {
        if (items != null) {
            items.close();
            items = null;
        }
    }
}
