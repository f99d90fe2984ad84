package dev.hindsight.testkit.journal;

import dev.hindsight.engine.journal.CaptureStream;
import dev.hindsight.model.journal.Incarnation;
import dev.hindsight.repository.journal.CaptureHeader;
import dev.hindsight.repository.journal.CaptureItem;
import dev.hindsight.repository.journal.CaptureWriter;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ObjectStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** One host's capture, written by hand: items gather until {@link #put} makes an object of them. */
final class CaptureWorld {
    final CaptureStream stream;
    private final ObjectStore store;
    private final List<CaptureItem> items = new ArrayList<>();
    private long number;
    private String previous = CaptureHeader.NONE;
    private int position;

    CaptureWorld(ObjectStore store, UUID host, long startMillis) {
        this.store = store;
        this.stream = new CaptureStream(host, new Incarnation(startMillis, 7));
    }

    CaptureWorld add(CaptureItem item) {
        items.add(item);
        return this;
    }

    /** The position at which it ends. */
    int frame(byte[] mutation) {
        position += mutation.length + 12;
        items.add(new CaptureItem.Frame(position, mutation));
        return position;
    }

    /** Where the last frame ends. */
    int position() {
        return position;
    }

    boolean isEmpty() {
        return items.isEmpty();
    }

    void put() {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            CaptureHeader header = new CaptureHeader(stream.hostId(), stream.incarnation(), number, previous);
            CaptureWriter writer = new CaptureWriter(out, header);
            for (CaptureItem item : items) {
                writer.add(item);
            }
            previous = writer.finish();
            store.putIfAbsent(header.key(), Body.of(out.toByteArray()));
            number++;
            items.clear();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
