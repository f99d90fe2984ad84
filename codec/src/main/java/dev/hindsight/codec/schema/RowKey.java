package dev.hindsight.codec.schema;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.type.CassandraType;
import dev.hindsight.codec.type.CqlLiterals;
import dev.hindsight.codec.type.CqlText;
import dev.hindsight.codec.type.CqlTypeNames;
import dev.hindsight.codec.type.NativeTypes;
import dev.hindsight.codec.type.ReversedType;
import dev.hindsight.model.failure.UsageException;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A partition, or rows of it, as people name them: {@code id = 7 AND day = '2026-11-01'}, as after WHERE, or only the value
 * where the partition key is one column.
 *
 * @param partition serialised partition key
 * @param clustering serialised values of the first clustering columns; all of them for one row, none for the partition
 */
public record RowKey(byte[] partition, List<byte[]> clustering) {
    private static final int MOST_BYTES = 0xffff;

    public RowKey {
        partition = partition.clone();
        clustering = List.copyOf(clustering);
    }

    /** @throws UsageException it is no key of the table; the hint shows what its keys are like */
    public static RowKey parse(TableSchema table, String text) {
        try {
            return isConditions(table, text) ? conditions(table, text) : plain(table, text);
        } catch (MalformedException e) {
            throw new UsageException("--key [" + text + "]: " + e.getMessage(), hint(table), e);
        }
    }

    /** As CQL says it behind WHERE. */
    public String text(TableSchema table) {
        List<String> values = CqlText.ofKey(table.partitionKeyType(), partition);
        List<String> out = new ArrayList<>();
        for (int i = 0; i < table.partitionKey().size(); i++) {
            out.add(CqlText.name(table.partitionKey().get(i).name()) + " = "
                    + (i < values.size() ? values.get(i) : "?"));
        }
        for (int i = 0; i < clustering.size(); i++) {
            ColumnSchema column = table.clustering().get(i);
            byte[] value = clustering.get(i);
            out.add(CqlText.name(column.name()) + " = " + CqlText.of(column.type(), value, 0, value.length));
        }
        return String.join(" AND ", out);
    }

    /** Whether it begins with the name of a column and an equals sign. */
    private static boolean isConditions(TableSchema table, String text) {
        CqlLiterals literals = new CqlLiterals(text);
        try {
            String name = literals.name();
            boolean one = table.partitionKey().size() == 1;
            return literals.isNext('=')
                    && (!one || !isText(table) || columns(table).containsKey(name));
        } catch (MalformedException e) {
            return false;
        }
    }

    private static boolean isText(TableSchema table) {
        CassandraType type = table.partitionKeyType();
        return type.equals(NativeTypes.TEXT) || type.equals(NativeTypes.ASCII);
    }

    private static Map<String, ColumnSchema> columns(TableSchema table) {
        Map<String, ColumnSchema> out = new LinkedHashMap<>();
        table.partitionKey().forEach(column -> out.put(column.name(), column));
        table.clustering().forEach(column -> out.put(column.name(), column));
        return out;
    }

    private static RowKey plain(TableSchema table, String text) {
        if (table.partitionKey().size() > 1) {
            throw new MalformedException(
                    "the partition key has " + table.partitionKey().size() + " columns, so each has to be named");
        }
        CassandraType type = table.partitionKey().get(0).type();
        String trimmed = text.trim();
        boolean quoted = trimmed.startsWith("'") || trimmed.startsWith("$$");
        // The shell has taken the quotes away: what stands there is the text.
        String literal = !quoted && isWrittenInQuotes(type, trimmed) ? CqlText.quoted(text) : trimmed;
        return new RowKey(key(table, List.of(CqlLiterals.parse(type, literal))), List.of());
    }

    private static boolean isWrittenInQuotes(CassandraType type, String text) {
        boolean number = text.matches("-?[0-9]+");
        return type.equals(NativeTypes.TEXT)
                || type.equals(NativeTypes.ASCII)
                || type.equals(NativeTypes.INET)
                || !number
                        && (type.equals(NativeTypes.DATE)
                                || type.equals(NativeTypes.TIME)
                                || type.equals(NativeTypes.TIMESTAMP));
    }

