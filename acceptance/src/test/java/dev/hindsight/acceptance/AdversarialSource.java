package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.ColumnDefinition;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import dev.hindsight.lab.CassandraNode;
import dev.hindsight.lab.CassandraRing;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.testkit.data.AdversarialData;
import dev.hindsight.testkit.data.AdversarialSchema;
import dev.hindsight.testkit.dump.DumpDiff;
import dev.hindsight.testkit.dump.ReplicaComparison;
import dev.hindsight.testkit.dump.TableDump;
import dev.hindsight.testkit.dump.TableDumper;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Adversarial data of one seed in a ring whose replicas differ, with what they are when read at ALL, and the proof that
 * every shape took part.
 */
final class AdversarialSource {
    /** Seconds after the last write from which on all short TTLs have ended; the longer ones run for half an hour. */
    private static final int SHORT_TTLS_ENDED = 10;

    /** A partition of a static row alone, whatever the seed. */
    private static final int STATIC_ONLY = 770_011;

    private static final Pattern EXPIRY = Pattern.compile("!\\[?([-0-9, ]+)");
    private static final Pattern NUMBER = Pattern.compile("\\d+");
    private static final Pattern LARGE = Pattern.compile("(\\d+) bytes .*");

    private final CassandraRing ring;
    private final long seed;
    private final AdversarialSchema schema;
    private final Graves graves;
    private final TableDumper dumper;
    private final Map<TableName, TableDump> dumps = new TreeMap<>();

    private AdversarialSource(CassandraRing ring, long seed) {
        this.ring = ring;
        this.seed = seed;
        this.schema = AdversarialSchema.create(
                "rt" + Long.toUnsignedString(seed, Character.MAX_RADIX),
                "{'class': 'NetworkTopologyStrategy', 'dc1': 3}");
        schema.drop(ring.session());
        schema.create(ring.session());
        Instant base = Instant.now().minusSeconds(3600);
        AdversarialData.of(schema, seed, base).loadDiffering(ring);
        graves = new Graves(base.plusSeconds(1));
        graves.bury(ring.session(), schema.keyspace());
        ring.session()
                .execute("INSERT INTO " + schema.keyspace() + ".statics_only (p, s, m) VALUES (" + STATIC_ONLY
                        + ", 'alone', {'a': 1})");
        dumper = TableDumper.asOf(Instant.now().plusSeconds(SHORT_TTLS_ENDED));
        for (TableName table : schema.tables()) {
            dumps.put(table, dumper.atAll(ring, table));
        }
    }

    static AdversarialSource load(CassandraRing ring, long seed) {
        return new AdversarialSource(ring, seed);
    }

    long seed() {
        return seed;
    }

    AdversarialSchema schema() {
        return schema;
    }

    Graves graves() {
        return graves;
    }

    TableDumper dumper() {
        return dumper;
    }

    List<TableName> tablesOf(String keyspace) {
        return schema.tables().stream()
                .filter(table -> table.keyspace().equals(keyspace))
                .toList();
    }

    TableDump dump(TableName table) {
        return Objects.requireNonNull(dumps.get(table), table::toString);
    }

    private TableDump dump(String table) {
        return dump(new TableName(schema.keyspace(), table));
    }

    void assertReplicasDiffer() {
        for (String name : List.of("ranges", "collections", "user_types", "counters", "wide", "many_columns")) {
            TableName table = new TableName(schema.keyspace(), name);
            assertThat(ReplicaComparison.of(dumper, ring, table).replicasEqual())
                    .as("replicas of %s are equal, seed %d", table, seed)
                    .isFalse();
        }
        for (CassandraNode node : ring.nodes()) {
            assertThat(node.dataFiles(schema.keyspace(), "ranges")).hasSizeGreaterThan(1);
        }
    }

    /** The backup must not have changed what it was taken from, nor may time have. */
    void assertUnchanged() {
        for (String name : List.of("ranges", "default_ttl", "counters")) {
            TableName table = new TableName(schema.keyspace(), name);
            assertThat(DumpDiff.between(dump(table), dumper.atAll(ring, table)).describe())
                    .as("%s, seed %d", table, seed)
                    .isEqualTo("equal");
        }
    }

