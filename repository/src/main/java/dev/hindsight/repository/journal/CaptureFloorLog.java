package dev.hindsight.repository.journal;

import dev.hindsight.model.failure.BusyException;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.journal.Incarnation;
import dev.hindsight.repository.document.CaptureFloors;
import dev.hindsight.repository.document.CaptureFloors.Stream;
import dev.hindsight.repository.document.Documents;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.repository.store.ObjectStore.PutOutcome;
import dev.hindsight.repository.store.SmallObjects;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * From where on each incarnation's captures are there. Floors only rise; they rise before anything below them is deleted.
 * One thread.
 */
public final class CaptureFloorLog {
    private static final int MOST_LOSSES = 100;

    private final ObjectStore store;
    private long newest;
    private List<Stream> streams = List.of();

    public CaptureFloorLog(ObjectStore store) {
        this.store = store;
    }

    /** Number of the first capture that is there for sure; 0 when none was deleted. */
    public long first(UUID hostId, Incarnation incarnation) {
        read();
        return known(hostId, incarnation);
    }

    /** The same as of the last look. */
    public long known(UUID hostId, Incarnation incarnation) {
        return streams.stream()
                .filter(one -> one.hostId().equals(hostId) && one.incarnation().equals(incarnation.text()))
                .mapToLong(Stream::firstObject)
                .findFirst()
                .orElse(0);
    }

    /** All of which something may be gone, as of now. */
    public List<Stream> read() {
        long found = DenseNumbers.newest(
                newest, number -> store.size(Keys.captureFloors(number)).isPresent());
        if (found > newest) {
            String key = Keys.captureFloors(found);
            byte[] bytes = SmallObjects.find(store, key, Documents.MAX_BYTES)
                    .orElseThrow(() -> new CorruptException(
                            "object " + key + " is gone", "run 'hindsight verify' to see all that is damaged"));
            streams = Documents.fromBytes(bytes, CaptureFloors.class, key).streams();
            newest = found;
        }
        return streams;
    }

    /** Raises those that are below what is wanted; nothing is put when none is. */
    public void raise(Collection<Stream> wanted, Instant now, String writer) {
        for (int losses = 0; losses < MOST_LOSSES; losses++) {
            List<Stream> before = read();
            Map<String, Stream> after = new TreeMap<>();
            before.forEach(one -> after.put(name(one), one));
            wanted.forEach(one -> after.merge(name(one), one, (a, b) -> a.firstObject() >= b.firstObject() ? a : b));
            if (List.copyOf(after.values()).equals(before)) {
                return;
            }
            CaptureFloors next =
                    new CaptureFloors(CaptureFloors.FORMAT, newest + 1, now, writer, List.copyOf(after.values()));
            if (store.putIfAbsent(Keys.captureFloors(newest + 1), Body.of(Documents.toBytes(next)))
                    == PutOutcome.CREATED) {
                return;
            }
        }
        throw new BusyException(
                "others raised the floors of captures " + MOST_LOSSES + " times in a row",
                "run 'hindsight collect' again");
    }

    private static String name(Stream stream) {
        return stream.hostId() + "/" + stream.incarnation();
    }
}
