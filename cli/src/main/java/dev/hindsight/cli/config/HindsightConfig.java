package dev.hindsight.cli.config;

import dev.hindsight.agent.settings.DidYouMean;
import dev.hindsight.agent.settings.RepositoryPlace;
import dev.hindsight.agent.settings.Settings;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.retention.RebasePolicy;
import dev.hindsight.model.retention.RetentionRules;
import dev.hindsight.operations.RunSettings;
import dev.hindsight.operations.restore.RestoreRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * {@code hindsight.yaml}, whole.
 *
 * @param cluster the protected one; not needed by verbs that only read the repository
 * @param targets other clusters to restore into, by the name that {@code --to} uses
 * @param keyspaces what a backup without {@code --keyspace} and {@code --table} covers; empty means all
 * @param retention what {@code expire} keeps; empty where the configuration does not say
 * @param rebase when a backup is followed by a rebase
 * @param serve of the long-running service; empty where the configuration has none
 */
public record HindsightConfig(
        Path file,
        RepositoryPlace repository,
        Optional<ClusterConfig> cluster,
        Map<String, ClusterConfig> targets,
        RunSettings backup,
        List<String> keyspaces,
        RunSettings restore,
        RestoreRequest.Ttl restoreTtl,
        Optional<RetentionRules> retention,
        RebasePolicy rebase,
        Optional<ServeConfig> serve) {
    private static final int MAX_WORKERS = 256;

    public HindsightConfig {
        targets = Map.copyOf(targets);
        keyspaces = List.copyOf(keyspaces);
    }

    /** @throws UsageException with {@code file:line} for the first thing that is wrong */
    public static HindsightConfig load(Path file) {
        Settings root = Settings.load(file);
        RepositoryPlace repository = RepositoryPlace.read(root.section("repository"));
        Optional<ClusterConfig> cluster =
                root.findSection("cluster").map(settings -> ClusterConfig.read("cluster", settings));
        Map<String, ClusterConfig> targets = new LinkedHashMap<>();
        root.sections("targets")
                .forEach((name, settings) -> targets.put(name, ClusterConfig.read("targets." + name, settings)));
        Settings backup = root.section("backup");
        RunSettings backupRun = backup(backup, RunSettings.defaults(defaultScratch()));
        List<String> keyspaces = backup.texts("keyspaces");
        backup.finish();
        Settings restore = root.section("restore");
        RunSettings restoreRun = run(restore, backupRun);
        RestoreRequest.Ttl ttl = RestoreRequest.Ttl.valueOf(
                restore.choice("ttl", List.of("keep", "freeze", "drop"), "keep").toUpperCase(Locale.ROOT));
        restore.finish();
        Optional<RetentionRules> retention = RetentionConfig.retention(root);
        RebasePolicy rebase = RetentionConfig.rebase(root);
        Optional<ServeConfig> serve = root.findSection("serve").map(ServeConfig::read);
        root.finish();
        return new HindsightConfig(
                file, repository, cluster, targets, backupRun, keyspaces, restoreRun, ttl, retention, rebase, serve);
    }

    public ClusterConfig requireCluster() {
        return cluster.orElseThrow(() -> new UsageException(
                file + ": this verb needs the section 'cluster', and there is none",
                "add cluster: with name, contact-points, local-datacenter, agents and agent-tokens"));
    }

    public ServeConfig requireServe() {
        return serve.orElseThrow(() -> new UsageException(
                file + ": this verb needs the section 'serve', and there is none",
                "add serve: with at least tokens: {NAME: {scope: admin, token: {file: PATH}}}"));
    }

    /** @param name empty for the protected cluster itself */
    public ClusterConfig target(Optional<String> name) {
        if (name.isEmpty()) {
            return requireCluster();
        }
        ClusterConfig found = targets.get(name.get());
        if (found == null) {
            throw new UsageException(
                    "--to " + name.get() + ": " + file + " has no such target",
                    DidYouMean.nearest(name.get(), targets.keySet())
                            .map(near -> "did you mean '" + near + "'?")
                            .orElse(
                                    targets.isEmpty()
                                            ? "describe the cluster in the section targets: " + name.get() + ":"
                                            : "known targets: "
                                                    + String.join(
                                                            ", ",
                                                            targets.keySet().stream()
                                                                    .sorted()
                                                                    .toList())));
        }
        return found;
    }

    private static RunSettings backup(Settings settings, RunSettings defaults) {
        RunSettings run = run(settings, defaults);
        Duration ttl = settings.duration("snapshot-ttl", run.snapshotTtl());
        if (ttl.compareTo(Duration.ofMinutes(1)) < 0) {
            throw settings.refuse("snapshot-ttl", "is shorter than Cassandra accepts", "give at least 1m");
        }
        String uncovered = settings.choice("uncovered", List.of("partial", "fail"), "partial");
        return new RunSettings(
                run.workers(),
                run.scratch(),
                run.scratchLimitBytes(),
                positive(settings, "shard-size", run.shardBytes()),
                run.maxSSTableBytes(),
                ttl,
                RunSettings.Uncovered.valueOf(uncovered.toUpperCase(Locale.ROOT)),
                settings.duration("hint-window", run.hintWindow()));
    }

    private static RunSettings run(Settings settings, RunSettings defaults) {
        return new RunSettings(
                workers(settings, defaults.workers()),
                settings.findPath("scratch").orElse(defaults.scratch()),
                positive(settings, "scratch-limit", defaults.scratchLimitBytes()),
                defaults.shardBytes(),
                positive(settings, "max-sstable-size", defaults.maxSSTableBytes()),
                defaults.snapshotTtl(),
                defaults.uncovered(),
                defaults.hintWindow());
    }

    private static OptionalInt workers(Settings settings, OptionalInt otherwise) {
        Optional<String> given = settings.findText("workers");
        if (given.isEmpty()) {
            return otherwise;
        }
        return given.get().equals("auto")
                ? OptionalInt.empty()
                : OptionalInt.of(settings.number("workers", 1, MAX_WORKERS, 1));
    }

    private static long positive(Settings settings, String key, long otherwise) {
        long value = settings.bytes(key, otherwise);
        if (value < 1L << 20) {
            throw settings.refuse(key, "is below 1MiB", "give a larger size");
        }
        return value;
    }

    /** On disk rather than in memory where the machine has such a place. */
    private static Path defaultScratch() {
        Path disk = Path.of("/var/tmp");
        Path base = disk.toFile().isDirectory() ? disk : Path.of(System.getProperty("java.io.tmpdir", "."));
        return base.resolve("hindsight-" + System.getProperty("user.name", "user"));
    }
}
