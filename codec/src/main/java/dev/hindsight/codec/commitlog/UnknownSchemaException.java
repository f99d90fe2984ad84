package dev.hindsight.codec.commitlog;

import java.util.UUID;

/**
 * A mutation is of a table, or has a column, that the given schemas do not know. Nothing of the mutation behind that place
 * can be decoded. Whoever catches this tries again with the schemas of the mutation's time; to go on without would lose data.
 */
public final class UnknownSchemaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final UUID tableId;

    UnknownSchemaException(UUID tableId, String message) {
        super(message);
        this.tableId = tableId;
    }

    public UUID tableId() {
        return tableId;
    }
}