    /** Each shape of the generator has visible content in the source. */
    void assertEveryShapeTookPart() {
        for (TableName table : schema.tables()) {
            TableDump dump = dump(table);
            if (table.table().equals("empty_table")) {
                assertThat(dump.isEmpty()).isTrue();
            } else {
                assertThat(dump.isEmpty()).as("%s empty, seed %d", table, seed).isFalse();
                assertThat(columnsWithValues(dump))
                        .as("columns of %s with a value somewhere, seed %d", table, seed)
                        .containsAll(valueColumns(ring.session(), table));
            }
        }
        assertThat(cells(dump("counters"), "total"::equals))
                .as("static counters")
                .isPositive();
        assertThat(dump("statics_only").partitions().values())
                .as("a static row without any other, seed %d", seed)
                .anyMatch(partition -> partition.rows().keySet().equals(Set.of(TableDump.STATIC)));
        assertThat(dump("row_markers_only").rowCount()).isPositive();
        assertThat(dump("many_columns").partitions().values())
                .as("a row with more than 32 of its 70 columns, seed %d", seed)
                .anyMatch(partition -> partition.rows().values().stream().anyMatch(cells -> cells.size() > 32));
        assertThat(dump("wide").partitions().values())
                .anyMatch(partition -> partition.rows().size() > 1000);
        assertThat(largest(dump("large_values"))).isGreaterThan(64 << 10);
        Set<Long> expiries = new TreeSet<>();
        dumps.values().forEach(dump -> expiries.addAll(expiries(dump)));
        assertThat(expiries).as("expiries, seed %d", seed).hasSizeGreaterThan(50);
        assertThat(expiries)
                .as("expiry after 2038, seed %d", seed)
                .anyMatch(second -> second > Integer.MAX_VALUE)
                .anyMatch(second -> second < Integer.MAX_VALUE);
        assertThat(expiries(dump("default_ttl"))).isNotEmpty();
        assertThat(columnsWithValues(dump("evolved"))).contains("back").doesNotContain("gone", "l");
    }

    private static Set<String> valueColumns(CqlSession session, TableName table) {
        Set<String> keys = new HashSet<>();
        for (Row row : session.execute(
                "SELECT column_name, kind FROM system_schema.columns WHERE keyspace_name = ? AND table_name = ?",
                table.keyspace(),
                table.table())) {
            if (List.of("partition_key", "clustering").contains(row.getString("kind"))) {
                keys.add(row.getString("column_name"));
            }
        }
        Set<String> columns = new TreeSet<>();
        for (ColumnDefinition column : session.execute(
                        SimpleStatement.newInstance("SELECT * FROM " + table.asCql() + " LIMIT 1"))
                .getColumnDefinitions()) {
            if (!keys.contains(column.getName().asInternal())) {
                columns.add(column.getName().asInternal());
            }
        }
        return columns;
    }

    private static Set<String> columnsWithValues(TableDump dump) {
        Set<String> columns = new TreeSet<>();
        dump.partitions()
                .values()
                .forEach(partition -> partition.rows().values().forEach(cells -> columns.addAll(cells.keySet())));
        return columns;
    }

    private static long cells(TableDump dump, Predicate<String> columns) {
        return dump.partitions().values().stream()
                .flatMap(partition -> partition.rows().values().stream())
                .flatMap(cells -> cells.keySet().stream())
                .filter(columns)
                .count();
    }

    private static Set<Long> expiries(TableDump dump) {
        Set<Long> out = new TreeSet<>();
        eachCell(dump, cell -> {
            Matcher expiry = EXPIRY.matcher(cell);
            while (expiry.find()) {
                NUMBER.matcher(expiry.group(1)).results().forEach(second -> out.add(Long.parseLong(second.group())));
            }
        });
        // A value may have an exclamation mark of its own; no expiry lies before the reading.
        out.removeIf(second -> second < dump.asOfSeconds());
        return out;
    }

    private static long largest(TableDump dump) {
        long[] largest = new long[1];
        eachCell(dump, cell -> {
            Matcher large = LARGE.matcher(cell);
            if (large.matches()) {
                largest[0] = Math.max(largest[0], Long.parseLong(large.group(1)));
            }
        });
        return largest[0];
    }

    private static void eachCell(TableDump dump, java.util.function.Consumer<String> cell) {
        dump.partitions()
                .values()
                .forEach(partition -> partition
                        .rows()
                        .values()
                        .forEach(cells -> cells.values().forEach(cell)));
    }
}