    private static RowKey conditions(TableSchema table, String text) {
        Map<String, ColumnSchema> columns = columns(table);
        Map<String, byte[]> given = new HashMap<>();
        CqlLiterals literals = new CqlLiterals(text);
        do {
            String name = literals.name();
            ColumnSchema column = Optional.ofNullable(columns.get(name))
                    .orElseThrow(() -> new MalformedException("the key has no column " + name));
            if (!literals.isNext('=')) {
                throw new MalformedException("behind " + name + ", = is expected where " + literals.rest() + " stands");
            }
            byte[] value;
            try {
                value = literals.next(column.type());
            } catch (MalformedException e) {
                throw new MalformedException(name + ": " + e.getMessage(), e);
            }
            if (given.put(name, value) != null) {
                throw new MalformedException(name + " has two values");
            }
        } while (literals.isNextWord("AND"));
        if (!literals.isNext(';') && !literals.isAtEnd()) {
            throw new MalformedException("AND is expected where " + literals.rest() + " stands");
        }
        List<byte[]> partition = new ArrayList<>();
        for (ColumnSchema column : table.partitionKey()) {
            partition.add(Optional.ofNullable(given.get(column.name()))
                    .orElseThrow(() ->
                            new MalformedException("column " + column.name() + " of the partition key has no value")));
        }
        return new RowKey(key(table, partition), clustering(table, given));
    }

    private static List<byte[]> clustering(TableSchema table, Map<String, byte[]> given) {
        List<byte[]> out = new ArrayList<>();
        String missing = "";
        for (ColumnSchema column : table.clustering()) {
            byte[] value = given.get(column.name());
            if (value == null) {
                missing = missing.isEmpty() ? column.name() : missing;
            } else if (!missing.isEmpty()) {
                throw new MalformedException(
                        "clustering column " + column.name() + " has a value, but " + missing + " before it has none");
            } else {
                out.add(value);
            }
        }
        return out;
    }

    private static byte[] key(TableSchema table, List<byte[]> values) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        boolean composite = values.size() > 1;
        for (byte[] value : values) {
            if (value.length > MOST_BYTES) {
                throw new MalformedException("a value of " + value.length + " bytes is too long for a key");
            }
            if (composite) {
                out.write(value.length >> 8);
                out.write(value.length);
            }
            out.write(value, 0, value.length);
            if (composite) {
                out.write(0);
            }
        }
        if (out.size() == 0 || out.size() > MOST_BYTES) {
            throw new MalformedException("a partition key of " + table.keyspace() + "." + table.table() + " has not "
                    + out.size() + " bytes");
        }
        return out.toByteArray();
    }

    private static String hint(TableSchema table) {
        String partition = table.partitionKey().stream().map(RowKey::shown).collect(Collectors.joining(", "));
        String clustering = table.clustering().stream().map(RowKey::shown).collect(Collectors.joining(", "));
        String example = table.partitionKey().stream().map(RowKey::example).collect(Collectors.joining(" AND "));
        return "the partition key is (" + partition + ")"
                + (clustering.isEmpty() ? "" : ", and of one row also (" + clustering + ")") + "; write --key \""
                + example
                + "\"";
    }

    private static String shown(ColumnSchema column) {
        return CqlText.name(column.name()) + " " + CqlTypeNames.of(column.type());
    }

    private static String example(ColumnSchema column) {
        CassandraType type = column.type() instanceof ReversedType reversed ? reversed.base() : column.type();
        String value = "...";
        switch (CqlTypeNames.of(type)) {
            case "text":
            case "ascii":
                value = "'a'";
                break;
            case "int":
            case "bigint":
            case "smallint":
            case "tinyint":
            case "varint":
                value = "7";
                break;
            case "date":
                value = "'2026-11-23'";
                break;
            case "timestamp":
                value = "'2026-11-23T10:42:07Z'";
                break;
            case "blob":
                value = "0xcafe";
                break;
            case "inet":
                value = "'10.1.2.3'";
                break;
            default:
                break;
        }
        return CqlText.name(column.name()) + "=" + value;
    }
}
