package dev.hindsight.trials.chain;

import dev.hindsight.model.schema.TableName;
import dev.hindsight.testkit.living.LivingClock;
import dev.hindsight.testkit.living.LivingCluster;
import dev.hindsight.testkit.living.LivingTable;
import dev.hindsight.testkit.living.LivingTable.Column;
import dev.hindsight.testkit.living.LivingTable.Type;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * What happens to the cluster of a test, as single steps. Each has its own seed, so that a step does the same when others
 * are left out; one that makes no sense at its place does nothing.
 */
record Story(LivingCluster living, LivingClock clock) {
    static final TableName PLAIN = new TableName(LivingCluster.KEYSPACE, "plain");
    static final TableName WIDE = new TableName(LivingCluster.KEYSPACE, "wide");
    static final TableName HASTY = new TableName(LivingCluster.KEYSPACE, "hasty");
    static final TableName DAILY = new TableName(LivingCluster.KEYSPACE, "daily");
    static final TableName COUNTS = new TableName(LivingCluster.KEYSPACE, "counts");
    static final List<TableName> TABLES = List.of(PLAIN, WIDE, HASTY, DAILY, COUNTS);

    private static final int DAY_SECONDS = 86_400;
    private static final List<String> SPARE = List.of("x", "y");

    /** What can happen. */
    enum Event {
        WRITE,
        WRITE_LITTLE,
        FLUSH,
        COMPACT_SOME,
        COMPACT_ALL_OF_ONE,
        COMPACT_EVERYTHING,
        REPAIR,
        MINUTES_PASS,
        HOURS_PASS,
        DAYS_PASS,
        NODE_GOES_OUT,
        NODE_COMES_BACK,
        ADD_COLUMN,
        DROP_COLUMN,
        TRUNCATE,
        DROP_AND_CREATE,
        DROP_TABLE,
        NODE_ADDED,
        NODE_REMOVED,
        NODE_MOVED,
        NODE_REPLACED
    }

    void createTables() {
        TABLES.forEach(this::create);
    }

    private void create(TableName name) {
        Map<String, Column> wide = Map.of(
                "s", new Column(Type.TEXT, true),
                "v", new Column(Type.TEXT, false),
                "m", new Column(Type.MAP, false),
                "e", new Column(Type.SET, false));
        Map<String, Column> plain = Map.of("v", new Column(Type.TEXT, false), "w", new Column(Type.INT, false));
        switch (name.table()) {
            case "plain" -> living.createTable(name, false, LivingCluster.LONG_GRACE, plain);
            case "wide" -> living.createTable(name, true, LivingCluster.LONG_GRACE, wide);
            case "hasty" -> living.createTable(name, true, 0, wide);
            case "daily" -> living.createTable(name, true, DAY_SECONDS, plain);
            case "counts" ->
                living.createTable(name, true, LivingCluster.LONG_GRACE, Map.of("n", new Column(Type.COUNTER, false)));
            default -> throw new IllegalArgumentException("no table " + name);
        }
    }

    /** Some rows everywhere. */
    void fill(long seed, int writes) {
        SplittableRandom random = new SplittableRandom(seed);
        TABLES.forEach(table -> living.write(random, table, writes));
    }

    void happen(Event event, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        clock.pass(Duration.ofSeconds(1 + random.nextInt(10)));
        TableName table = TABLES.get(random.nextInt(TABLES.size()));
        boolean exists = living.find(table).isPresent();
        switch (event) {
            case WRITE -> living.tables().forEach(one -> living.write(random, one.name(), 5 + random.nextInt(30)));
            case MINUTES_PASS -> clock.pass(Duration.ofMinutes(1 + random.nextInt(60)));
            case HOURS_PASS -> clock.pass(Duration.ofHours(1 + random.nextInt(20)));
            case DAYS_PASS -> clock.pass(Duration.ofHours(24 + random.nextInt(60)));
            case COMPACT_EVERYTHING -> living.compactEverything(random);
            case NODE_COMES_BACK -> living.comeBack();
            case NODE_GOES_OUT, NODE_ADDED, NODE_REMOVED, NODE_MOVED, NODE_REPLACED -> ring(event, random);
            default -> {
                if (exists) {
                    toTable(event, random, table);
                } else if (living.whole()) {
                    create(table);
                    living.write(random, table, 10);
                }
            }
        }
    }

    private void ring(Event event, SplittableRandom random) {
        if (!living.whole()) {
            return;
        }
        switch (event) {
            case NODE_GOES_OUT -> living.goOut(random, random.nextBoolean());
            case NODE_ADDED -> living.addNode(random);
            case NODE_REMOVED -> living.removeNode(random);
            case NODE_MOVED -> living.moveNode(random);
            case NODE_REPLACED -> living.replaceNode(random);
            default -> throw new IllegalArgumentException("not of the ring: " + event);
        }
    }

    private void toTable(Event event, SplittableRandom random, TableName table) {
        switch (event) {
            case WRITE_LITTLE -> living.write(random, table, 1 + random.nextInt(4));
            case FLUSH -> living.flush(random, table);
            case COMPACT_SOME -> living.compact(random, table, false);
            case COMPACT_ALL_OF_ONE -> living.compact(random, table, true);
            case REPAIR -> living.repair(table);
            default -> {
                if (living.whole()) {
                    schema(event, random, table);
                }
            }
        }
    }

    private void schema(Event event, SplittableRandom random, TableName table) {
        LivingTable now = living.find(table).orElseThrow();
        String spare = SPARE.get(random.nextInt(SPARE.size()));
        boolean there = now.columns().containsKey(spare);
        switch (event) {
            case ADD_COLUMN -> {
                if (!there && !now.counter()) {
                    boolean y = spare.equals("y");
                    living.addColumn(table, spare, new Column(y ? Type.INT : Type.TEXT, y && now.clustered()));
                    living.write(random, table, 10);
                }
            }
            case DROP_COLUMN -> {
                if (there) {
                    living.dropColumn(table, spare);
                }
            }
            case TRUNCATE -> {
                living.truncate(table, random.nextBoolean());
                living.write(random, table, random.nextInt(10));
            }
            case DROP_AND_CREATE -> {
                living.dropTable(table);
                create(table);
                living.write(random, table, random.nextInt(10));
            }
            case DROP_TABLE -> living.dropTable(table);
            default -> throw new IllegalArgumentException("not of the schema: " + event);
        }
    }
}
