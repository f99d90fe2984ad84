package dev.hindsight.operations.restore;

import dev.hindsight.engine.ShardTask;
import dev.hindsight.engine.TaskResult;
import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.failure.TargetUnsafeException;
import dev.hindsight.model.ring.Ring;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.EngineFactory;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.RunSettings;
import dev.hindsight.operations.run.Leftovers;
import dev.hindsight.operations.run.RunClaim;
import dev.hindsight.operations.run.ShardRun;
import dev.hindsight.operations.run.TaskFailures;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.RestorePlan;
import dev.hindsight.repository.layout.BackupIds;
import dev.hindsight.repository.layout.Keys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Writes tables of a backup as standard SSTables into a directory, {@code <out>/<keyspace>/<table>/}, with {@code
 * schema.cql} beside: what {@code nodetool import} and {@code sstableloader} take without Hindsight.
 *
 * <p>One thread; {@link #close()} may be called from another.
 */
public final class ExportOperation implements AutoCloseable {
    private final Repository repository;
    private final RunSettings settings;
    private final Clock clock;
    private final ProgressListener progress;
    private final List<String> notes = new ArrayList<>();
    private final RunClaim claim;
    private final ShardRun run;

    public ExportOperation(
            Repository repository,
            RunSettings settings,
            EngineFactory engines,
            Clock clock,
            ProgressListener progress) {
        this.repository = repository;
        this.settings = settings;
        this.clock = clock;
        this.claim = new RunClaim(repository, clock, progress);
        this.progress = claim;
        this.run = new ShardRun(engines, claim, notes::add);
    }

    /**
     * @param directory new or empty
     * @throws TargetUnsafeException the directory holds something
     */
    public ExportReport execute(String from, List<TableName> tables, Path directory) {
        try {
            notes.addAll(Leftovers.clean(settings.scratch()));
            PublishedBackup backup = BackupContents.find(repository, from);
            String id = "export-" + new BackupIds(clock, new SecureRandom()).next();
            claim.readIfPossible(id, "export", List.of(backup.id()));
            BackupContents contents = BackupContents.load(repository, backup.manifest(), tables);
            Path out = directory.toAbsolutePath();
            requireEmpty(out);
            run.open(settings.scratch(), id, "");
            writeSchema(contents, out);
            RestorePlan plan = plan(id, contents, out);
            ObjectRef planRef = repository.put(Keys.restorePlan(id), plan);
            run(planRef, plan);
            claim.finished();
            return report(contents, out);
        } finally {
            close();
        }
    }

    private RestorePlan plan(String id, BackupContents contents, Path out) {
        List<RestorePlan.Shard> shards = RestoreSharding.forExport(contents, settings.shardBytes());
        List<RestorePlan.Table> tables = new ArrayList<>();
        for (TableName name : contents.tables()) {
            KeyspaceSchema keyspace = contents.schemaOf(name.keyspace());
            RestoreSchemas.TargetTable ddl = RestoreSchemas.targetTable(keyspace, name, name);
            UUID tableId = BackupContents.table(contents.manifest(), name).tableId();
            tables.add(new RestorePlan.Table(name, tableId, name, tableId, ddl.types(), ddl.ddl()));
        }
        return new RestorePlan(
                RestorePlan.FORMAT,
                id,
                clock.instant(),
                contents.ref(),
                TtlNames.of(RestoreRequest.Ttl.KEEP),
                clock.instant().getEpochSecond(),
                new Ring(contents.manifest().ring().clusterName(), Ring.MURMUR3, List.of()),
                List.of(),
                out.toString(),
                tables,
                shards,
                new BackupPlan.Limits(
                        RestoreSizing.scratchBytesPerTask(shards),
                        settings.maxSSTableBytes(),
                        RestoreSizing.FETCH_STREAMS));
    }

    private void run(ObjectRef planRef, RestorePlan plan) {
        progress.phase(
                "shards",
                plan.shards().stream()
                        .mapToLong(RestorePlan.Shard::estimatedBytes)
                        .sum());
        List<ShardTask> tasks = new ArrayList<>();
        plan.shards().forEach(shard -> tasks.add(new ShardTask.Export(planRef, shard.number())));
        int workers = RestoreSizing.workers(repository, settings, plan).decide().workers();
        List<TaskResult> results = run.run(tasks, workers);
        TaskFailures.throwFirst(results);
    }

    private ExportReport report(BackupContents contents, Path out) {
        boolean complete = true;
        boolean exact = true;
        long rows = 0;
        for (TableName table : contents.tables()) {
            rows += contents.rows(table);
            exact &= contents.rowsAreExact(table);
            if (contents.partial(table)) {
                complete = false;
                notes.add("table " + table + " is partial in backup "
                        + contents.manifest().id() + ": some token ranges had no readable replica");
            }
        }
        try (Stream<Path> files = Files.walk(out)) {
            long bytes = files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
            return new ExportReport(
                    contents.manifest().id(),
                    out,
                    List.copyOf(contents.tables()),
                    bytes,
                    rows,
                    exact,
                    complete,
                    List.copyOf(notes));
        } catch (IOException e) {
            throw new CapacityException("cannot read back " + out + ": " + e, "look at the disk", e);
        }
    }

    private static void requireEmpty(Path out) {
        try {
            Files.createDirectories(out);
            try (Stream<Path> entries = Files.list(out)) {
                if (entries.findAny().isPresent()) {
                    throw new TargetUnsafeException(
                            "export directory " + out + " is not empty", "name a new or an empty directory");
                }
            }
        } catch (IOException e) {
            throw new CapacityException("export directory " + out + " cannot be used: " + e, "name another one", e);
        }
    }

    private static void writeSchema(BackupContents contents, Path out) {
        String text = RestoreSchemas.script(contents);
        try {
            Files.write(out.resolve("schema.cql"), text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new CapacityException("cannot write " + out.resolve("schema.cql") + ": " + e, "look at the disk", e);
        }
    }

    @Override
    public void close() {
        try {
            run.close();
        } finally {
            claim.close();
        }
    }
}
