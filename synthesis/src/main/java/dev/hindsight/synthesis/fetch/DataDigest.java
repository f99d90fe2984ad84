package dev.hindsight.synthesis.fetch;

import dev.hindsight.codec.sstable.Components;
import dev.hindsight.synthesis.CorruptInputException;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.SynthesisProgress;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** The checksum of a whole Data.db in Digest.crc32. */
public final class DataDigest {
    /** It holds one decimal number. */
    private static final int DIGEST_LIMIT = 64;

    private DataDigest() {}

    /**
     * Reads Data.db whole and compares; an SSTable without Digest.crc32 passes.
     *
     * @throws CorruptInputException they differ
     */
    public static void verify(InputSSTable input) {
        if (!input.components().containsKey(Components.DIGEST)) {
            return;
        }
        FetchMeter meter = new FetchMeter(SynthesisProgress.NONE);
        byte[] stored = new SourceComponent(input, Components.DIGEST, meter).readWhole(DIGEST_LIMIT);
        SourceComponent data = new SourceComponent(input, Components.DATA, meter);
        CRC32 crc = new CRC32();
        byte[] buffer = new byte[SourceComponent.READ_BYTES];
        for (long at = 0; at < data.sizeBytes(); ) {
            int count = (int) Math.min(buffer.length, data.sizeBytes() - at);
            data.read(at, buffer, 0, count);
            crc.update(buffer, 0, count);
            at += count;
        }
        String expected = new String(stored, StandardCharsets.US_ASCII).trim();
        if (!expected.equals(Long.toString(crc.getValue()))) {
            throw CorruptInputException.of(
                    input,
                    Components.DATA + ": CRC32 of the whole file is " + crc.getValue() + " but " + Components.DIGEST
                            + " says '" + expected + "'");
        }
    }
}
