package dev.hindsight.codec.sstable;

/** File names of SSTable components, without the descriptor. */
public final class Components {
    public static final String DATA = "Data.db";
    public static final String STATISTICS = "Statistics.db";
    public static final String COMPRESSION = "CompressionInfo.db";
    public static final String CRC = "CRC.db";
    public static final String INDEX = "Index.db";
    public static final String SUMMARY = "Summary.db";
    public static final String PARTITIONS = "Partitions.db";
    public static final String ROWS = "Rows.db";
    public static final String FILTER = "Filter.db";
    public static final String DIGEST = "Digest.crc32";
    public static final String TOC = "TOC.txt";

    private Components() {}
}
