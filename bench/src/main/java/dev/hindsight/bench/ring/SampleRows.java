package dev.hindsight.bench.ring;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.apache.cassandra.io.sstable.CQLSSTableWriter;

/**
 * Rows of a seed, as SSTables that {@code nodetool import} takes: partitions of {@value #ROWS_PER_PARTITION} rows with one
 * text each, of which about half compresses away. Written without a server, in several SSTables whose tokens overlap, as
 * flushes do. Cassandra's configuration becomes that of a tool in this process, once.
 *
 * @param valueBytes of all texts together, before compression
 * @param dataBytes of all Data.db files
 */
public record SampleRows(long rows, long partitions, long valueBytes, int sstables, long dataBytes) {
    public static final int ROWS_PER_PARTITION = 20;

    private static final String PHRASE = "the quick brown fox jumps over the lazy dog and does it once more; ";
    private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private static final long WRITE_TIME_MICROS = 1_700_000_000_000_000L;
    // What a row takes in Data.db, after LZ4, besides the half of its text that stays; as measured.
    private static final int ROW_OVERHEAD = 17;
    private static final int MOST_BUFFERED_MIB = 64;

    /** @param table with keyspace */
    public static String createTable(String table) {
        return "CREATE TABLE " + table + " (id int, c int, v text, PRIMARY KEY (id, c))";
    }

    /**
     * Writes as many rows as make Data.db files of about {@code dataBytes} in {@code directory}, which must exist and be
     * empty.
     *
     * @param valueLength of each text, in characters
     */
    public static SampleRows write(Path directory, String table, long dataBytes, int valueLength, long seed) {
        int bufferMiB = (int) Math.max(1, Math.min(MOST_BUFFERED_MIB, dataBytes >> 22));
        long partitions = Math.max(1, dataBytes / (valueLength / 2 + ROW_OVERHEAD) / ROWS_PER_PARTITION);
        long rows = partitions * ROWS_PER_PARTITION;
        SplittableRandom random = new SplittableRandom(seed);
        char[] text = new char[valueLength];
        try {
            try (CQLSSTableWriter writer = CQLSSTableWriter.builder()
                    .inDirectory(directory.toString())
                    .forTable(createTable(table))
                    .using("INSERT INTO " + table + " (id, c, v) VALUES (?, ?, ?) USING TIMESTAMP ?")
                    .withBufferSizeInMiB(bufferMiB)
                    .build()) {
                for (long row = 0; row < rows; row++) {
                    writer.addRow(
                            (int) (row / ROWS_PER_PARTITION),
                            (int) (row % ROWS_PER_PARTITION),
                            fill(text, random),
                            WRITE_TIME_MICROS + row);
                }
            }
            return new SampleRows(
                    rows, partitions, rows * valueLength, dataFiles(directory).size(), dataBytes(directory));
        } catch (IOException e) {
            throw new UncheckedIOException("rows in " + directory, e);
        }
    }

    /** A text of the whole array, of which about half compresses away. */
    public static String fill(char[] text, SplittableRandom random) {
        int half = text.length / 2;
        long bits = 0;
        for (int i = 0; i < half; i++) {
            bits = i % 10 == 0 ? random.nextLong() : bits >>> 6;
            text[i] = LETTERS.charAt((int) (bits & 63));
        }
        for (int i = half; i < text.length; i++) {
            text[i] = PHRASE.charAt(i % PHRASE.length());
        }
        return new String(text);
    }

    private static List<Path> dataFiles(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith("-Data.db")).toList();
        }
    }

    private static long dataBytes(Path directory) throws IOException {
        long sum = 0;
        for (Path file : dataFiles(directory)) {
            sum += Files.size(file);
        }
        return sum;
    }
}
