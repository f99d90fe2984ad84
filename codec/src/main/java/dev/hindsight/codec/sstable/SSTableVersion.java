package dev.hindsight.codec.sstable;

import dev.hindsight.model.failure.UnsupportedException;
import java.util.Locale;
import java.util.Optional;

/**
 * SSTable versions that can be read; {@link #NB} and {@link #OA} can be written too.
 *
 * <p>Source: {@code BigFormat.BigVersion}, {@code BtiFormat.BtiVersion} 5.0.9.
 */
public enum SSTableVersion {
    /** 4.0, 4.1, and 5.0 in its compatibility mode; big. */
    NB("big"),
    /** 5.0, big. */
    OA("big"),
    /** 5.0, bti. */
    DA("bti");

    private final String format;

    SSTableVersion(String format) {
        this.format = format;
    }

    /** The version of an SSTable from its descriptor ({@code oa-12-big}); empty when it is none of these. */
    public static Optional<SSTableVersion> find(String descriptor) {
        String[] parts = descriptor.split("-", -1);
        for (SSTableVersion version : values()) {
            if (parts.length == 3 && parts[0].equals(version.text()) && parts[2].equals(version.format)) {
                return Optional.of(version);
            }
        }
        return Optional.empty();
    }

    /** What to throw for an SSTable of another version, named as its owner names it. */
    public static UnsupportedException unsupported(String sstable) {
        return new UnsupportedException(
                "SSTable " + sstable
                        + " has a version or format that cannot be read; supported are nb and oa (big) and da (bti)",
                "run 'nodetool upgradesstables' on that node, then take the backup again");
    }

    /** As in file names. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    public boolean isBti() {
        return this == DA;
    }

    /**
     * What came with 5.0: deletion times as unsigned 32-bit seconds (until 2106), partition deletions of one byte when
     * there is none, first and last key, covered slice, token space coverage and a mark of partition deletions in the
     * statistics.
     */
    public boolean isSinceFive() {
        return this != NB;
    }
}
