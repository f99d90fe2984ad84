package dev.hindsight.codec.schema;

import dev.hindsight.codec.schema.ColumnSchema.Kind;
import dev.hindsight.codec.type.CassandraType;
import dev.hindsight.codec.type.CompositeType;
import dev.hindsight.codec.type.NativeTypes;
import dev.hindsight.codec.type.ReversedType;
import dev.hindsight.codec.type.UserType;
import dev.hindsight.model.schema.CqlToken;
import dev.hindsight.model.schema.DdlStatement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * One table on its way from DDL: a CREATE TABLE, then ALTER TABLE ... DROP and ADD. COMPACT STORAGE gets the hidden
 * columns that Cassandra gives it.
 *
 * <p>Source: {@code CreateTableStatement}, {@code AlterTableStatement} 5.0.9.
 */
final class TableBuilder {
    private static final double FP_CHANCE = 0.01;
    private static final double FP_CHANCE_LEVELED = 0.1;
    private static final Set<String> COMPRESSORS =
            Set.of("LZ4Compressor", "SnappyCompressor", "DeflateCompressor", "ZstdCompressor", "NoopCompressor");
    private static final String COMPRESS_PACKAGE = "org.apache.cassandra.io.compress.";

    private final String keyspace;
    private final DdlStatement create;
    private final Map<String, UserType> userTypes;
    private final List<ColumnSchema> partitionKey = new ArrayList<>();
    private final List<ColumnSchema> clustering = new ArrayList<>();
    private final Map<String, ColumnSchema> others = new LinkedHashMap<>();
    private final Map<String, DroppedColumn> dropped = new TreeMap<>();
    private final boolean counter;

    TableBuilder(String keyspace, DdlStatement create, Map<String, UserType> userTypes) {
        this.keyspace = keyspace;
        this.create = create;
        this.userTypes = userTypes;
        Map<String, CassandraType> types = new LinkedHashMap<>();
        Set<String> statics = new HashSet<>();
        List<String> partition = new ArrayList<>();
        List<String> rest = new ArrayList<>();
        for (List<CqlToken> item : create.items()) {
            if (isKeyClause(item)) {
                primaryKey(item, partition, rest);
            } else {
                column(item, types, statics, partition);
            }
        }
        this.counter = types.values().stream().anyMatch(CassandraType::isCounter);
        boolean compact = !create.option("compact storage").isEmpty();
        keyColumns(types, partition, rest);
        types.forEach((name, type) -> {
            boolean isStatic = statics.contains(name) || compact && rest.isEmpty();
            others.put(name, new ColumnSchema(name, isStatic ? Kind.STATIC : Kind.REGULAR, type, -1));
        });
        if (compact) {
            hiddenColumns();
        }
        others.values().forEach(TableBuilder::requireStorable);
    }

    private static boolean isKeyClause(List<CqlToken> item) {
        return item.size() > 2
                && item.get(0).isWord("PRIMARY")
                && item.get(1).isWord("KEY")
                && item.get(2).isSymbol('(');
    }

    /** {@code PRIMARY KEY ((a, b), c)} */
    private static void primaryKey(List<CqlToken> item, List<String> partition, List<String> rest) {
        boolean several = item.get(3).isSymbol('(');
        boolean inPartition = true;
        for (CqlToken token : item.subList(several ? 4 : 3, item.size())) {
            if (token.isName()) {
                (inPartition ? partition : rest).add(token.name());
                inPartition &= several;
            } else if (token.isSymbol(')')) {
                inPartition = false;
            }
        }
    }

    /** {@code name type [STATIC] [MASKED WITH ...] [PRIMARY KEY]} */
    private void column(
            List<CqlToken> item, Map<String, CassandraType> types, Set<String> statics, List<String> partition) {
        String name = item.get(0).name();
        List<CqlToken> rest = item.subList(1, item.size());
        if (rest.size() > 2
                && rest.get(rest.size() - 2).isWord("PRIMARY")
                && rest.get(rest.size() - 1).isWord("KEY")) {
            partition.add(name);
            rest = rest.subList(0, rest.size() - 2);
        }
        rest = withoutMask(rest);
        if (isStatic(rest)) {
            statics.add(name);
            rest = rest.subList(0, rest.size() - 1);
        }
        if (types.put(name, CqlTypes.parse(rest, userTypes)) != null) {
            throw new IllegalArgumentException("there are two columns " + name);
        }
    }

