package dev.hindsight.engine.journal;

import dev.hindsight.repository.journal.CaptureItem;
import dev.hindsight.repository.journal.CaptureReader;
import java.util.Optional;

/** Every item of one object. One thread. */
final class WholeCapture implements CaptureSource.Items {
    private final CaptureReader reader;
    private long passed;

    WholeCapture(CaptureReader reader) {
        this.reader = reader;
    }

    @Override
    public String previous() {
        return reader.header().previous();
    }

    @Override
    public Optional<CaptureItem> next() {
        Optional<CaptureItem> item = reader.next();
        if (item.isPresent()) {
            passed++;
        }
        return item;
    }

    @Override
    public long passed() {
        return passed;
    }

    @Override
    public String seal() {
        return reader.seal();
    }

    @Override
    public void close() {
        reader.close();
    }
}
