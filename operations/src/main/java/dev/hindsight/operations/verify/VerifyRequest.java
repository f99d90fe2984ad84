package dev.hindsight.operations.verify;

import dev.hindsight.model.failure.UsageException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * What to verify, and how closely.
 *
 * @param backup one backup with those it builds on; empty for all
 * @param rotation a part of the stored shards only; documents are always all read
 */
public record VerifyRequest(Optional<String> backup, Level level, Optional<Rotation> rotation) {
    /** How closely; documents (catalogue, manifests, plans) are read and checked in all of them. */
    public enum Level {
        /** Every digest, and every row of one shard of every table. */
        SAMPLE,
        /** Objects are there and have their sizes: asks the store, reads no data. */
        REFS,
        /** Every digest. */
        BYTES,
        /** Every digest, every row of every SSTable, counts and fingerprints. */
        RECORDS
    }

    public VerifyRequest {
        if (rotation.isPresent() && level != Level.BYTES && level != Level.RECORDS) {
            throw new UsageException(
                    "--rotate says which part of the bytes to read, but nothing said to read them",
                    "give --bytes or --records with it");
        }
    }

    public static VerifyRequest everything() {
        return new VerifyRequest(Optional.empty(), Level.SAMPLE, Optional.empty());
    }

    /**
     * A part of all stored shards that stays the same from run to run, so that {@code of} runs with all parts cover each
     * shard once.
     *
     * @param part from 1
     */
    public record Rotation(int part, int of) {
        private static final Pattern TEXT = Pattern.compile("([0-9]{1,6})/([0-9]{1,6})");

        public Rotation {
            if (part < 1 || of < 1 || part > of) {
                throw new UsageException(
                        "--rotate " + part + "/" + of + " is no part of a whole", "count from 1, as in --rotate 3/7");
            }
        }

        /** @param text {@code n/t} */
        public static Rotation parse(String text) {
            Matcher matcher = TEXT.matcher(text);
            if (!matcher.matches()) {
                throw new UsageException("--rotate '" + text + "' is not of the form n/t", "as in --rotate 3/7");
            }
            return new Rotation(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
        }

        /** @param key of a shard manifest */
        public boolean covers(String key) {
            CRC32 hash = new CRC32();
            hash.update(key.getBytes(StandardCharsets.US_ASCII));
            return hash.getValue() % of == part - 1;
        }
    }
}
