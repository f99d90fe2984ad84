package dev.hindsight.bench.ring;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/** Gives rows of {@link SampleRows}, picked at random all over the table, new texts by CQL, on all replicas. */
public final class RowUpdates {
    private static final int AT_A_TIME = 256;

    private final CqlSession session;
    private final PreparedStatement update;
    private final long rows;
    private final int valueLength;
    private final double share;
    private final SplittableRandom random;

    /**
     * @param table with keyspace
     * @param share of all rows that each round updates, between 0 and 1
     */
    public RowUpdates(CqlSession session, String table, long rows, int valueLength, double share, long seed) {
        this.session = session;
        this.update = session.prepare("UPDATE " + table + " SET v = ? WHERE id = ? AND c = ?");
        this.rows = rows;
        this.valueLength = valueLength;
        this.share = share;
        this.random = new SplittableRandom(seed);
    }

    /** @return how many rows were updated, each once */
    public long round() {
        char[] text = new char[valueLength];
        List<CompletableFuture<?>> sent = new ArrayList<>();
        long updated = 0;
        for (long row = 0; row < rows; row++) {
            if (random.nextDouble() >= share) {
                continue;
            }
            updated++;
            sent.add(session.executeAsync(update.bind(
                                    SampleRows.fill(text, random), (int) (row / SampleRows.ROWS_PER_PARTITION), (int)
                                            (row % SampleRows.ROWS_PER_PARTITION))
                            .setConsistencyLevel(ConsistencyLevel.ALL))
                    .toCompletableFuture());
            if (sent.size() == AT_A_TIME) {
                await(sent);
            }
        }
        await(sent);
        return updated;
    }

    private static void await(List<CompletableFuture<?>> sent) {
        CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).join();
        sent.clear();
    }
}
