package dev.hindsight.repository.journal;

import dev.hindsight.model.journal.LogPosition;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes one capture object as a stream. The same header and items give the same bytes. Holds 16 KiB. One thread; whoever
 * gives the stream closes it.
 */
public final class CaptureWriter {
    static final int LOG = 1;
    static final int FRAME = 2;
    static final int SEEN = 3;
    static final int DONE = 4;
    static final int GAP = 5;
    static final int NODE = 6;
    static final int SCOPE = 7;
    static final int OUTSIDE = 8;

    private final EnvelopeWriter out;
    private boolean inLog;

    public CaptureWriter(OutputStream out, CaptureHeader header) throws IOException {
        this.out = new EnvelopeWriter(out, EnvelopeKind.CAPTURE, header.toBytes());
    }

    public void add(CaptureItem item) throws IOException {
        if (item instanceof CaptureItem.Frame frame) {
            frame(frame.position(), frame.mutation(), 0, frame.mutation().length);
            return;
        }
        inLog = false;
        if (item instanceof CaptureItem.Log log) {
            out.write1(LOG);
            out.write8(log.segmentId());
            out.write1(log.segmentVersion());
            out.write8(log.observation().fromMicros());
            out.write8(log.observation().toMicros());
            inLog = true;
        } else if (item instanceof CaptureItem.Seen seen) {
            out.write1(SEEN);
            position(seen.upTo());
            out.write8(seen.micros());
        } else if (item instanceof CaptureItem.Done done) {
            out.write1(DONE);
            position(done.end());
            out.write1(done.clean() ? 1 : 0);
        } else if (item instanceof CaptureItem.Gap gap) {
            out.write1(GAP);
            position(gap.from());
            position(gap.to());
            out.write8(gap.fromMicros());
            out.write8(gap.toMicros());
            out.writeText(gap.cause());
        } else if (item instanceof CaptureItem.Outside outside) {
            out.write1(OUTSIDE);
            out.write8(outside.tableId().getMostSignificantBits());
            out.write8(outside.tableId().getLeastSignificantBits());
            out.write8(outside.fromMicros());
            out.write8(outside.toMicros());
            out.writeText(outside.cause());
        } else if (item instanceof CaptureItem.NodeStarted node) {
            out.write1(NODE);
            out.write8(node.startedMicros());
            out.write8(node.firstSegment());
            out.writeText(node.releaseVersion());
        } else if (item instanceof CaptureItem.Scope scope) {
            out.write1(SCOPE);
            out.write4(scope.keyspaces().size());
            for (String keyspace : scope.keyspaces()) {
                out.writeText(keyspace);
            }
        }
    }

    /** A {@link CaptureItem.Frame} without a copy. Only behind a {@link CaptureItem.Log} or another frame. */
    public void frame(int position, byte[] bytes, int offset, int length) throws IOException {
        if (!inLog) {
            throw new IllegalStateException("a frame needs a log item before it");
        }
        out.write1(FRAME);
        out.write4(position);
        out.write4(length);
        out.write(bytes, offset, length);
    }

    /** So far. */
    public long payloadBytes() {
        return out.payloadBytes();
    }

    /** Ends the object and gives its seal, which the next one names. */
    public String finish() throws IOException {
        return out.finish();
    }

    private void position(LogPosition position) throws IOException {
        out.write8(position.segmentId());
        out.write4(position.position());
    }
}
