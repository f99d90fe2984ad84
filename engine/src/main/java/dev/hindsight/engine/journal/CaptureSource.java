package dev.hindsight.engine.journal;

import dev.hindsight.repository.journal.CaptureItem;
import dev.hindsight.repository.journal.CaptureReader;
import dev.hindsight.repository.store.ObjectStore;
import java.util.Optional;

/**
 * Where a sealer gets captures from, object by object of each incarnation. A source that is for one table may leave out
 * frames that are neither that table's nor any of Cassandra's own. One thread.
 *
 * <p>Failures: those of {@link CaptureReader}.
 */
public interface CaptureSource {
    /** One object. Close it. */
    interface Items extends AutoCloseable {
        /** What it names as the object before. */
        String previous();

        /** The next item that is given; empty at the end of an object that is whole. */
        Optional<CaptureItem> next();

        /** How many items lie before the next one that is given, given or left out; at the end all of them. */
        long passed();

        /** What the next object names as its previous, once {@link #next} was empty. */
        String seal();

        @Override
        void close();
    }

    /** The object of that number; empty while there is none. */
    Optional<Items> find(CaptureStream stream, long object);

    /** Gives all that there is. */
    static CaptureSource of(ObjectStore store) {
        return (stream, object) -> CaptureReader.find(store, stream.hostId(), stream.incarnation(), object)
                .map(WholeCapture::new);
    }
}
