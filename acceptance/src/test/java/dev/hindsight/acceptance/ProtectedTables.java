package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import com.fasterxml.jackson.databind.JsonNode;
import dev.hindsight.lab.Await;
import dev.hindsight.lab.CassandraRing;
import dev.hindsight.model.journal.ContentDigest;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalSegmentReader;
import dev.hindsight.repository.journal.JournalView;
import dev.hindsight.repository.store.DirectoryStore;
import dev.hindsight.repository.store.ObjectStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * What tests of continuous protection ask of the command again and again.
 *
 * @param pulse a table of a captured keyspace with a replica on each node: what is written to it has every agent say within its
 *     put interval how far it is, as it does by itself only every ten seconds while its node is idle
 */
record ProtectedTables(Hindsight hindsight, CqlSession session, TableName pulse) {
    /** More than instants of a ring of the lab are off by, at its usual pace. */
    private static final Duration OFF = Duration.ofSeconds(2);

    private static final Duration LONG_ENOUGH = Duration.ofMinutes(3);

    /** Makes the keyspace with a table {@code t} and with what is needed here. */
    static ProtectedTables in(CassandraRing ring, Hindsight hindsight, TableName table, int replicas) {
        TableName pulse = new TableName(table.keyspace(), "pulse");
        Rows.keyspace(ring.session(), table.keyspace(), replicas);
        Rows.table(ring, pulse.toString());
        Rows.table(ring, table.toString());
        return new ProtectedTables(hindsight, ring.session(), pulse);
    }

    JsonNode protect(TableName... tables) {
        return hindsight
                .run(Stream.concat(
                                Stream.of("--json", "protect"),
                                Arrays.stream(tables).map(TableName::toString))
                        .toArray(String[]::new))
                .expect(0)
                .json();
    }

    void unprotect(TableName... tables) {
        for (TableName table : tables) {
            hindsight.run("unprotect", table.toString()).expect(0);
        }
    }

    JsonNode window(TableName table) {
        return hindsight.run("--json", "window", table.toString()).expect(0).json();
    }

    /** What is said of one instant, restorable or not. */
    JsonNode asked(TableName table, Instant at) {
        return hindsight
                .run("--json", "window", table.toString(), "--at", at.toString())
                .json();
    }

    /** Every instant up to this one is final then. */
    void awaitSealedBeyond(TableName table, Instant instant) {
        Await.until(
                table + " is sealed beyond " + instant,
                LONG_ENOUGH,
                () -> {
                    session.execute(SimpleStatement.newInstance("INSERT INTO " + pulse + " (id, c) VALUES (1, 1)")
                            .setConsistencyLevel(ConsistencyLevel.ALL));
                    JsonNode upTo = window(table).path("sealedUpTo");
                    return upTo.isTextual() && Instant.parse(upTo.asText()).isAfter(instant);
                },
                () -> window(table).toString());
    }

    /** An instant of a silence around it: all that was written is in it, as far as the instant may be off. */
    static Instant silence() {
        Instant begun = Instant.now();
        Await.until("the silence", LONG_ENOUGH, () -> Instant.now().isAfter(begun.plus(OFF)));
        return Instant.now().truncatedTo(ChronoUnit.MILLIS);
    }

    JsonNode restore(TableName table, Instant at, TableName as) {
        JsonNode report = hindsight
                .run("--json", "restore", "--table", table.toString(), "--as", as.toString(), "--at", at.toString())
                .expect(0)
                .json();
        assertThat(Instant.parse(report.get("instant").asText())).isEqualTo(at);
        return report;
    }

    /**
     * Restores an instant in the middle of the load: it holds what the window says that it does, and nothing else.
     *
     * @param writes all that were made to the table
     */
    LoggedWrites.Checked requireExact(LoggedWrites writes, TableName table, Instant at, TableName as) {
        JsonNode asked = asked(table, at);
        JsonNode span = asked.at("/asked/span");
        assertThat(span.isObject()).as("%s at %s: %s", table, at, asked).isTrue();
        Duration off =
                Duration.ofNanos((long) (1e9 * span.get("uncertaintySeconds").asDouble()));
        restore(table, at, as);
        return writes.require(at, off, span.get("guarantee").asText(), values(session, as));
    }

    /** Exit 5, with what can be restored instead. */
    String refused(TableName table, Instant at) {
        Hindsight.Result result = hindsight
                .run("restore", "--table", table.toString(), "--as", table.keyspace() + ".never", "--at", at.toString())
                .expect(5);
        return result.err();
    }

    /** Column {@code v} of every row, read at ALL, by {@code id/c}. */
    static Map<String, String> values(CqlSession session, TableName table) {
        Map<String, String> out = new TreeMap<>();
        for (Row row : session.execute(SimpleStatement.newInstance("SELECT id, c, v FROM " + table)
                .setConsistencyLevel(ConsistencyLevel.ALL)
                .setPageSize(1000))) {
            out.put(row.getInt("id") + "/" + row.getInt("c"), String.valueOf(row.getString("v")));
        }
        return out;
    }

    static UUID tableId(CqlSession session, TableName table) {
        return session.getMetadata()
                .getKeyspace(table.keyspace())
                .flatMap(keyspace -> keyspace.getTable(table.table()))
                .flatMap(found -> found.getId())
                .orElseThrow();
    }

    /** Who put the entries of a table's journal. */
    static List<String> writers(Path repository, TableName table, UUID id) {
        JournalLog log = new JournalLog(DirectoryStore.open(repository), table, id);
        List<String> writers = new ArrayList<>();
        log.entries(1, log.newest().orElseThrow().number()).forEach(entry -> writers.add(entry.writer()));
        return writers;
    }

    /** What the journal of a table consists of. */
    record Sealed(long records, List<String> writers) {}

    /**
     * Reads all of a journal that was never truncated: its entries are a chain, its records have the numbers from 1 on, each
     * once, in the order of their instants, and no change has two of them.
     */
    static Sealed requireSealedOnce(Path repository, TableName table, UUID id) {
        ObjectStore store = DirectoryStore.open(repository);
        JournalLog log = new JournalLog(store, table, id);
        JournalView view = JournalView.find(log).orElseThrow();
        List<String> writers = writers(repository, table, id);
        Map<Long, Long> instants = new TreeMap<>();
        Set<ContentDigest> changes = new HashSet<>();
        view.segments()
                .forEach(segment -> JournalSegmentReader.open(store, segment.object())
                        .places(place -> {
                            assertThat(instants.put(place.number(), place.instantMicros()))
                                    .as("record %d of %s is there twice", place.number(), table)
                                    .isNull();
                            assertThat(changes.add(place.digest()))
                                    .as("the change of record %d of %s has another record", place.number(), table)
                                    .isTrue();
                        }));
        long number = 0;
        long last = Long.MIN_VALUE;
        for (Map.Entry<Long, Long> record : instants.entrySet()) {
            number++;
            assertThat(record.getKey()).as("numbers of %s have no holes", table).isEqualTo(number);
            assertThat(record.getValue())
                    .as("instant of record %d of %s", number, table)
                    .isGreaterThanOrEqualTo(last);
            last = record.getValue();
        }
        assertThat(view.newest().lastNumber()).isEqualTo(number);
        return new Sealed(number, writers);
    }
}