    private static List<CqlToken> withoutMask(List<CqlToken> tokens) {
        for (int i = 1; i + 1 < tokens.size(); i++) {
            if (tokens.get(i).isWord("MASKED") && tokens.get(i + 1).isWord("WITH")) {
                return tokens.subList(0, i);
            }
        }
        return tokens;
    }

    private static boolean isStatic(List<CqlToken> tokens) {
        return tokens.size() > 1 && tokens.get(tokens.size() - 1).isWord("STATIC");
    }

    private void keyColumns(Map<String, CassandraType> types, List<String> partition, List<String> rest) {
        Map<String, Boolean> descending = descending();
        for (String name : partition) {
            partitionKey.add(new ColumnSchema(name, Kind.PARTITION_KEY, removed(types, name), partitionKey.size()));
        }
        for (String name : rest) {
            CassandraType type = removed(types, name);
            boolean reversed = Boolean.TRUE.equals(descending.remove(name));
            clustering.add(new ColumnSchema(
                    name, Kind.CLUSTERING, reversed ? new ReversedType(type) : type, clustering.size()));
        }
        if (partitionKey.isEmpty()) {
            throw new IllegalArgumentException("there is no primary key");
        }
        if (!descending.isEmpty()) {
            throw new IllegalArgumentException(
                    "there is an order for what is no clustering column: " + descending.keySet());
        }
    }

    private static CassandraType removed(Map<String, CassandraType> types, String name) {
        CassandraType type = types.remove(name);
        if (type == null || type.isMultiCell() || type.isCounter()) {
            throw new IllegalArgumentException("column " + name + " cannot be in the primary key");
        }
        return type;
    }

    /** {@code CLUSTERING ORDER BY (a ASC, b DESC)}: whether descending, by column. */
    private Map<String, Boolean> descending() {
        Map<String, Boolean> out = new LinkedHashMap<>();
        List<CqlToken> tokens = counting(create.option("clustering order"));
        for (int i = 4; i + 1 < tokens.size(); i += 3) {
            // clustering order by ( NAME ASC , NAME DESC )
            out.put(tokens.get(i).name(), tokens.get(i + 1).isWord("DESC"));
        }
        return out;
    }

    /** Tables of the days before CQL: always a clustering column and one regular column, shown or not. */
    private void hiddenColumns() {
        Set<String> used = new HashSet<>(others.keySet());
        partitionKey.forEach(column -> used.add(column.name()));
        clustering.forEach(column -> used.add(column.name()));
        if (clustering.isEmpty()) {
            String name = unused(used, "column", 1);
            clustering.add(new ColumnSchema(name, Kind.CLUSTERING, NativeTypes.TEXT, 0));
            compactValue(used, counter ? NativeTypes.COUNTER : NativeTypes.BLOB);
        } else if (others.isEmpty()) {
            compactValue(used, NativeTypes.EMPTY);
        }
    }

    private void compactValue(Set<String> used, CassandraType type) {
        String name = used.contains("value") ? unused(used, "value", 1) : "value";
        others.put(name, new ColumnSchema(name, Kind.REGULAR, type, -1));
    }

    private static String unused(Set<String> used, String prefix, int from) {
        int i = from;
        while (used.contains(prefix + i)) {
            i++;
        }
        return prefix + i;
    }

    private static void requireStorable(ColumnSchema column) {
        if (column.type() instanceof UserType type && type.isMultiCell() && type.hasMultiCellField()) {
            throw new IllegalArgumentException("the non-frozen type of column " + column.name()
                    + " has a non-frozen collection inside, which Cassandra does not have");
        }
    }

    /** {@code ALTER TABLE name DROP column USING TIMESTAMP n} or {@code ALTER TABLE name ADD column type [STATIC]}. */
    void alter(DdlStatement statement) {
        if (statement.kind() != DdlStatement.Kind.ALTER_TABLE
                || !statement.name().equals(create.name())) {
            throw new IllegalArgumentException("only ALTER TABLE of the same table is expected, not: " + statement);
        }
        List<CqlToken> tokens = statement.tokens();
        if (tokens.get(3).isWord("ADD")) {
            boolean several = tokens.get(4).isSymbol('(');
            List<List<CqlToken>> items = several ? statement.items() : List.of(tokens.subList(4, tokens.size()));
            items.forEach(this::add);
        } else if (tokens.get(3).isWord("DROP")
                && tokens.size() >= 8
                && tokens.get(5).isWord("USING")
                && tokens.get(6).isWord("TIMESTAMP")) {
            drop(tokens.get(4).name(), Long.parseLong(joined(tokens.subList(7, tokens.size()))));
        } else {
            throw new IllegalArgumentException("not understood: " + statement);
        }
    }

