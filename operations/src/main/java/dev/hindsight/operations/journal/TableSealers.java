package dev.hindsight.operations.journal;

import dev.hindsight.engine.journal.SealReport;
import dev.hindsight.engine.journal.SealSettings;
import dev.hindsight.engine.journal.Sealer;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.operations.run.Writer;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.journal.JournalLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;

/**
 * Seals many tables, again and again: a sealer that has sealed a table before knows its newest entry and what it published,
 * so that doing it again asks the store for little. An entry without records is published only from time to time.
 *
 * <p>Keeps the sealers used last, so memory does not grow with the number of tables. One thread.
 */
public final class TableSealers {
    private static final int KEPT = 16;
    /** Eight MiB for each kept sealer at most; a copy that comes after that many changes becomes a record, which is harmless. */
    private static final int MOST_COPIES = 250_000;

    private record Kept(Sealer sealer, JournalLog log) {}

    private final Repository repository;
    private final Path scratch;
    private final Clock clock;
    private final Function<String, Optional<JournalEntry.Owners>> owners;
    private final SealSettings settings;
    private final Map<UUID, Kept> kept = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<UUID, Kept> eldest) {
            return size() > KEPT;
        }
    };

    /**
     * @param scratch for segments while they are written; made if need be
     * @param owners who replicates a keyspace, as {@link KeyspaceOwners#of} has it: asked for each entry
     */
    public TableSealers(
            Repository repository, Path scratch, Clock clock, Function<String, Optional<JournalEntry.Owners>> owners) {
        SealSettings usual = SealSettings.DEFAULT;
        this.repository = repository;
        this.scratch = scratch;
        this.clock = clock;
        this.owners = owners;
        this.settings =
                new SealSettings(usual.roundBytes(), usual.patience(), usual.idle(), usual.copies(), MOST_COPIES);
    }

    /**
     * Numbers what was captured of one table.
     *
     * @throws dev.hindsight.model.failure.PreconditionFailedException its journal has not begun
     */
    public SealReport seal(ProtectedTable table, CaptureSurvey captures) {
        Kept one = kept.computeIfAbsent(table.tableId(), id -> open(table));
        Set<UUID> awaited = new HashSet<>(captures.awaited());
        one.log()
                .newest()
                .ifPresent(entry -> entry.consumed().stream()
                        .filter(host -> host.holeMicros().isEmpty())
                        .forEach(host -> awaited.add(host.hostId())));
        return one.sealer()
                .seal(
                        captures.streams(),
                        awaited,
                        () -> owners.apply(table.name().keyspace()));
    }

    private Kept open(ProtectedTable table) {
        try {
            Files.createDirectories(scratch);
        } catch (IOException e) {
            throw new NotAppliedException(
                    "scratch directory " + scratch + " cannot be made: " + e,
                    "look at the disk of the scratch directory",
                    e);
        }
        JournalLog log = new JournalLog(repository.store(), table.name(), table.tableId());
        return new Kept(
                new Sealer(
                        repository.store(),
                        log,
                        scratch,
                        settings,
                        clock,
                        Writer.describe("serve"),
                        new SecureRandom()),
                log);
    }
}
