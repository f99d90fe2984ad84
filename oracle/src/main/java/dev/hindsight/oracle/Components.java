package dev.hindsight.oracle;

/** File names of SSTable components, as keys of {@link dev.hindsight.synthesis.InputSSTable#components()}. */
final class Components {
    static final String DATA = "Data.db";
    static final String STATISTICS = "Statistics.db";
    static final String COMPRESSION = "CompressionInfo.db";
    static final String CRC = "CRC.db";
    static final String INDEX = "Index.db";
    static final String SUMMARY = "Summary.db";
    static final String PARTITIONS = "Partitions.db";
    static final String ROWS = "Rows.db";
    static final String DIGEST = "Digest.crc32";
    static final String TOC = "TOC.txt";

    private Components() {}
}
