package dev.hindsight.codec.commitlog;

import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.compress.Decompressor;
import dev.hindsight.model.failure.UnsupportedException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Gives the frames of one commit-log segment, one after the other: serialised mutations, verified, not decoded.
 *
 * <pre>
 *   segment = descriptor section*
 *   section = | end of section in the file 4 | crc32 of id and own offset 4 | content |
 *   content = frame*                                    of a plain segment
 *           | length of the frames 4 | compressed frame* |   of a compressed one
 *   frame   = | length 4 | crc32 of length 4 | mutation | crc32 of length and mutation 4 |     big-endian
 * </pre>
 * Positions are Cassandra's: where in the uncompressed segment a frame ends (a section's head counts 8 bytes). A position
 * that was given is where reading resumes.
 *
 * <p>A segment that a node still writes ({@link Tail#MAY_GROW}) ends where the node has synced to, or where a write is under
 * way: that is {@link End#NOT_YET} or {@link End#TORN}, and whoever comes back with the last position will find more. Damage with good sections
 * behind it is an error all the same. In a segment that is complete ({@link Tail#FINAL}) everything that is wrong is an error;
 * only what a node never synced before it died is passed over, as Cassandra's own replay does.
 *
 * <p>Memory: the longest frame of a plain segment, the longest section of a compressed one. One thread; close it.
 *
 * <p>Source: {@code CommitLogReader}, {@code CommitLogSegmentReader} 5.0.9.
 */
public final class SegmentReader implements AutoCloseable {
    /** Whether somebody may still be writing. */
    public enum Tail {
        MAY_GROW,
        FINAL
    }

    /** Why there is no further frame. */
    public enum End {
        /** A final segment was read to its end. */
        COMPLETE,
        /** No more is written. */
        NOT_YET,
        /** More is written, but not wholly there: a write is under way, or this is damage. */
        TORN,
        /** The next frame ends behind the position that was to be read to. */
        LIMIT
    }

    /** Four times Cassandra's default segment. */
    public static final int DEFAULT_MAX_SECTION_BYTES = 128 << 20;

    private static final int MARKER_BYTES = 8;
    private static final int FRAME_OVERHEAD = 12;
    /** {@code CommitLogReader}: no mutation is shorter. */
    private static final int MIN_FRAME_BYTES = 10;

    /** More than any compressor makes of no bytes, which is what a node writes when it closes a segment just behind a sync. */
    private static final int MAX_COMPRESSED_NOTHING = 32;

    private static final int READ_AHEAD = 256 << 10;

    /** The mutation at hand is {@code bytes[at..at + length)} until the next call of {@link #next}. */
    public byte[] bytes = new byte[0];

    public int at;
    public int length;

    private final ByteSource source;
    private final Tail tail;
    private final long size;
    private final SegmentDescriptor descriptor;
    private int from;
    private final int upTo;
    private final int maxSectionBytes;
    private final @Nullable Decompressor decompressor;
    private final byte[] small = new byte[12];
    private final CRC32 crc = new CRC32();

    private boolean ended;
    private End end = End.NOT_YET;
    private String reason = "";
    private int position;
    /** Of the section to come: in the file, and in the uncompressed segment. */
    private long markerAt;

    private long markerPosition;
    private long sectionAt;
    private long sectionPosition;
    private boolean inSection;
    /** Where the next frame begins, and where the section does not go on: positions. */
    private long frameStart;

    private long sectionEnd;
    /** What {@link #bytes} hold: from this position on, so many. */
    private long heldFrom;

    private int held;
    private byte[] compressed = new byte[0];

    private SegmentReader(
            ByteSource source, Tail tail, SegmentDescriptor descriptor, int from, int upTo, int maxSectionBytes) {
        this.source = source;
        this.tail = tail;
        this.size = source.sizeBytes();
        this.descriptor = descriptor;
        this.from = from;
        this.upTo = upTo;
        this.maxSectionBytes = maxSectionBytes;
        this.markerAt = descriptor.bytes();
        this.markerPosition = markerAt;
        this.sectionAt = markerAt;
        this.sectionPosition = markerAt;
        this.position = Math.max(from, descriptor.bytes());
        this.decompressor = descriptor.compression().map(Decompressor::named).orElse(null);
    }

    /** All frames. See {@link #open(ByteSource, Tail, int, int, int)}. */
    public static Optional<SegmentReader> open(ByteSource segment, Tail tail) {
        return open(segment, tail, 0, Integer.MAX_VALUE, DEFAULT_MAX_SECTION_BYTES);
    }

    /**
     * @param from frames that end at or before this position are left out: 0, or one that {@link #position} gave
     * @param upTo no frame that ends behind this position is given
     * @param maxSectionBytes a compressed section of more is refused; Cassandra's {@code commitlog_segment_size} is enough
     * @return empty when nothing was written into the segment yet
     * @throws MalformedException its header is damaged
     * @throws UnsupportedException another version, encrypted, an unknown compressor
     */
    public static Optional<SegmentReader> open(ByteSource segment, Tail tail, int from, int upTo, int maxSectionBytes) {
        Optional<SegmentDescriptor> descriptor;
        try {
            descriptor = SegmentDescriptor.read(segment);
        } catch (MalformedException e) {
            if (tail == Tail.MAY_GROW) {
                return Optional.empty();
            }
            throw e;
        }
        if (descriptor.isEmpty()) {
            if (tail == Tail.FINAL) {
                requireUnused(segment);
            }
            return Optional.empty();
        }
        return Optional.of(new SegmentReader(segment, tail, descriptor.get(), from, upTo, maxSectionBytes));
    }

    /** A node makes files of zeros before it needs them. */
    private static void requireUnused(ByteSource segment) {
        byte[] part = new byte[READ_AHEAD];
        for (long done = 0; done < segment.sizeBytes(); ) {
            int count = (int) Math.min(part.length, segment.sizeBytes() - done);
            segment.read(done, part, 0, count);
            for (int i = 0; i < count; i++) {
                if (part[i] != 0) {
                    throw new MalformedException(segment.name() + " has no header, but data at offset " + (done + i));
                }
            }
            done += count;
        }
    }

    public SegmentDescriptor descriptor() {
        return descriptor;
    }

    /**
     * Goes on where another reader of the same segment was, without a look at what lies before. To be called before the
     * first {@link #next}.
     *
     * @throws IllegalArgumentException it is of another segment
     */
    public SegmentReader resume(SegmentPosition where) {
        if (where.segmentId() != descriptor.id() || where.sectionAt() < descriptor.bytes()) {
            throw new IllegalArgumentException(where + " is not in segment " + descriptor.id());
        }
        from = where.position();
        position = where.position();
        markerAt = where.sectionAt();
        markerPosition = where.sectionPosition();
        return this;
    }

    /** For {@link #resume}: behind the frame at hand. */
    public SegmentPosition where() {
        return new SegmentPosition(descriptor.id(), position, sectionAt, sectionPosition);
    }

    /** Where the frame at hand ends; before the first one, where reading began. */
    public int position() {
        return position;
    }

    /** Why {@link #next} said no. */
    public End end() {
        if (!ended) {
            throw new IllegalStateException("the segment was not read to its end");
        }
        return end;
    }

    /** In words, of {@link End#NOT_YET} and {@link End#TORN}: for whoever has waited for long. */
    public String reason() {
        return reason;
    }

    /**
     * Goes to the next frame.
     *
     * @throws MalformedException the segment is damaged behind {@link #position}
     */
    public boolean next() {
        while (!ended) {
            if (position >= upTo) {
                finish(End.LIMIT, "");
            } else if (!inSection) {
                nextSection();
            } else {
                try {
                    if (frame()) {
                        return true;
                    }
                } catch (MalformedException e) {
                    toleratedAtTheTail(e);
                }
            }
        }
        return false;
    }

    private void nextSection() {
        sectionAt = markerAt;
        sectionPosition = markerPosition;
        if (markerAt > size - MARKER_BYTES) {
            finish(tail == Tail.FINAL ? End.COMPLETE : End.NOT_YET, "no further section has begun");
            return;
        }
        source.read(markerAt, small, 0, MARKER_BYTES);
        long next = VInts.int4(small, 0);
        if (next == 0 && VInts.int4(small, 4) == 0) {
            if (tail == Tail.FINAL) {
                requireUnsynced();
            }
            finish(
                    tail == Tail.FINAL ? End.COMPLETE : End.NOT_YET,
                    "nothing was synced behind position " + markerPosition);
        } else if (!isMarker(markerAt) || next < markerAt + MARKER_BYTES || next > size) {
            MalformedException wrong = malformed(
                    "the section at offset " + markerAt + " says that it ends at " + next
                            + (isMarker(markerAt) ? ", in a file of " + size : ", with a wrong checksum"),
                    null);
            if (tail == Tail.FINAL) {
                throw wrong;
            }
            finish(End.TORN, String.valueOf(wrong.getMessage()));
        } else if (decompressor == null) {
            beginSection(markerPosition + MARKER_BYTES, next, next);
        } else {
            try {
                compressedSection(decompressor, next);
            } catch (MalformedException e) {
                markerAt = next;
                toleratedAtTheTail(e);
            }
        }
    }

    /**
     * What a node wrote but never synced has no marker behind it: one that is there means that this one was lost. A
     * compressed section is written as a whole, with its marker.
     */
    private void requireUnsynced() {
        sectionEnd = size;
        if (decompressor != null) {
            sectionEnd = markerAt;
            for (long start = markerAt; start < size; start += MARKER_BYTES) {
                int count = (int) Math.min(MARKER_BYTES, size - start);
                source.read(start, small, 0, count);
                for (int i = 0; i < count; i++) {
                    if (small[i] != 0) {
                        throw malformed("a section without head at offset " + markerAt, null);
                    }
                }
            }
            return;
        }
        frameStart = markerAt + MARKER_BYTES;
        int given = position;
        try {
            while (frameStart < size && frame()) {
                if (isMarker(frameStart)) {
                    throw new MalformedException("a section has lost its head");
                }
            }
        } catch (MalformedException e) {
            // A write that was under way, unless there is a marker.
            if (frameStart < size && isMarker(frameStart)) {
                throw malformed("the section at offset " + markerAt + " has lost its head", e);
            }
        } finally {
            position = given;
            length = 0;
        }
    }

    private void beginSection(long start, long endPosition, long endInFile) {
        sectionEnd = endPosition;
        frameStart = Math.max(start, from);
        inSection = frameStart < endPosition;
        markerAt = endInFile;
        markerPosition = endPosition;
    }

    private void compressedSection(Decompressor undo, long next) {
        long contentAt = markerAt + MARKER_BYTES + 4;
        if (contentAt > next) {
            throw malformed("a compressed section of " + (next - markerAt) + " bytes", null);
        }
        source.read(contentAt - 4, small, 0, 4);
        int uncompressed = VInts.int4(small, 0);
        long start = markerPosition + MARKER_BYTES;
        if (uncompressed < 0 || uncompressed > maxSectionBytes || start + uncompressed > Integer.MAX_VALUE) {
            throw malformed(
                    "a section of " + uncompressed + " bytes when uncompressed, where at most " + maxSectionBytes
                            + " are expected",
                    null);
        }
        // Also a section that is not wanted is decompressed: nothing else vouches for its length, which moves all
        // positions.
        int count = (int) (next - contentAt);
        if (uncompressed == 0 && count > MAX_COMPRESSED_NOTHING) {
            throw malformed("an empty section of " + count + " bytes", null);
        }
        if (uncompressed > 0) {
            if (compressed.length < count) {
                compressed = new byte[count];
            }
            source.read(contentAt, compressed, 0, count);
            if (bytes.length < uncompressed) {
                bytes = new byte[uncompressed];
            }
            heldFrom = start;
            held = uncompressed;
            try {
                undo.decompress(ByteBuffer.wrap(compressed), 0, count, bytes, 0, uncompressed);
            } catch (MalformedException e) {
                throw malformed("the section at offset " + markerAt + ": " + e.getMessage(), e);
            }
        }
        beginSection(start, start + uncompressed, next);
    }

    /** False when the section has no more; then, or when the frame is not to be given, the state says so. */
    private boolean frame() {
        long left = sectionEnd - frameStart;
        int start = hold(frameStart, (int) Math.min(left, 8));
        int count = left < 4 ? 0 : VInts.int4(bytes, start);
        if (count == 0) {
            // Sections end with their last frame. Zeros may follow where a node had reserved room but written nothing.
            requireZeros(frameStart, left);
            if (tail == Tail.MAY_GROW && !isMarker(markerAt)) {
                finish(End.NOT_YET, "the last section has " + left + " zeros at its end");
            }
            inSection = false;
            return false;
        }
        if (count < MIN_FRAME_BYTES || count > left - FRAME_OVERHEAD) {
            throw malformed("a frame of " + count + " bytes where " + left + " are left", null);
        }
        crc.reset();
        SegmentDescriptor.update(crc, count);
        if ((int) crc.getValue() != VInts.int4(bytes, start + 4)) {
            throw malformed("a frame of " + count + " bytes does not match its length's checksum", null);
        }
        start = hold(frameStart, count + FRAME_OVERHEAD);
        crc.update(bytes, start + 8, count);
        if ((int) crc.getValue() != VInts.int4(bytes, start + 8 + count)) {
            throw malformed("a frame of " + count + " bytes does not match its checksum", null);
        }
        long frameEnd = frameStart + FRAME_OVERHEAD + count;
        if (frameEnd > upTo) {
            finish(End.LIMIT, "");
            return false;
        }
        at = start + 8;
        length = count;
        frameStart = frameEnd;
        position = (int) frameEnd;
        inSection = frameEnd < sectionEnd;
        return true;
    }

    private void requireZeros(long start, long count) {
        for (long done = 0; done < count; ) {
            int part = (int) Math.min(READ_AHEAD, count - done);
            int index = hold(start + done, part);
            for (int i = index; i < index + part; i++) {
                if (bytes[i] != 0) {
                    throw malformed("a frame without length, with something behind it", null);
                }
            }
            done += part;
        }
    }

    /** Where in {@link #bytes} the given position is; that many bytes are at hand there. */
    private int hold(long start, int count) {
        if (start >= heldFrom && start + count <= heldFrom + held) {
            return (int) (start - heldFrom);
        }
        // Only plain segments come here, whose positions are those of the file: compressed sections are held whole.
        int wanted = (int) Math.min(Math.max(count, READ_AHEAD), sectionEnd - start);
        if (bytes.length < wanted) {
            bytes = new byte[wanted];
        }
        source.read(start, bytes, 0, wanted);
        heldFrom = start;
        held = wanted;
        return 0;
    }

    /** Writes of a section and of its marker may become visible in any order, so the last section may be half there. */
    private void toleratedAtTheTail(MalformedException e) {
        if (tail == Tail.FINAL || isMarker(markerAt)) {
            throw e;
        }
        finish(End.TORN, String.valueOf(e.getMessage()));
    }

    private boolean isMarker(long offset) {
        if (offset > size - MARKER_BYTES) {
            return false;
        }
        source.read(offset, small, 0, MARKER_BYTES);
        crc.reset();
        SegmentDescriptor.update(crc, (int) descriptor.id());
        SegmentDescriptor.update(crc, (int) (descriptor.id() >>> 32));
        SegmentDescriptor.update(crc, (int) offset);
        return VInts.int4(small, 4) == (int) crc.getValue();
    }

    private void finish(End why, String inWords) {
        ended = true;
        end = why;
        reason = inWords;
    }

    private MalformedException malformed(String what, @Nullable Throwable cause) {
        return new MalformedException(source.name() + ", behind position " + position + ": " + what, cause);
    }

    @Override
    public void close() {
        if (decompressor != null) {
            decompressor.close();
        }
    }
}
