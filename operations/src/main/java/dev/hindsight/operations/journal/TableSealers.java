package dev.hindsight.operations.journal;

import dev.hindsight.engine.journal.CaptureScan;
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
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Seals many tables, again and again: what was captured is read once for all of them, and a sealer that has sealed a table
 * before knows its newest entry and what it published, so that doing it again asks the store for little. An entry without
 * records is published only from time to time.
 *
 * <p>Keeps a sealer for each table, and what takes memory of those that had changes last. One thread.
 */
public final class TableSealers {
    /** How many tables' entries and published changes are remembered. */
    private static final int MOST_WARM = 32;
    /** Of one table, 32 bytes each; a copy that comes after that many changes becomes a record, which is harmless. */
    private static final int MOST_COPIES = 250_000;
    /** Of all tables. */
    private static final long MOST_REMEMBERED = 16L * MOST_COPIES;

    private record Kept(Sealer sealer, JournalLog log) {
        void cool() {
            sealer.forget();
            log.forgetHistory();
        }
    }

    private final Repository repository;
    private final Path scratch;
    private final Clock clock;
    private final Function<String, Optional<JournalEntry.Owners>> owners;
    private final SealSettings settings;
    private final CaptureScan scan;
    private final Map<UUID, Kept> kept = new HashMap<>();
    /** Of those, the ones that had changes, the last at the end. */
    private final Map<UUID, Kept> warm = new LinkedHashMap<>(16, 0.75f, true);

    /** Who replicated each keyspace when it was last looked at. */
    private final Map<String, String> lastOwners = new HashMap<>();

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
        this.scan = new CaptureScan(repository.store());
        this.settings =
                new SealSettings(usual.roundBytes(), usual.patience(), usual.idle(), usual.copies(), MOST_COPIES);
    }

    /**
     * Reads on in what was captured, and says which tables it is about: those to seal soon. Another one loses nothing by
     * being sealed later.
     *
     * @param tables all that are protected; others are forgotten
     */
    public Set<UUID> touched(List<ProtectedTable> tables, CaptureSurvey captures) {
        Set<UUID> ids = tables.stream().map(ProtectedTable::tableId).collect(Collectors.toSet());
        kept.keySet().retainAll(ids);
        warm.keySet().retainAll(ids);
        Set<UUID> touched = new HashSet<>(scan.readOn(ids, captures.stored()));
        Set<String> keyspaces =
                tables.stream().map(table -> table.name().keyspace()).collect(Collectors.toSet());
        lastOwners.keySet().retainAll(keyspaces);
        for (String keyspace : keyspaces) {
            Optional<String> before = Optional.ofNullable(lastOwners.get(keyspace));
            Optional<String> now = owners.apply(keyspace).map(JournalEntry.Owners::digest);
            now.ifPresent(digest -> lastOwners.put(keyspace, digest));
            if (before.isPresent() && now.isPresent() && !before.equals(now)) {
                // The window ends there; the sooner it is told, the shorter is what cannot be restored.
                tables.stream()
                        .filter(table -> table.name().keyspace().equals(keyspace))
                        .forEach(table -> touched.add(table.tableId()));
            }
        }
        return touched;
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
                .newestKnown()
                .ifPresent(entry -> entry.consumed().stream()
                        .filter(host -> host.holeMicros().isEmpty())
                        .forEach(host -> awaited.add(host.hostId())));
        boolean had = false;
        try {
            SealReport report = one.sealer()
                    .seal(
                            captures.streams(),
                            awaited,
                            () -> owners.apply(table.name().keyspace()));
            had = report.records() > 0;
            return report;
        } finally {
            keepWarm(table.tableId(), one, had);
        }
    }

    /** What a table that has changes needs again soon stays in memory, of as many tables as there is room for. */
    private void keepWarm(UUID table, Kept sealed, boolean had) {
        if (had) {
            warm.put(table, sealed);
        } else if (!warm.containsKey(table)) {
            sealed.cool();
        }
        long remembered = warm.values().stream()
                .mapToLong(one -> one.sealer().remembered())
                .sum();
        Iterator<Kept> longest = warm.values().iterator();
        while (longest.hasNext() && (warm.size() > MOST_WARM || remembered > MOST_REMEMBERED)) {
            Kept one = longest.next();
            remembered -= one.sealer().remembered();
            one.cool();
            longest.remove();
        }
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
                        scan.of(table.tableId()),
                        log,
                        scratch,
                        settings,
                        clock,
                        Writer.describe("serve"),
                        new SecureRandom()),
                log);
    }
}
