package dev.hindsight.engine.source;

import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.synthesis.CorruptInputException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;

/**
 * What both kinds of source share: Data.db is read in the ranges asked for; every other component goes whole through
 * the cache, checked on its way in. A file that is read through in order is checked whatever it is.
 */
abstract class CheckedSource implements ByteSource {
    private static final int PIECE_BYTES = 1 << 20;
    static final String DATA = "Data.db";

    private final String origin;
    private final String descriptor;
    private final String component;
    private final long sizeBytes;
    private final String checksum;
    private final Fetches fetches;
    private final Optional<ComponentCache> cache;
    private final Optional<ReadExtents> extents;
    private final WholeFileCheck check;

    CheckedSource(
            String origin,
            String descriptor,
            String component,
            long sizeBytes,
            String checksum,
            Fetches fetches,
            Optional<ComponentCache> cache) {
        this.origin = origin;
        this.descriptor = descriptor;
        this.component = component;
        this.sizeBytes = sizeBytes;
        this.checksum = checksum;
        this.fetches = fetches;
        this.cache = isData() ? Optional.empty() : cache;
        this.extents = isData() ? Optional.of(fetches.extentsOf(sizeBytes)) : Optional.empty();
        this.check = new WholeFileCheck(checksum, sizeBytes);
    }

    /** Reads from where the bytes are. */
    abstract void fetch(long position, byte[] into, int offset, int length);

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public void read(long position, byte[] into, int offset, int length) {
        if (position < 0 || length < 0 || position + length > sizeBytes) {
            throw corrupt(
                    "bytes " + position + " to " + (position + length) + " are wanted but the file has " + sizeBytes);
        }
        if (length == 0) {
            return;
        }
        if (cache.isPresent() && cache.get().read(name(), sizeBytes, this::load, position, into, offset, length)) {
            return;
        }
        fetchCounted(position, into, offset, length);
        check.saw(position, into, offset, length).ifPresent(problem -> {
            throw corrupt(problem);
        });
        extents.ifPresent(seen -> seen.add(position, length));
    }

    private void load(OutputStream out) throws IOException {
        WholeFileCheck whole = new WholeFileCheck(checksum, sizeBytes);
        byte[] piece = new byte[(int) Math.min(PIECE_BYTES, sizeBytes)];
        long position = 0;
        while (position < sizeBytes) {
            int length = (int) Math.min(piece.length, sizeBytes - position);
            fetchCounted(position, piece, 0, length);
            whole.saw(position, piece, 0, length).ifPresent(problem -> {
                throw corrupt(problem);
            });
            out.write(piece, 0, length);
            position += length;
        }
    }

    private void fetchCounted(long position, byte[] into, int offset, int length) {
        try {
            fetch(position, into, offset, length);
        } catch (HindsightException e) {
            fetches.lost(origin, e);
            throw e;
        }
        fetches.fetched(isData(), length);
    }

    private boolean isData() {
        return component.equals(DATA);
    }

    private CorruptInputException corrupt(String problem) {
        return new CorruptInputException(origin, descriptor, component + " (" + name() + "): " + problem, null);
    }
}
