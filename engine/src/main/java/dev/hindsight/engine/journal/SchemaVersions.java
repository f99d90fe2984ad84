package dev.hindsight.engine.journal;

import dev.hindsight.codec.schema.DdlSchemas;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.repository.document.JournalEntry.Definition;
import dev.hindsight.repository.document.JournalEntry.SchemaVersion;
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
    private final List<Version> versions;
    /** Since when each of them was; {@link SchemaVersion#NEVER} for stragglers. */
    private final List<Long> sinceMicros;

    private final int published;
    /** Versions that came out of the middle of somebody's way to a newer one that is known: never the newest themselves. */
    private final List<Integer> stragglers;

    private final boolean aside;

    /**
     * @param published in the order of their numbers, from 1
     * @param schemas of the same: those that never were the newest are stragglers
     */
    SchemaVersions(String keyspace, UUID tableId, List<Definition> published, List<SchemaVersion> schemas) {
        this.keyspace = keyspace;
        this.tableId = tableId;
        this.published = published.size();
        this.versions = new ArrayList<>();
        this.sinceMicros = new ArrayList<>();
        this.stragglers = new ArrayList<>();
        this.aside = false;
        published.forEach(definition -> versions.add(version(SchemaState.of(keyspace, tableId, definition))));
        for (SchemaVersion schema : schemas) {
            sinceMicros.add(schema.sinceMicros());
            if (schema.sinceMicros() == SchemaVersion.NEVER) {
                stragglers.add(schema.version());
            }
        }
    }

    private SchemaVersions(SchemaVersions of) {
        this.keyspace = of.keyspace;
        this.tableId = of.tableId;
        this.published = of.published;
        this.versions = of.versions;
        this.sinceMicros = of.sinceMicros;
        this.stragglers = of.stragglers;
        this.aside = true;
    }

    /** The same versions, for one whose changes of the schema are all of the past: what it comes to is never the newest. */
    SchemaVersions aside() {
        return new SchemaVersions(this);
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

    /**
     * The version with this content, whether it was known or not. Who comes back from the newest to what was there before makes
     * another version of it, or the newest would be one that nobody has any more; unless the change is older than the newest,
     * which is a log that is read again, or somebody slow.
     *
     * @param from version before the change
     * @param writtenMicros of the change
     */
    int of(SchemaState state, int from, long writtenMicros) {
        int newest = newest();
        SchemaState today = get(newest).state();
        if (!aside && today.equals(state)) {
            return newest;
        }
        boolean straggler = aside || !get(from).state().equals(today);
        if (straggler || writtenMicros <= sinceMicros.get(newest - 1)) {
            for (int i = 1; i <= versions.size(); i++) {
                if (get(i).state().equals(state) && (!aside || isStraggler(i))) {
                    return i;
                }
            }
        }
        versions.add(version(state));
        sinceMicros.add(straggler ? SchemaVersion.NEVER : writtenMicros);
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
