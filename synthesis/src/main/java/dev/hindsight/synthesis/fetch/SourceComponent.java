package dev.hindsight.synthesis.fetch;

import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.synthesis.CorruptInputException;
import dev.hindsight.synthesis.InputSSTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** One component of an input: metered reads, and whole copies to scratch. Safe for several threads. */
public final class SourceComponent implements ByteSource {
    /** Reads are joined up to this: 1 MiB. */
    public static final int READ_BYTES = 1 << 20;

    private final InputSSTable input;
    private final String name;
    private final ByteSource source;
    private final FetchMeter meter;

    /**
     * @throws dev.hindsight.synthesis.CorruptInputException there is no such component
     */
    public SourceComponent(InputSSTable input, String name, FetchMeter meter) {
        ByteSource found = input.components().get(name);
        if (found == null) {
            throw CorruptInputException.of(
                    input,
                    "component " + name + " is missing, there are only "
                            + input.components().keySet().stream().sorted().toList());
        }
        this.input = input;
        this.name = name;
        this.source = found;
        this.meter = meter;
    }

    @Override
    public String name() {
        return source.name();
    }

    @Override
    public Optional<Path> localFile() {
        return source.localFile();
    }

    @Override
    public long sizeBytes() {
        return source.sizeBytes();
    }

    @Override
    public void read(long position, byte[] into, int offset, int length) {
        if (meter.isStopped()) {
            throw new NotAppliedException(
                    "fetching " + input + " was stopped because another input failed", "see the other input's failure");
        }
        if (position < 0 || length < 0 || position + length > source.sizeBytes()) {
            throw CorruptInputException.of(
                    input,
                    name + ": " + length + " bytes from offset " + position + " are needed but there are only "
                            + source.sizeBytes());
        }
        try {
            source.read(position, into, offset, length);
        } catch (HindsightException e) {
            throw e;
        } catch (RuntimeException e) {
            // Not understood by the source itself, but surely not a wrong byte.
            throw new NotAppliedException(
                    source.name() + " cannot be read: " + e, "look at where it is, then run the same command again", e);
        }
        meter.fetched(name, length);
    }

    /** Counts bytes that are read past this object. */
    void count(long bytes) {
        meter.fetched(name, bytes);
    }

    /** For components known to be small. */
    public byte[] readWhole(long limit) {
        if (sizeBytes() > limit) {
            throw CorruptInputException.of(
                    input, name + " has " + sizeBytes() + " bytes, more than the " + limit + " that it may have");
        }
        byte[] all = new byte[(int) sizeBytes()];
        read(0, all, 0, all.length);
        return all;
    }

    public Path copyTo(ScratchDirectory directory) {
        Path file = directory.path().resolve(input.descriptor() + "-" + name);
        directory.reserve(sizeBytes());
        byte[] buffer = new byte[(int) Math.min(READ_BYTES, Math.max(1, sizeBytes()))];
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (long at = 0; at < sizeBytes(); ) {
                int count = (int) Math.min(buffer.length, sizeBytes() - at);
                read(at, buffer, 0, count);
                writeFully(out, ByteBuffer.wrap(buffer, 0, count), at);
                at += count;
            }
        } catch (IOException e) {
            throw ScratchDirectory.unusable(file, e);
        }
        return file;
    }

    static void writeFully(FileChannel out, ByteBuffer bytes, long position) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += out.write(bytes, at);
        }
    }
}
