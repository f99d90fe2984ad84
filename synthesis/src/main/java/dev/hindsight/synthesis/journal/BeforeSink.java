package dev.hindsight.synthesis.journal;

/** Takes what rows were before changes, by token, key and number; of one change in the order of the rows. One thread. */
public interface BeforeSink {
    /**
     * One part of what one record's rows were. Of a record without any, nothing is told: nothing was known of its rows.
     *
     * @param version of the schema that the part is coded with
     * @param bytes hold the part: a partition without its key, as FORMAT.md (Before-values) has it; the sink's until it returns
     */
    void part(byte[] key, int keyLength, long token, long number, int version, byte[] bytes, int at, int length);
}
