package dev.hindsight.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.commitlog.MutationDecoder;
import dev.hindsight.codec.commitlog.SegmentReader;
import dev.hindsight.codec.commitlog.SegmentVersion;
import dev.hindsight.codec.commitlog.UnknownSchemaException;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.row.RowWalker;
import dev.hindsight.codec.schema.DdlSchemas;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.model.failure.UnsupportedException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.params.provider.MethodSource;

/** Segments of a commit log, and the mutations in their frames. */
class CommitLogFuzzTest {
    private static final TableSchema RICH = DdlSchemas.tableSchema("ks", List.of(Seeds.RICH_TYPE), Seeds.RICH);
    private static final int MAX_SECTION_BYTES = 1 << 20;

    static Stream<byte[]> mutations() {
        return Corpus.with(Stream.of(Seeds.MUTATION, Seeds.MUTATION_DELETING), "anyMutationIsDecodedOrRefused");
    }

    static Stream<byte[]> segments() {
        return Corpus.with(
                Stream.of("{}", "{\"compressionClass\":\"LZ4Compressor\"}", "{\"compressionClass\":\"ZstdCompressor\"}")
                        .map(parameters -> segment(parameters, Seeds.MUTATION)),
                "anySegmentGivesFramesOrIsRefused");
    }

    private static byte[] segment(String parameters, byte[] mutation) {
        byte[] text = parameters.getBytes(StandardCharsets.UTF_8);
        ByteBuffer out = ByteBuffer.allocate(14 + text.length + 4 + 8 + 4 + 12 + mutation.length);
        out.putInt(8).putLong(1234).putShort((short) text.length).put(text);
        out.position(out.position() + 4);
        out.putInt(out.capacity()).putInt(0);
        if (text.length > 2) {
            out.putInt(mutation.length + 12);
        }
        out.putInt(mutation.length).putInt(0).put(mutation);
        return checksummed(out.array());
    }

    @MethodSource("mutations")
    @FuzzTest
    void anyMutationIsDecodedOrRefused(byte[] data) {
        for (SegmentVersion version : SegmentVersion.values()) {
            try {
                MutationDecoder decoder = new MutationDecoder(version, id -> Optional.of(RICH));
                decoder.start(data, 0, data.length);
                boolean read = data.length % 2 == 0;
                while (decoder.nextUpdate()) {
                    while (decoder.next()) {
                        if (read
                                && (decoder.kind == RowFormat.CLUSTERING
                                        || decoder.kind == RowFormat.STATIC_CLUSTERING)) {
                            cells(decoder.row(), data.length);
                        }
                    }
                }
            } catch (MalformedException | UnknownSchemaException e) {
                // These are what wrong bytes may end in.
                continue;
            }
        }
    }

    private static void cells(RowWalker row, int limit) {
        while (row.nextColumn()) {
            while (row.complex && row.nextCell()) {
                within(row.pathAt, row.pathLength, limit);
                within(row.valueAt, row.valueLength, limit);
            }
            if (!row.complex) {
                within(row.valueAt, row.valueLength, limit);
            }
        }
    }

    private static void within(int at, int length, int limit) {
        if (length > 0) {
            java.util.Objects.checkFromIndexSize(at, length, limit);
        }
    }

    @MethodSource("segments")
    @FuzzTest
    void anySegmentGivesFramesOrIsRefused(byte[] data) {
        for (SegmentReader.Tail tail : SegmentReader.Tail.values()) {
            read(data, tail);
            read(checksummed(data), tail);
        }
    }

    private static void read(byte[] segment, SegmentReader.Tail tail) {
        try {
            Optional<SegmentReader> open = SegmentReader.open(
                    Bytes.source("CommitLog-8-1.log", segment), tail, 0, Integer.MAX_VALUE, MAX_SECTION_BYTES);
            if (open.isEmpty()) {
                return;
            }
            try (SegmentReader reader = open.get()) {
                int last = -1;
                while (reader.next()) {
                    java.util.Objects.checkFromIndexSize(reader.at, reader.length, reader.bytes.length);
                    if (reader.position() <= last) {
                        throw new IllegalStateException("position " + reader.position() + " after " + last);
                    }
                    last = reader.position();
                }
                reader.end();
            }
        } catch (MalformedException | UnsupportedException e) {
            // These are what wrong bytes may end in.
            return;
        }
    }

    /** With right checksums of the header, the first section's head and the frames of a plain segment. */
    private static byte[] checksummed(byte[] data) {
        byte[] out = data.clone();
        ByteBuffer file = ByteBuffer.wrap(out);
        if (out.length < 30) {
            return out;
        }
        int parameters = file.getShort(12) & 0xffff;
        int headerEnd = 14 + parameters;
        if (headerEnd + 12 > out.length) {
            return out;
        }
        long id = file.getLong(4);
        CRC32 header = new CRC32();
        update(header, file.getInt(0), (int) id, (int) (id >>> 32), parameters);
        header.update(out, 14, parameters);
        file.putInt(headerEnd, (int) header.getValue());
        int marker = headerEnd + 4;
        CRC32 head = new CRC32();
        update(head, (int) id, (int) (id >>> 32), marker);
        file.putInt(marker + 4, (int) head.getValue());
        for (int at = marker + 8; at + 12 <= out.length; ) {
            int length = file.getInt(at);
            if (length < 0 || length > out.length - at - 12) {
                break;
            }
            CRC32 frame = new CRC32();
            update(frame, length);
            file.putInt(at + 4, (int) frame.getValue());
            frame.update(out, at + 8, length);
            file.putInt(at + 8 + length, (int) frame.getValue());
            at += length + 12;
        }
        return out;
    }

    private static void update(CRC32 crc, int... values) {
        for (int value : values) {
            crc.update(ByteBuffer.allocate(4).putInt(value).array());
        }
    }
}
