package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DefaultConsistencyLevel;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import com.datastax.oss.driver.api.core.cql.SimpleStatementBuilder;
import dev.hindsight.lab.Await;
import dev.hindsight.model.schema.TableName;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * Clients that write to a table {@code (id, c, v)} all the time, each some hundred times a second at most so that small
 * machines can keep up, and remember of each write when it was begun and when it
 * was acknowledged, if it was. Each has rows of its own, which it overwrites and deletes, one write after the other. What a
 * restore to an instant must show follows from that alone.
 */
final class LoggedWrites implements AutoCloseable {
    private static final Duration LONG_ENOUGH = Duration.ofMinutes(3);
    private static final Duration PACE = Duration.ofMillis(4);
    private static final int PARTITIONS = 6;
    private static final int ROWS = 4;

    /**
     * A client.
     *
     * @param ahead by how much the time that it writes with is ahead of its clock; zero: as the driver says
     */
    record Client(ConsistencyLevel level, Duration ahead) {
        static Client at(ConsistencyLevel level) {
            return new Client(level, Duration.ZERO);
        }
    }

    /** @param value empty for a delete; {@code acknowledged} empty when nobody knows what became of it */
    private record Write(
            Optional<String> value, ConsistencyLevel level, Instant begun, Optional<Instant> acknowledged) {
        Write ofUnknownOutcome() {
            return new Write(value, level, begun, Optional.empty());
        }
    }

    /** How many writes had to be in, had to be out, and could be either. */
    record Checked(int in, int out, int either) {}

    private final CqlSession session;
    private final TableName table;
    private final Map<String, List<Write>> byRow = new TreeMap<>();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong acknowledged = new AtomicLong();
    /** Shared by writes; whoever wants a silence has it alone, and is not overtaken by the next write. */
    private final ReentrantReadWriteLock writing = new ReentrantReadWriteLock(true);

    private volatile boolean ending;

    private LoggedWrites(CqlSession session, TableName table) {
        this.session = session;
        this.table = table;
    }

    static LoggedWrites begin(CqlSession session, TableName table, long seed, Client... clients) {
        LoggedWrites made = new LoggedWrites(session, table);
        for (int i = 0; i < clients.length; i++) {
            int number = i;
            made.threads.add(new Thread(
                    () -> made.write(number, clients[number], new SplittableRandom(seed + number)),
                    "writes " + table + " " + clients[i]));
        }
        made.threads.forEach(Thread::start);
        return made;
    }

    private void write(int client, Client as, SplittableRandom random) {
        long timestamp = 0;
        for (int i = 0; !ending; i++) {
            writing.readLock().lock();
            try {
                timestamp = write(client, as, random, i, timestamp);
            } finally {
                writing.readLock().unlock();
            }
            LockSupport.parkNanos(PACE.toNanos());
        }
    }

    /** @return the time that it wrote with */
    private long write(int client, Client as, SplittableRandom random, int i, long lastTimestamp) {
        int id = client * PARTITIONS + random.nextInt(PARTITIONS);
        int c = random.nextInt(ROWS);
        Optional<String> value =
                random.nextInt(4) == 0 ? Optional.empty() : Optional.of(i + " of " + client + Rows.text(i, 30));
        Instant begun = Instant.now();
        long timestamp = Math.max(lastTimestamp + 1, ChronoUnit.MICROS.between(Instant.EPOCH, begun.plus(as.ahead())));
        SimpleStatementBuilder statement =
                SimpleStatement.builder(cql(value.isPresent(), !as.ahead().isZero()));
        if (!as.ahead().isZero()) {
            statement.addPositionalValue(timestamp);
        }
        value.ifPresent(statement::addPositionalValue);
        statement.addPositionalValues(id, c);
        Optional<Instant> told = Optional.empty();
        try {
            session.execute(statement
                    .setConsistencyLevel(as.level())
                    .setIdempotence(false)
                    .build());
            told = Optional.of(Instant.now());
            acknowledged.incrementAndGet();
        } catch (DriverException e) {
            // Nobody was told that it was done; it may be all the same.
            told = Optional.empty();
        }
        Write write = new Write(value, as.level(), begun, told);
        synchronized (byRow) {
            byRow.computeIfAbsent(id + "/" + c, row -> new ArrayList<>()).add(write);
        }
        return timestamp;
    }

