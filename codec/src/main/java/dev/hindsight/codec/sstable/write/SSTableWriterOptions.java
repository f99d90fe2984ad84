package dev.hindsight.codec.sstable.write;

import dev.hindsight.codec.sstable.RowHeader;
import dev.hindsight.codec.sstable.SSTableVersion;
import dev.hindsight.model.failure.UnsupportedException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What one SSTable is written with.
 *
 * @param directory made when it is missing
 * @param version NB or OA
 * @param id of the file names; no file of that id may be there
 * @param header that the appended bytes were encoded with
 * @param compression null for plain chunks with a CRC.db
 * @param bloomFilterFpChance the table's; 1 for no Filter.db
 * @param minIndexInterval the table's: one of so many partitions is in Summary.db
 * @param expectedKeys estimate; sizes the Bloom filter
 * @param force whether {@link SSTableWriter#finish} has every file on disk before it returns
 */
public record SSTableWriterOptions(
        Path directory,
        SSTableVersion version,
        int id,
        RowHeader header,
        @Nullable CompressionOptions compression,
        double bloomFilterFpChance,
        int minIndexInterval,
        long expectedKeys,
        boolean force,
        WriteListener listener) {
    public SSTableWriterOptions {
        if (version.isBti()) {
            throw new UnsupportedException(
                    "SSTables of version " + version.text() + " are not written", "use version nb or oa");
        }
        if (minIndexInterval < 1) {
            throw new IllegalArgumentException("min_index_interval " + minIndexInterval + " is not positive");
        }
        expectedKeys = Math.max(1, expectedKeys);
    }

    String descriptor() {
        return version.text() + "-" + id + "-big";
    }

    Path path(String component) {
        return directory.resolve(descriptor() + "-" + component);
    }
}
