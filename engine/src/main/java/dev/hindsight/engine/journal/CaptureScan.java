package dev.hindsight.engine.journal;

import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.StoreUnreachableException;
import dev.hindsight.repository.journal.CaptureReader;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.ObjectStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads captures once for many tables. Each object is fetched and looked through once; tables that it has nothing of are told
 * what else it says without asking the store again. So what sealing costs follows the tables that are written to, and not the
 * number of tables.
 *
 * <p>What {@link #of} gives is what {@link CaptureSource#of} gives, but for frames that do not matter to the table: captures
 * never change once they are there, only objects that were whole are remembered, and whether there is a next one is asked of
 * the store each time. An object that cannot be read for all is left to each table, which meets what is wrong itself. So
 * {@link #readOn} only says which tables to seal sooner; one that it does not name loses nothing by being sealed later.
 *
 * <p>Holds what objects say and the bytes of the last ones, both up to limits; what was let go of is read again. One thread.
 */
public final class CaptureScan {
    /** Some 90 bytes each. */
    private static final int MOST_SAID = 400_000;

    private static final long MOST_BYTES = 32L << 20;
    /** One that is larger is read again by each table that it has something of. */
    private static final int LARGE = 8 << 20;

    /** Nobody says which object is the newest. */
    private static final long UNKNOWN = Long.MAX_VALUE - 1;

    private record Place(CaptureStream stream, long object) {}

    private final ObjectStore store;
    private final Map<CaptureStream, Long> next = new HashMap<>();
    private final LinkedHashMap<Place, CaptureDigest> digests = new LinkedHashMap<>();
    private final LinkedHashMap<Place, byte[]> bytes = new LinkedHashMap<>(16, 0.75f, true);

    private final int mostSaid;
    private long said;
    private long saidSinceAll;
    private long held;
    private SoughtTables sought = new SoughtTables(Set.of());

    public CaptureScan(ObjectStore store) {
        this(store, MOST_SAID);
    }

    /** @param mostSaid items that are held at most, beside frames */
    public CaptureScan(ObjectStore store, int mostSaid) {
        this.store = store;
        this.mostSaid = mostSaid;
    }

    /**
     * Reads on to the end of all captures.
     *
     * @param tables that captures are read for
     * @param stored number of the newest object of each incarnation that is known to be there; -1 for none
     * @return those that there is something new of; all of them when something new may be about any, or could not be read
     */
    public Set<UUID> readOn(Set<UUID> tables, Map<CaptureStream, Long> stored) {
        if (!sought.tables().equals(tables)) {
            sought = new SoughtTables(tables);
        }
        Set<UUID> touched = new HashSet<>();
        boolean all = false;
        for (Map.Entry<CaptureStream, Long> one : stored.entrySet()) {
            if (next.containsKey(one.getKey())) {
                all |= readOn(one.getKey(), one.getValue(), touched);
            } else {
                // What is there already is read when a table asks for it.
                next.put(one.getKey(), one.getValue() + 1);
                all = true;
            }
        }
        for (CaptureStream silent : Set.copyOf(next.keySet())) {
            if (!stored.containsKey(silent)) {
                // Nobody says how far it is: what it put last, or what a host puts that cannot be asked.
                all |= readOn(silent, UNKNOWN, touched);
                if (stored.keySet().stream().anyMatch(other -> other.hostId().equals(silent.hostId()))) {
                    next.remove(silent);
                }
            }
        }
        // All are sealed beyond what is held before it is let go of.
        if (all || saidSinceAll > mostSaid / 2) {
            saidSinceAll = 0;
            return sought.tables();
        }
        return touched;
    }

    /** Whether something is about all tables. */
    private boolean readOn(CaptureStream stream, long newest, Set<UUID> touched) {
        boolean all = false;
        for (long object = next.getOrDefault(stream, 0L); object <= newest; object++) {
            Place place = new Place(stream, object);
            Optional<CaptureDigest> digest;
            try {
                digest = digest(place);
            } catch (RuntimeException e) {
                // Each table meets it itself, and tries again at its own pace.
                goOnBehind(stream, newest);
                return true;
            }
            if (digest.isEmpty()) {
                if (newest == UNKNOWN) {
                    return all;
                }
                // It was there: it may have been collected behind all tables, or it is lost.
                goOnBehind(stream, newest);
                return true;
            }
            digest.get().addTables(touched);
            all |= digest.get().ofAll() || digest.get().evidence();
            saidSinceAll += digest.get().weight();
            next.put(stream, object + 1);
        }
        return all;
    }

    private void goOnBehind(CaptureStream stream, long newest) {
        if (newest == UNKNOWN) {
            // Until somebody tells of it again.
            next.remove(stream);
        } else {
            next.put(stream, newest + 1);
        }
    }

    /** For one table. */
    public CaptureSource of(UUID table) {
        return (stream, object) -> find(new Place(stream, object), table);
    }

    private Optional<CaptureSource.Items> find(Place place, UUID table) {
        Optional<CaptureDigest> digest;
        try {
            digest = digest(place);
        } catch (RuntimeException e) {
            // It may be good as far as this table needs it now.
            return CaptureReader.find(
                            store, place.stream().hostId(), place.stream().incarnation(), place.object())
                    .map(WholeCapture::new);
        }
        if (digest.isPresent() && digest.get().mayHold(table)) {
            return open(place).map(stream -> new WholeCapture(reader(place, stream)));
        }
        return digest.map(CaptureDigest::withoutFrames);
    }

    private static CaptureReader reader(Place place, InputStream stream) {
        return CaptureReader.of(place.stream().hostId(), place.stream().incarnation(), place.object(), stream);
    }

    /** From memory, if it is there. */
    private Optional<InputStream> open(Place place) {
        byte[] known = bytes.get(place);
        return known != null ? Optional.of(new ByteArrayInputStream(known)) : get(place);
    }

    private Optional<InputStream> get(Place place) {
        try {
            return Optional.of(store.get(
                    Keys.capture(place.stream().hostId(), place.stream().incarnation(), place.object())));
        } catch (NotFoundException e) {
            return Optional.empty();
        }
    }

    private Optional<CaptureDigest> digest(Place place) {
        CaptureDigest known = digests.get(place);
        if (known != null) {
            return Optional.of(known);
        }
        Optional<InputStream> stream = get(place);
        if (stream.isEmpty()) {
            return Optional.empty();
        }
        byte[] small = null;
        CaptureDigest made;
        try (InputStream in = stream.get()) {
            byte[] begin = in.readNBytes(LARGE);
            small = begin.length < LARGE ? begin : null;
            InputStream whole = new ByteArrayInputStream(begin);
            try (CaptureReader reader = reader(place, small != null ? whole : new SequenceInputStream(whole, in))) {
                made = CaptureDigest.of(reader, sought);
            }
        } catch (IOException e) {
            throw new StoreUnreachableException(
                    "object " + place + " cannot be read: " + e.getMessage(), "check that the store is reachable", e);
        }
        keep(place, made, small);
        return Optional.of(made);
    }

    private void keep(Place place, CaptureDigest made, byte @Nullable [] small) {
        digests.put(place, made);
        said += made.weight();
        Iterator<CaptureDigest> oldest = digests.values().iterator();
        while (said > mostSaid && oldest.hasNext()) {
            said -= oldest.next().weight();
            oldest.remove();
        }
        if (small == null) {
            return;
        }
        byte[] before = bytes.put(place, small);
        held += small.length - (before == null ? 0 : before.length);
        Iterator<byte[]> longest = bytes.values().iterator();
        while (held > MOST_BYTES && longest.hasNext()) {
            held -= longest.next().length;
            longest.remove();
        }
    }
}
