package dev.hindsight.engine.journal;

import dev.hindsight.codec.schema.DdlSchemas;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.repository.document.JournalEntry.Definition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The versions of a table's schema that a round works with: those that are published, by their numbers, and behind them
 * those that the round has met first. One thread.
 */
final class SchemaVersions {
    /** A version, and the tables of its keyspace as it has them. */
    record Version(SchemaState state, Map<UUID, TableSchema> tables) {}

    private final String keyspace;
    private final UUID tableId;
    private final List<Version> versions = new ArrayList<>();
    private final int published;
    /** Versions that came out of the middle of somebody's way to a newer one that is known: never the newest themselves. */
    private final List<Integer> stragglers = new ArrayList<>();

    /**
     * @param published in the order of their numbers, from 1
     * @param stragglers numbers of those of them that are on nobody's way any more
     */
    SchemaVersions(String keyspace, UUID tableId, List<Definition> published, List<Integer> stragglers) {
        this.keyspace = keyspace;
        this.tableId = tableId;
        this.published = published.size();
        this.stragglers.addAll(stragglers);
        published.forEach(definition -> versions.add(version(SchemaState.of(keyspace, tableId, definition))));
    }

    private Version version(SchemaState state) {
        Map<UUID, TableSchema> tables = new HashMap<>();
        state.tables().forEach((id, ddl) -> {
            try {
                tables.put(id, DdlSchemas.tableSchema(keyspace, state.types(), ddl));
            } catch (UnsupportedException e) {
                if (id.equals(tableId)) {
                    throw e;
                }
                // A neighbour: it matters only if a mutation is of both, which is then refused by name.
            }
        });
        return new Version(state, tables);
    }

    int publishedCount() {
        return published;
    }

    /** The newest that is no straggler. */
    int newest() {
        int newest = versions.size();
        while (stragglers.contains(newest)) {
            newest--;
        }
        return newest;
    }

    int count() {
        return versions.size();
    }

    Version get(int version) {
        return versions.get(version - 1);
    }

    Optional<TableSchema> table(int version, UUID id) {
        return Optional.ofNullable(get(version).tables().get(id));
    }

    /** The version with this content, whether it was known or not. */
    int of(SchemaState state, int from) {
        for (int i = 0; i < versions.size(); i++) {
            if (versions.get(i).state().equals(state)) {
                return i + 1;
            }
        }
        boolean straggler = from < newest();
        versions.add(version(state));
        if (straggler) {
            stragglers.add(versions.size());
        }
        return versions.size();
    }

    boolean isStraggler(int version) {
        return stragglers.contains(version);
    }

    Definition definition(int version, int number) {
        return get(version).state().definition(tableId, number);
    }
}
