package dev.hindsight.model.schema;

/** A table by name, as stored by Cassandra (case kept, no quotes). The name can be reused; the table id cannot. */
public record TableName(String keyspace, String table) implements Comparable<TableName> {
    public TableName {
        if (keyspace.isEmpty() || table.isEmpty()) {
            throw new IllegalArgumentException(
                    "keyspace and table must both be named: '" + keyspace + "." + table + "'");
        }
    }

    /** Reads {@code ks.table}; names may be double-quoted as in CQL, unquoted ones are taken as written. */
    public static TableName parse(String text) {
        int dot = -1;
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"') {
                quoted = !quoted;
            } else if (c == '.' && !quoted) {
                dot = i;
                break;
            }
        }
        if (dot < 0) {
            throw new IllegalArgumentException("'" + text + "' is not of the form keyspace.table");
        }
        return new TableName(Identifiers.unquote(text.substring(0, dot)), Identifiers.unquote(text.substring(dot + 1)));
    }

    public String asCql() {
        return Identifiers.quote(keyspace) + "." + Identifiers.quote(table);
    }

    @Override
    public int compareTo(TableName other) {
        int c = keyspace.compareTo(other.keyspace);
        return c != 0 ? c : table.compareTo(other.table);
    }

    @Override
    public String toString() {
        return keyspace + "." + table;
    }
}
