package dev.hindsight.codec.sstable.read;

import java.util.HexFormat;

/** CRC32s in messages. */
final class Checksums {
    private Checksums() {}

    static String text(int crc) {
        return HexFormat.of().toHexDigits(crc);
    }
}
