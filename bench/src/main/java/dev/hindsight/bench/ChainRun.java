package dev.hindsight.bench;

import com.datastax.oss.driver.api.core.CqlSession;
import com.fasterxml.jackson.databind.JsonNode;
import dev.hindsight.bench.ChainFigures.Backup;
import dev.hindsight.bench.ChainFigures.Rebase;
import dev.hindsight.bench.ChainFigures.Restore;
import dev.hindsight.bench.process.Machine;
import dev.hindsight.bench.ring.BenchSite;
import dev.hindsight.bench.ring.NewFiles;
import dev.hindsight.bench.ring.RowUpdates;
import dev.hindsight.bench.ring.SampleRows;
import dev.hindsight.bench.ring.TableContent;
import dev.hindsight.bench.ring.VerbRuns;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The steps of {@link ChainBench} on a loaded ring, and what each cost. One thread. */
final class ChainRun {
    private static final String TABLE = RingOptions.KEYSPACE + "." + RingOptions.TABLE;
    /** Lengths of the chain that are restored, besides its whole length. */
    private static final Set<Integer> RESTORED = Set.of(1, 7, 14);

    private final BenchSite site;
    private final VerbRuns verbs;
    private final SampleRows sample;
    private final double updated;
    private final RowUpdates updates;
    private final Consumer<String> say;
    private final CqlSession session;
    private final NewFiles copies = new NewFiles();
    private final List<Backup> backups = new ArrayList<>();
    private final Map<Integer, TableContent> contents = new TreeMap<>();
    private final List<Restore> restores = new ArrayList<>();
    private final List<Rebase> rebases = new ArrayList<>();

    /** @param updated share of all rows, before each incremental backup */
    ChainRun(
            BenchSite site,
            VerbRuns verbs,
            SampleRows sample,
            int rowSize,
            double updated,
            long seed,
            Consumer<String> say) {
        this.site = site;
        this.verbs = verbs;
        this.sample = sample;
        this.updated = updated;
        this.say = say;
        this.session = site.ring().session();
        this.updates = new RowUpdates(session, TABLE, sample.rows(), rowSize, updated, seed + 1);
    }

    void backUp(int increments) {
        verbs.run("init");
        for (int chain = 1; chain <= increments + 1; chain++) {
            backups.add(backup(chain));
            if (RESTORED.contains(chain) || chain == increments + 1) {
                contents.put(chain, read(TABLE));
            }
        }
    }

    private Backup backup(int chain) {
        long rows = chain == 1 ? 0 : updates.round();
        site.ring().flush(RingOptions.KEYSPACE);
        Map<String, Long> sstables = site.settled(RingOptions.KEYSPACE, RingOptions.TABLE);
        long before = verbs.repositoryBytes();
        String kind = chain == 1 ? "full" : "incremental";
        say.accept("backup " + chain + ", " + kind + ", " + rows + " rows updated");
        VerbRuns.Run run = verbs.run("backup", "--kind", kind, "--keyspace", RingOptions.KEYSPACE);
        JsonNode document = run.document();
        String id = document.at("/backup/id").asText();
        return new Backup(
                chain,
                id,
                rows,
                sstables.size(),
                sstables.values().stream().mapToLong(Long::longValue).sum(),
                copies.copy(sstables),
                document.at("/backup/totals/storedBytes").asLong(),
                verbs.repositoryBytes() - before,
                document.required("repositoryBytesRead").asLong(),
                document.required("redundantPartitions").asLong(),
                document.required("redundantRows").asLong(),
                verbs.counts(id),
                run.used());
    }

    /** At several lengths, then after a rebase of the whole chain. */
    void restore() {
        contents.forEach((chain, content) -> {
            Backup backup = backups.get(chain - 1);
            restores.add(restore("chain of " + chain, chain, backup.id(), content));
        });
        Backup head = backups.get(backups.size() - 1);
        say.accept("rebase");
        long before = verbs.repositoryBytes();
        VerbRuns.Run run = verbs.run("rebase");
        JsonNode document = run.document();
        String id = document.at("/backup/id").asText();
        rebases.add(new Rebase(
                id,
                head.chain(),
                document.required("readBytes").asLong(),
                document.required("storedBytes").asLong(),
                verbs.repositoryBytes() - before,
                verbs.counts(id),
                run.used()));
        restores.add(restore("rebase of " + head.chain(), 1, id, read(TABLE)));
    }

    private Restore restore(String name, int chain, String backup, TableContent expected) {
        say.accept("restore, " + name);
        String as = RingOptions.KEYSPACE + ".restored" + restores.size();
        long download = verbs.run("restore", "--from", backup, "--table", TABLE, "--as", as, "--dry-run")
                .document()
                .required("bytesToDownload")
                .asLong();
        VerbRuns.Run run = verbs.run("restore", "--from", backup, "--table", TABLE, "--as", as);
        TableContent content = read(as);
        RingOptions.require("the content of the restored " + name, content, expected);
        site.ring().ddl("DROP TABLE " + as);
        return new Restore(name, chain, backup, download, content, run.used());
    }

    private TableContent read(String table) {
        TableContent content = TableContent.read(session, table);
        RingOptions.require("the number of rows of " + table, content.rows(), sample.rows());
        return content;
    }

    ChainFigures figures(Machine machine, double loadAverageAtEnd, String workerHeap) {
        return new ChainFigures(
                machine, loadAverageAtEnd, sample, updated, workerHeap, backups, restores, rebases.get(0));
    }
}
