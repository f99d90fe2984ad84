package dev.hindsight.synthesis.fingerprint;

/**
 * The bytes of a fingerprints file. Numbers are little-endian, vints as in LEB128, unsigned.
 *
 * <pre>
 *   | magic 8 | version 2 | algorithm 2 | crc32c of these 4 | run* | count 8 | crc32c from the first run to here 4 |
 *   run = gap vint, length vint, hash 8          ; (start, end] with start = end of the one before + gap
 * </pre>
 */
final class FingerprintFile {
    /** "HSFPRUNS" as ASCII. */
    static final long MAGIC = 0x534E_5552_5046_5348L;

    static final short VERSION = 1;

    /** XXH64 of the canonical content. */
    static final short ALGORITHM = 1;

    static final int HEAD_BYTES = 16;
    static final int TAIL_BYTES = 12;

    private FingerprintFile() {}
}
