package dev.hindsight.synthesis.journal;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.Tokens;
import dev.hindsight.codec.bytes.VInts;
import java.util.Arrays;

/**
 * One serialised partition update, as a mutation holds it (table id, key, flags, ...), with its number in the journal. The
 * bytes are the maker's, who says how long they are good. Sorted by token, key and number.
 */
public final class Update implements Comparable<Update> {
    private static final int TABLE_ID_BYTES = 16;
    private static final int MAX_KEY_BYTES = 0xffff;

    public final long number;
    public final UpdateCoding coding;
    public final byte[] bytes;
    public final int at;
    public final int length;
    public final long token;
    public final int keyAt;
    public final int keyLength;

    private Update(
            long number, UpdateCoding coding, byte[] bytes, int at, int length, long token, int keyAt, int keyLength) {
        this.number = number;
        this.coding = coding;
        this.bytes = bytes;
        this.at = at;
        this.length = length;
        this.token = token;
        this.keyAt = keyAt;
        this.keyLength = keyLength;
    }

    /**
     * Finds the key; nothing else is looked at.
     *
     * @throws MalformedException there is no key
     */
    public static Update of(long number, UpdateCoding coding, byte[] bytes, int at, int length) {
        int lengthAt = at + TABLE_ID_BYTES;
        int end = at + length;
        if (length <= TABLE_ID_BYTES || VInts.length(bytes, lengthAt) > end - lengthAt) {
            throw new MalformedException("an update of " + length + " bytes has no key");
        }
        long keyLength = VInts.unsigned(bytes, lengthAt);
        int keyAt = lengthAt + VInts.length(bytes, lengthAt);
        if (keyLength < 1 || keyLength > MAX_KEY_BYTES || keyLength > end - keyAt) {
            throw new MalformedException("an update of " + length + " bytes has a key of " + keyLength);
        }
        long token = Tokens.of(bytes, keyAt, (int) keyLength);
        return new Update(number, coding, bytes, at, length, token, keyAt, (int) keyLength);
    }

    /** By token and key alone. */
    public int comparePartition(Update other) {
        if (token != other.token) {
            return token < other.token ? -1 : 1;
        }
        return Arrays.compareUnsigned(
                bytes, keyAt, keyAt + keyLength, other.bytes, other.keyAt, other.keyAt + other.keyLength);
    }

    @Override
    public int compareTo(Update other) {
        int partition = comparePartition(other);
        return partition != 0 ? partition : Long.compare(number, other.number);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Update update && compareTo(update) == 0;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(token * 31 + number);
    }

    @Override
    public String toString() {
        return "record " + number + " of token " + token;
    }
}
