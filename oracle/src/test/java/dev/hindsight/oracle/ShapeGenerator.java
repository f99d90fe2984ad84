package dev.hindsight.oracle;

import dev.hindsight.oracle.CaseShape.ColumnShape;
import dev.hindsight.oracle.CaseShape.FieldShape;
import dev.hindsight.oracle.CaseShape.Kind;
import dev.hindsight.oracle.CaseShape.UserTypeShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Seeded tables of every shape that CQL allows. */
final class ShapeGenerator {
    /** Microseconds around which columns are dropped, and around which {@link CaseGenerator} writes. */
    static final long EPOCH_MICROS = 1_700_000_000_000_000L;

    private static final List<String> NATIVE = List.of(
            "ascii",
            "bigint",
            "blob",
            "boolean",
            "date",
            "decimal",
            "double",
            "float",
            "inet",
            "int",
            "smallint",
            "text",
            "time",
            "timestamp",
            "timeuuid",
            "tinyint",
            "uuid",
            "varchar",
            "varint");
    private static final List<String> ODD_NAMES =
            List.of("Select", "a b", "quo\"te", "\u00fcn\u00ef\u2603", "x".repeat(200), "key", "value", "A", "0", "'");

    private final Random random;
    private final int generations;
    private final List<UserTypeShape> types = new ArrayList<>();
    private final List<ColumnShape> columns = new ArrayList<>();
    private boolean fieldsChange;

    private ShapeGenerator(Random random) {
        this.random = random;
        this.generations = 1 + random.nextInt(3);
    }

    static CaseShape shape(Random random) {
        return new ShapeGenerator(random).make();
    }

    private CaseShape make() {
        int kind = random.nextInt(100);
        boolean counter = kind < 10;
        boolean compact = kind >= 95;
        if (compact) {
            return compact();
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            userType();
        }
        keys(Kind.PARTITION, 1 + (random.nextBoolean() ? 0 : random.nextInt(3)));
        int clusterings = random.nextInt(5) == 0 ? 0 : 1 + random.nextInt(random.nextInt(3) == 0 ? 5 : 2);
        keys(Kind.CLUSTERING, clusterings);
        int regulars = kind < 18 ? 65 + random.nextInt(30) : random.nextInt(7);
        int statics = clusterings == 0 || random.nextBoolean() ? 0 : 1 + random.nextInt(3);
        for (int i = 0; i < statics + regulars; i++) {
            Kind of = i < statics ? Kind.STATIC : Kind.REGULAR;
            column(of, counter ? "counter" : regulars > 60 ? native0() : regularType());
        }
        List<String> options = new ArrayList<>();
        for (int i = 0; i < generations; i++) {
            options.add(options());
        }
        return new CaseShape("Ks_One", "t", types, columns, options);
    }

    private CaseShape compact() {
        columns.add(ColumnShape.always("p", Kind.PARTITION, keyType(0)));
        int clusterings = random.nextInt(3);
        for (int i = 0; i < clusterings; i++) {
            columns.add(ColumnShape.always("c" + i, Kind.CLUSTERING, native0()));
        }
        int regulars = clusterings == 0 ? 1 + random.nextInt(3) : random.nextInt(2);
        for (int i = 0; i < regulars; i++) {
            columns.add(ColumnShape.always("v" + i, Kind.REGULAR, native0()));
        }
        return new CaseShape("ks", "compact", types, columns, List.of(" AND COMPACT STORAGE" + options()));
    }

