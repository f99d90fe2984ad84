package dev.hindsight.cli.verb;

import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.Workbench;
import dev.hindsight.cli.config.ClusterConfig;
import dev.hindsight.cli.config.HindsightConfig;
import dev.hindsight.cli.output.Outcome;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.model.units.InstantText;
import dev.hindsight.operations.restore.RestoreRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "restore",
        description = {
            "Bring a keyspace or tables back, to every replica, with no repair afterwards.",
            "The result must not exist with data: give it a new name, or drop what is there first."
        })
final class RestoreVerb extends Verb {
    private final Workbench workbench;

    @Option(names = "--from", paramLabel = "BACKUP", description = "A backup's id, or 'latest'.")
    private @Nullable String from;

    @Option(
            names = "--at",
            paramLabel = "INSTANT",
            description = {
                "Instead of --from: protected tables as they were then (RFC 3339, or -5m).",
                "'hindsight window K.T' says which instants there are."
            })
    private @Nullable String at;

    @Option(names = "--keyspace", paramLabel = "K", description = "All of this keyspace.")
    private @Nullable String keyspace;

    @Option(names = "--as-keyspace", paramLabel = "K2", description = "The keyspace's new name.")
    private @Nullable String asKeyspace;

    @Option(
            names = "--table",
            paramLabel = "K.T",
            converter = TableNameConverter.class,
            description = "A table; may be given again.")
    private List<TableName> tables = new ArrayList<>();

    @Option(
            names = "--as",
            paramLabel = "K2.T2",
            converter = TableNameConverter.class,
            description = "The table's new name.")
    private @Nullable TableName as;

    @Option(
            names = "--to",
            paramLabel = "TARGET",
            description = "One of the configuration's targets (else the protected cluster itself).")
    private @Nullable String to;

    @Option(
            names = "--replication",
            paramLabel = "CQL-MAP",
            description =
                    "For a keyspace that does not exist yet, e.g. \"{'class':'NetworkTopologyStrategy','dc1':2}\".")
    private @Nullable String replication;

    @Option(
            names = "--ttl",
            paramLabel = "keep|freeze|drop",
            description = {
                "keep: rows expire when they would have (the default, unless the configuration says otherwise);",
                "freeze: the life that was left at the backup starts again now; drop: nothing expires any more."
            })
    private @Nullable String ttl;

    @Option(names = "--dry-run", description = "Print the plan and touch nothing.")
    private boolean dryRun;

    RestoreVerb(GlobalOptions options, Surroundings surroundings, Workbench workbench) {
        super(options, surroundings);
        this.workbench = workbench;
    }

    @Override
    Outcome run() {
        checkCombination();
        Optional<Map<String, String>> replicationMap = parseReplication();
        Optional<RestoreRequest.Ttl> ttlAsked = parseTtl();
        HindsightConfig config = config();
        ClusterConfig target = config.target(Optional.ofNullable(to));
        RestoreRequest request = new RestoreRequest(
                from == null ? "" : from,
                Optional.ofNullable(keyspace),
                Optional.ofNullable(asKeyspace),
                List.copyOf(tables),
                Optional.ofNullable(as),
                replicationMap,
                ttlAsked.orElse(config.restoreTtl()));
        if (at != null) {
            return run(config, target, request, instant(at));
        }
        return dryRun
                ? RestoreViews.forecast(
                        withProgress(progress -> workbench.planRestore(config, target, request, progress)))
                : RestoreViews.report(withProgress(progress -> workbench.restore(config, target, request, progress)));
    }

    private Outcome run(HindsightConfig config, ClusterConfig target, RestoreRequest request, Instant instant) {
        return dryRun
                ? RestoreViews.forecast(
                        withProgress(progress -> workbench.planRestoreAt(config, target, request, instant, progress)))
                : RestoreViews.report(withProgress(progress -> {
                    if (at != null && InstantText.isBeforeNow(at)) {
                        // Given again it would be another instant, and another restore.
                        progress.note("instant " + instant + "; to go on after a cut, say --at " + instant);
                    }
                    return workbench.restoreAt(config, target, request, instant, progress);
                }));
    }

    private Instant instant(String text) {
        Instant now = surroundings().clock().instant();
        Instant instant = InstantConverter.parse("--at", text, now);
        if (instant.isAfter(now)) {
            throw new UsageException("--at " + instant + " is in the future", "now is " + now);
        }
        return instant;
    }

    private void checkCombination() {
        if ((from == null) == (at == null)) {
            throw new UsageException(
                    from == null ? "neither --from nor --at is given" : "--from and --at exclude each other",
                    "say from when: --from BACKUP (or --from latest), or --at INSTANT of protected tables");
        }
        if ((keyspace == null) == tables.isEmpty()) {
            throw new UsageException(
                    keyspace == null
                            ? "neither --keyspace nor --table is given"
                            : "--keyspace and --table exclude each other",
                    "say what to restore: --keyspace K, or --table K.T");
        }
        if (asKeyspace != null && keyspace == null) {
            throw new UsageException("--as-keyspace goes with --keyspace", "use --as K2.T2 to rename a table");
        }
        if (as != null && tables.size() != 1) {
            throw new UsageException(
                    "--as renames one table, and " + tables.size() + " are given",
                    keyspace == null ? "restore the tables one by one" : "use --as-keyspace K2 to rename a keyspace");
        }
    }

    private Optional<Map<String, String>> parseReplication() {
        if (replication == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(CqlMap.parse(replication));
        } catch (IllegalArgumentException e) {
            throw new UsageException(
                    "--replication: " + e.getMessage(), "quote it for the shell: --replication \"{...}\"", e);
        }
    }

    private Optional<RestoreRequest.Ttl> parseTtl() {
        if (ttl == null) {
            return Optional.empty();
        }
        for (RestoreRequest.Ttl one : RestoreRequest.Ttl.values()) {
            if (one.name().toLowerCase(Locale.ROOT).equals(ttl)) {
                return Optional.of(one);
            }
        }
        throw new UsageException("--ttl '" + ttl + "' is none of keep, freeze, drop", "use one of them");
    }
}
