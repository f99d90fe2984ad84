package dev.hindsight.repository.journal;

import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.journal.Incarnation;
import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.model.journal.Observation;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.ObjectStore;
import java.io.InputStream;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Reads one capture object, item by item. What it gives has been checked; that the object is whole is known when {@link #next}
 * has been empty. Holds a frame of the envelope and one mutation. One thread; close it.
 *
 * <p>Failures: {@link dev.hindsight.model.failure.CorruptException} naming the object, {@link
 * dev.hindsight.model.failure.FormatTooNewException}, {@link dev.hindsight.model.failure.StoreUnreachableException}.
 */
public final class CaptureReader implements AutoCloseable {
    private static final int MOST_KEYSPACES = 100_000;

    private final EnvelopeReader in;
    private final CaptureHeader header;
    private boolean inLog;

    private CaptureReader(EnvelopeReader in) {
        this.in = in;
        this.header = CaptureHeader.of(in);
    }

    /**
     * The object of that number, or empty when there is none yet.
     *
     * @throws dev.hindsight.model.failure.CorruptException also when it is another one than its key says
     */
    public static Optional<CaptureReader> find(ObjectStore store, UUID hostId, Incarnation incarnation, long number) {
        InputStream stream;
        try {
            stream = store.get(Keys.capture(hostId, incarnation, number));
        } catch (NotFoundException e) {
            return Optional.empty();
        }
        return Optional.of(of(hostId, incarnation, number, stream));
    }

    /**
     * The object of that number, from wherever its bytes come.
     *
     * @param stream closed with the reader
     * @throws dev.hindsight.model.failure.CorruptException also when it is another one
     */
    public static CaptureReader of(UUID hostId, Incarnation incarnation, long number, InputStream stream) {
        String key = Keys.capture(hostId, incarnation, number);
        CaptureReader reader = open(key, stream);
        CaptureHeader is = reader.header;
        if (!is.hostId().equals(hostId) || !is.incarnation().equals(incarnation) || is.number() != number) {
            reader.close();
            throw Envelope.corrupt(key, "is that of " + is.key());
        }
        return reader;
    }

    /**
     * @param object for messages
     * @param in closed with the reader
     */
    public static CaptureReader open(String object, InputStream in) {
        EnvelopeReader envelope = EnvelopeReader.open(object, in, EnvelopeKind.CAPTURE);
        try {
            return new CaptureReader(envelope);
        } catch (RuntimeException e) {
            envelope.close();
            throw e;
        }
    }

    public CaptureHeader header() {
        return header;
    }

    /** The next item; empty at the end of an object that is whole. */
    public Optional<CaptureItem> next() {
        if (in.atEnd()) {
            return Optional.empty();
        }
        int kind = in.read1();
        if (kind == CaptureWriter.FRAME) {
            if (!inLog) {
                throw in.corrupt("has a frame outside of any log");
            }
            int position = positive("a frame's position");
            return Optional.of(new CaptureItem.Frame(position, in.readBytes(in.read4())));
        }
        inLog = kind == CaptureWriter.LOG;
        return Optional.of(
                switch (kind) {
                    case CaptureWriter.LOG -> new CaptureItem.Log(in.read8(), in.read1(), observation());
                    case CaptureWriter.SEEN -> new CaptureItem.Seen(position(), in.read8());
                    case CaptureWriter.DONE -> new CaptureItem.Done(position(), flag());
                    case CaptureWriter.GAP ->
                        new CaptureItem.Gap(position(), position(), in.read8(), in.read8(), in.readText());
                    case CaptureWriter.OUTSIDE ->
                        new CaptureItem.Outside(
                                new UUID(in.read8(), in.read8()), in.read8(), in.read8(), in.readText());
                    case CaptureWriter.NODE -> new CaptureItem.NodeStarted(in.read8(), in.read8(), in.readText());
                    case CaptureWriter.SCOPE -> scope();
                    default -> throw in.corrupt("has an item of kind " + kind);
                });
    }

    /** Of this object, once {@link #next} was empty: what the next object names as its previous. */
    public String seal() {
        return in.seal();
    }

    private LogPosition position() {
        return new LogPosition(in.read8(), positive("a position"));
    }

    private int positive(String what) {
        int value = in.read4();
        if (value < 0) {
            throw in.corrupt(what + " is " + value);
        }
        return value;
    }

    private boolean flag() {
        int value = in.read1();
        if (value > 1) {
            throw in.corrupt("has a flag of " + value);
        }
        return value == 1;
    }

    private Observation observation() {
        long from = in.read8();
        long to = in.read8();
        if (from > to) {
            throw in.corrupt("says that something was observed between " + from + " and " + to);
        }
        return new Observation(from, to);
    }

    private CaptureItem.Scope scope() {
        int count = positive("the number of keyspaces");
        if (count > MOST_KEYSPACES) {
            throw in.corrupt("says that it is of " + count + " keyspaces");
        }
        TreeSet<String> keyspaces = new TreeSet<>();
        for (int i = 0; i < count; i++) {
            keyspaces.add(in.readText());
        }
        return new CaptureItem.Scope(keyspaces);
    }

    @Override
    public void close() {
        in.close();
    }
}
