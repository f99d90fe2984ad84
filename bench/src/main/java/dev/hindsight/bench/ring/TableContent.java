package dev.hindsight.bench.ring;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * All rows of a table of {@link SampleRows}, as Cassandra reads them at ALL.
 *
 * @param sha256 over keys, texts and write times in the order of tokens; equal for equal rows
 */
public record TableContent(long rows, String sha256) {
    private static final int PAGE = 1000;

    /** @param table with keyspace */
    public static TableContent read(CqlSession session, String table) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        ByteBuffer numbers = ByteBuffer.allocate(2 * Integer.BYTES + Long.BYTES);
        long rows = 0;
        for (Row row : session.execute(SimpleStatement.newInstance("SELECT id, c, writetime(v), v FROM " + table)
                .setConsistencyLevel(ConsistencyLevel.ALL)
                .setPageSize(PAGE))) {
            numbers.clear();
            digest.update(numbers.putInt(row.getInt(0))
                    .putInt(row.getInt(1))
                    .putLong(row.getLong(2))
                    .flip());
            ByteBuffer text = row.getBytesUnsafe(3);
            digest.update(text == null ? ByteBuffer.allocate(0) : text);
            rows++;
        }
        return new TableContent(rows, HexFormat.of().formatHex(digest.digest()));
    }
}
