package dev.hindsight.model.schema;

/**
 * One thing of a keyspace's schema and the DDL that makes it again.
 *
 * @param name of the element as stored; for a function or aggregate as CQL, with its argument types
 * @param table the table an index or view belongs to; empty for the others
 * @param ddl one or more statements, each ended by {@code ;} and newline. A TABLE's has its id ({@code WITH ID}) and
 *     the ALTER statements that record dropped columns; see Cassandra's {@code DESCRIBE ... WITH INTERNALS}
 */
public record SchemaElement(Kind kind, String name, String table, String ddl) {
    /** In the order in which a restore creates them. */
    public enum Kind {
        TYPE,
        FUNCTION,
        AGGREGATE,
        TABLE,
        INDEX,
        VIEW
    }
}