    private void userType() {
        List<FieldShape> fields = new ArrayList<>();
        int count = 1 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            int since = i == 0 || random.nextInt(3) > 0 ? 0 : random.nextInt(generations);
            since = fields.isEmpty() ? 0 : Math.max(since, fields.get(i - 1).since());
            fieldsChange |= since > 0;
            fields.add(new FieldShape(random.nextInt(5) == 0 ? "F " + i : "f" + i, keyType(1), since));
        }
        types.add(new UserTypeShape(types.isEmpty() ? "udt0" : "\"Udt " + types.size() + "\"", fields));
    }

    private void keys(Kind kind, int count) {
        for (int i = 0; i < count; i++) {
            Kind of = kind == Kind.CLUSTERING && random.nextBoolean() ? Kind.CLUSTERING_DESC : kind;
            String type =
                    random.nextInt(4) == 0 ? keyType(fieldsChange ? 9 : 0) : random.nextBoolean() ? "int" : native0();
            columns.add(ColumnShape.always(name(type), of, type));
        }
    }

    private void column(Kind kind, String type) {
        int since = random.nextInt(4) == 0 ? random.nextInt(generations) : 0;
        int until = ColumnShape.NEVER;
        int again = ColumnShape.NEVER;
        if (since + 1 < generations && random.nextInt(4) == 0) {
            until = since + 1 + random.nextInt(generations - since - 1);
            boolean user = type.contains("dt");
            if (until + 1 < generations && !user && !type.equals("counter") && random.nextInt(3) > 0) {
                again = until + 1;
            }
        }
        columns.add(
                new ColumnShape(name(type), kind, type, since, until, again, EPOCH_MICROS + random.nextInt(41) - 1));
    }

    /**
     * Sorted in many ways by chance; none twice. Collections have names of ASCII: with others Cassandra's own merge fails,
     * for they sort before what {@code Columns.findFirstComplexIdx} (5.0.9) takes for the first collection.
     */
    private String name(String type) {
        boolean complex = type.matches("(list|set|map)<.*|\"?[uU]dt.*");
        String odd = ODD_NAMES.get(random.nextInt(ODD_NAMES.size()));
        boolean free = columns.stream().noneMatch(column -> column.name().equals(odd));
        return free && random.nextInt(8) == 0 && !(complex && odd.charAt(0) > 0x7f)
                ? odd
                : (char) ('a' + random.nextInt(26)) + Integer.toString(columns.size());
    }

    private String native0() {
        return NATIVE.get(random.nextInt(NATIVE.size()));
    }

    /** Frozen, and without durations, which have no order. */
    private String keyType(int depth) {
        int kind = random.nextInt(10);
        boolean user = depth < 9 && !types.isEmpty();
        if (depth > 10 || kind < 5) {
            return native0();
        }
        return switch (kind) {
            case 5 -> "frozen<list<" + keyType(depth + 1) + ">>";
            case 6 -> "frozen<set<" + keyType(depth + 1) + ">>";
            case 7 -> "frozen<map<" + keyType(depth + 1) + ", " + keyType(depth + 1) + ">>";
            case 8 -> user ? "frozen<" + userTypeName() + ">" : native0();
            default -> "frozen<tuple<" + keyType(depth + 1) + ", " + keyType(depth + 1) + ">>";
        };
    }

    private String userTypeName() {
        return types.get(random.nextInt(types.size())).name();
    }

    private String regularType() {
        int kind = random.nextInt(20);
        if (kind < 8) {
            return random.nextInt(12) == 0 ? "duration" : native0();
        }
        return switch (kind) {
            case 8, 9 -> "list<" + keyType(1) + ">";
            case 10, 11 -> "set<" + keyType(1) + ">";
            case 12, 13 -> "map<" + keyType(1) + ", " + (random.nextInt(9) == 0 ? "duration" : keyType(1)) + ">";
            case 14, 15 -> types.isEmpty() ? "text" : userTypeName();
            case 16 -> "vector<float, " + (1 + random.nextInt(5)) + ">";
            case 17 -> "vector<" + keyType(1) + ", " + (1 + random.nextInt(3)) + ">";
            default -> keyType(0);
        };
    }

    private String options() {
        String out = switch (random.nextInt(6)) {
            case 0 -> " AND compression = {'enabled': 'false'}";
            case 1 -> " AND compression = {'class': 'ZstdCompressor'}";
            case 2 -> " AND compression = {'class': 'LZ4Compressor', 'chunk_length_in_kb': '4'}";
            case 3 ->
                " AND compression = {'class': 'LZ4Compressor', 'chunk_length_in_kb': '64',"
                        + " 'min_compress_ratio': '1.5'}";
            default -> "";
        };
        if (random.nextInt(4) == 0) {
            out += " AND bloom_filter_fp_chance = " + (random.nextBoolean() ? "1.0" : "0.1");
        }
        if (random.nextInt(4) == 0) {
            out += " AND min_index_interval = " + (1 + random.nextInt(4));
        }
        return out;
    }
}