    private String cql(boolean update, boolean timestamp) {
        String using = timestamp ? " USING TIMESTAMP ?" : "";
        return (update ? "UPDATE " + table + using + " SET v = ?" : "DELETE FROM " + table + using)
                + " WHERE id = ? AND c = ?";
    }

    /** Waits until so many more writes were acknowledged. */
    void await(int more) {
        await(more, Duration.ZERO);
    }

    /** Waits until so many more writes were acknowledged, and so long. */
    void await(int more, Duration least) {
        long goal = acknowledged.get() + more;
        Instant begun = Instant.now();
        Await.until(
                more + " more writes to " + table,
                LONG_ENOUGH,
                () -> acknowledged.get() >= goal && !Instant.now().isBefore(begun.plus(least)));
    }

    /** Nobody writes meanwhile. */
    <T> T silently(Supplier<T> meanwhile) {
        writing.writeLock().lock();
        try {
            return meanwhile.get();
        } finally {
            writing.writeLock().unlock();
        }
    }

    /**
     * Of what the cluster itself has lost nobody knows any more what became of it: no restore has to have it.
     *
     * @param read an instant of a silence
     * @param held what the table held then, by row
     * @return how many acknowledged writes are gone
     */
    int forgetLost(Instant read, Map<String, String> held) {
        int lost = 0;
        synchronized (byRow) {
            for (Map.Entry<String, List<Write>> row : byRow.entrySet()) {
                List<Write> writes = row.getValue();
                Optional<String> value = Optional.ofNullable(held.get(row.getKey()));
                for (int i = writes.size() - 1; i >= 0; i--) {
                    Write write = writes.get(i);
                    if (write.begun().isAfter(read)) {
                        continue;
                    }
                    if (write.value().equals(value)) {
                        break;
                    }
                    lost += write.acknowledged().isPresent() ? 1 : 0;
                    writes.set(i, write.ofUnknownOutcome());
                }
            }
        }
        return lost;
    }

    /** Ends the clients. Safe to repeat. */
    @Override
    public void close() {
        ending = true;
        for (Thread thread : threads) {
            try {
                thread.join(LONG_ENOUGH.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Every write acknowledged before the instant less the uncertainty is in what was restored, none that was begun after the
     * instant plus the uncertainty.
     *
     * @param guarantee acknowledged at this level or at a stronger one
     * @param restored values by row
     */
    Checked require(Instant at, Duration uncertainty, String guarantee, Map<String, String> restored) {
        Instant surelyIn = at.minus(uncertainty);
        Instant surelyOut = at.plus(uncertainty);
        int in = 0;
        int out = 0;
        int either = 0;
        synchronized (byRow) {
            Set<String> unknown = new TreeSet<>(restored.keySet());
            unknown.removeAll(byRow.keySet());
            assertThat(unknown).as("rows that nobody wrote").isEmpty();
            for (Map.Entry<String, List<Write>> row : byRow.entrySet()) {
                Set<Optional<String>> allowed = new HashSet<>(Set.of(Optional.empty()));
                for (Write write : row.getValue()) {
                    if (counts(write.level(), guarantee)
                            && write.acknowledged()
                                    .map(told -> !told.isAfter(surelyIn))
                                    .orElse(false)) {
                        allowed.clear();
                        allowed.add(write.value());
                        in++;
                    } else if (write.begun().isBefore(surelyOut)) {
                        allowed.add(write.value());
                        either++;
                    } else {
                        out++;
                    }
                }
                assertThat(allowed)
                        .as(
                                "row %s of %s at %s, off by up to %s, with writes at %s: %s",
                                row.getKey(), table, at, uncertainty, guarantee, row.getValue())
                        .contains(Optional.ofNullable(restored.get(row.getKey())));
            }
        }
        return new Checked(in, out, either);
    }

    private static boolean counts(ConsistencyLevel level, String guarantee) {
        return switch (guarantee) {
            case "ONE" -> true;
            case "QUORUM" -> level.equals(DefaultConsistencyLevel.QUORUM) || level.equals(DefaultConsistencyLevel.ALL);
            case "ALL" -> level.equals(DefaultConsistencyLevel.ALL);
            default -> throw new IllegalArgumentException("no guarantee is called " + guarantee);
        };
    }
}
