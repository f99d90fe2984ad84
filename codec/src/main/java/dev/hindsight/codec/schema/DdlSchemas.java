package dev.hindsight.codec.schema;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.type.CassandraType;
import dev.hindsight.codec.type.UserType;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.schema.CqlToken;
import dev.hindsight.model.schema.DdlStatement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Makes {@link TableSchema}s from the DDL that a manifest holds: what {@code DESCRIBE WITH INTERNALS} and the schema file of
 * a snapshot print. A pure function, so tables of several clusters with equal names never meet.
 */
public final class DdlSchemas {
    private DdlSchemas() {}

    /**
     * @param types {@code CREATE TYPE} statements of the keyspace, dependencies first
     * @param ddl {@code CREATE TABLE} and the ALTER TABLE statements that record dropped columns
     * @throws UnsupportedException something in it is not understood; names the table
     */
    public static TableSchema tableSchema(String keyspace, List<String> types, String ddl) {
        List<DdlStatement> statements = new ArrayList<>();
        try {
            statements.addAll(statements(ddl));
            if (statements.isEmpty() || statements.get(0).kind() != DdlStatement.Kind.TABLE) {
                throw new IllegalArgumentException("it does not begin with CREATE TABLE");
            }
            TableBuilder builder = new TableBuilder(keyspace, statements.get(0), userTypes(keyspace, types));
            for (DdlStatement statement : statements.subList(1, statements.size())) {
                builder.alter(statement);
            }
            return builder.build();
        } catch (IllegalArgumentException | IndexOutOfBoundsException | MalformedException | UnsupportedException e) {
            String table = statements.isEmpty() ? "a table" : statements.get(0).name();
            throw new UnsupportedException(
                    "the DDL of " + keyspace + "." + table + " cannot be understood: " + e.getMessage(),
                    "the statements are: " + ddl,
                    e);
        }
    }

    /** The id that a CREATE TABLE gives to its table, as mutations name it. */
    public static Optional<UUID> findTableId(String ddl) {
        for (DdlStatement statement : statements(ddl)) {
            String id = statement.option("id");
            if (!id.isEmpty()) {
                return Optional.of(UUID.fromString(TableBuilder.value(id).get(0).text()));
            }
        }
        return Optional.empty();
    }

    /**
     * A snapshot's schema of a COMPACT STORAGE table has its CREATE TABLE inside a comment, as advice not to run it; where
     * no statement is outside of comments, that one is taken out.
     */
    private static List<DdlStatement> statements(String ddl) {
        List<String> outside = DdlStatement.split(ddl);
        int create = ddl.indexOf("CREATE TABLE");
        int open = ddl.indexOf("/*");
        int close = ddl.lastIndexOf("*/");
        boolean inside = outside.isEmpty() && open >= 0 && open < create && create < close;
        List<String> texts = inside ? DdlStatement.split(ddl.substring(create, close)) : outside;
        return texts.stream().map(DdlStatement::parse).toList();
    }

    private static Map<String, UserType> userTypes(String keyspace, List<String> ddls) {
        Map<String, UserType> out = new HashMap<>();
        for (String ddl : ddls) {
            for (DdlStatement statement : statements(ddl)) {
                if (statement.kind() != DdlStatement.Kind.TYPE) {
                    throw new IllegalArgumentException("only CREATE TYPE is expected, not: " + statement);
                }
                List<String> names = new ArrayList<>();
                List<CassandraType> types = new ArrayList<>();
                for (List<CqlToken> field : statement.items()) {
                    names.add(field.get(0).name());
                    types.add(CqlTypes.parse(field.subList(1, field.size()), out));
                }
                out.put(statement.name(), UserType.of(keyspace, statement.name(), names, types));
            }
        }
        return out;
    }
}