    private void add(List<CqlToken> item) {
        Map<String, CassandraType> types = new LinkedHashMap<>();
        Set<String> statics = new HashSet<>();
        column(item, types, statics, new ArrayList<>());
        types.forEach((name, type) -> {
            ColumnSchema column = new ColumnSchema(name, statics.contains(name) ? Kind.STATIC : Kind.REGULAR, type, -1);
            requireStorable(column);
            if (others.put(name, column) != null) {
                throw new IllegalArgumentException("there is a column " + name + " already");
            }
        });
    }

    private void drop(String name, long timestamp) {
        ColumnSchema column = others.remove(name);
        if (column == null) {
            throw new IllegalArgumentException("there is no column " + name + " to drop");
        }
        CassandraType type = column.type().expandUserTypes();
        dropped.put(name, new DroppedColumn(new ColumnSchema(name, column.kind(), type, -1), timestamp));
    }

    TableSchema build() {
        List<CassandraType> keyTypes =
                partitionKey.stream().map(ColumnSchema::type).toList();
        return new TableSchema(
                keyspace,
                create.name(),
                keyTypes.size() == 1 ? keyTypes.get(0) : new CompositeType(keyTypes),
                partitionKey,
                clustering,
                ordered(Kind.STATIC),
                ordered(Kind.REGULAR),
                dropped,
                counter,
                bloomFilterFpChance(),
                (int) number("min_index_interval", 128),
                compression());
    }

    private List<ColumnSchema> ordered(Kind kind) {
        return others.values().stream()
                .filter(column -> column.kind() == kind)
                .sorted(ColumnOrder.INSTANCE)
                .toList();
    }

    private double bloomFilterFpChance() {
        String compaction = map("compaction").getOrDefault("class", "");
        return number(
                "bloom_filter_fp_chance",
                compaction.endsWith("LeveledCompactionStrategy") ? FP_CHANCE_LEVELED : FP_CHANCE);
    }

    private double number(String option, double standard) {
        String text = create.option(option);
        return text.isEmpty() ? standard : Double.parseDouble(joined(value(text)));
    }

    private Map<String, String> compression() {
        if (create.option("compression").isEmpty()) {
            return Map.of("class", "LZ4Compressor", "chunk_length_in_kb", "16");
        }
        Map<String, String> options = map("compression");
        if (options.isEmpty() || !Boolean.parseBoolean(options.getOrDefault("enabled", "true"))) {
            return Map.of();
        }
        options.remove("enabled");
        String name = options.getOrDefault("class", "");
        String simple = name.startsWith(COMPRESS_PACKAGE) ? name.substring(COMPRESS_PACKAGE.length()) : name;
        if (!COMPRESSORS.contains(simple)) {
            throw new IllegalArgumentException("compression class [" + name + "] is not supported");
        }
        options.put("class", simple);
        options.putIfAbsent("chunk_length_in_kb", "16");
        return options;
    }

    /** {@code name = {'key': 'value', ...}} */
    private Map<String, String> map(String option) {
        Map<String, String> out = new TreeMap<>();
        List<CqlToken> tokens = value(create.option(option));
        for (int i = 1; i + 2 < tokens.size(); i++) {
            StringBuilder text = new StringBuilder();
            String key = tokens.get(i).literal();
            for (i += 2; i < tokens.size() - 1 && !tokens.get(i).isSymbol(','); i++) {
                text.append(tokens.get(i).literal());
            }
            out.put(key, text.toString());
        }
        return out;
    }

    /** What follows the equals sign. */
    static List<CqlToken> value(String option) {
        List<CqlToken> tokens = counting(option);
        return tokens.size() < 2 ? List.of() : tokens.subList(2, tokens.size());
    }

    private static List<CqlToken> counting(String text) {
        return CqlToken.of(text).stream().filter(CqlToken::counts).toList();
    }

    private static String joined(List<CqlToken> tokens) {
        StringBuilder out = new StringBuilder();
        tokens.forEach(token -> out.append(token.text()));
        return out.toString();
    }
}
