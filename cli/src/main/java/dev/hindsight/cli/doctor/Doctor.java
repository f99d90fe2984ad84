package dev.hindsight.cli.doctor;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.settings.RepositoryPlace;
import dev.hindsight.cli.config.ClusterConfig;
import dev.hindsight.cli.config.HindsightConfig;
import dev.hindsight.cli.config.ServeConfig;
import dev.hindsight.cli.live.Connections;
import dev.hindsight.cli.output.Text;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.protection.ProtectionEstimate;
import dev.hindsight.model.units.ByteSize;
import dev.hindsight.operations.RunSettings;
import dev.hindsight.operations.journal.ProtectionCost;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.server.ServeSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Runs all checks, in the order in which a backup would stumble. */
public final class Doctor {
    private final HindsightConfig config;
    private final Connections connections;
    private final Clock clock;

    public Doctor(HindsightConfig config, Connections connections, Clock clock) {
        this.config = config;
        this.connections = connections;
        this.clock = clock;
    }

    /** Never throws for what it finds. */
    public List<Finding> examine() {
        List<Finding> out = new ArrayList<>();
        out.add(Finding.ok("configuration", config.file().toString(), "read"));
        out.add(repository());
        out.add(scratch("backup", config.backup()));
        if (!config.restore().scratch().equals(config.backup().scratch())) {
            out.add(scratch("restore", config.restore()));
        }
        Optional<ClusterConfig> cluster = config.cluster();
        if (cluster.isEmpty()) {
            out.add(Finding.warn(
                    "cluster", config.file().toString(), "no section 'cluster'", "add it to be able to back up"));
        } else {
            out.addAll(new ClusterChecks(cluster.get(), ClusterChecks.Role.PROTECTED, connections, clock).examine());
        }
        cluster.ifPresent(protectedOne -> out.add(protection(protectedOne)));
        config.targets().values().stream()
                .sorted((a, b) -> a.section().compareTo(b.section()))
                .forEach(target ->
                        out.addAll(new ClusterChecks(target, ClusterChecks.Role.TARGET, connections, clock).examine()));
        return List.copyOf(out);
    }

    private Finding repository() {
        String place = config.repository().text();
        try {
            Repository repository = Repository.open(connections.store(config.repository()));
            probe(repository.store());
            int backups = repository.catalogue().backups().size();
            String detail = "writable, creates once only, " + Text.plural(backups, "backup");
            return config.repository() instanceof RepositoryPlace.Directory directory
                    ? onDisk(directory.path(), detail)
                    : Finding.ok("repository", place, detail);
        } catch (HindsightException e) {
            return Finding.fail("repository", place, e);
        } catch (IOException e) {
            return Finding.fail("repository", place, "free space unknown: " + e, "look at the file system");
        }
    }

    /** What the object store will be asked for; never a failure of its own. */
    private Finding protection(ClusterConfig cluster) {
        List<AgentClient> agents = List.of();
        try {
            agents = connections.agents(cluster);
            ProtectionEstimate cost = new ProtectionCost(
                            Repository.open(connections.store(config.repository())), agents, clock)
                    .estimate(
                            config.serve().map(ServeConfig::sealInterval).orElse(ServeSettings.DEFAULT_SEAL_INTERVAL),
                            config.serve().map(ServeConfig::idleInterval).orElse(ServeSettings.DEFAULT_IDLE_INTERVAL));
            return Finding.ok(
                    "protection",
                    "a month",
                    "about " + Text.count(cost.captures() + cost.sealed()) + " objects, " + Text.count(cost.requests())
                            + " requests, " + ByteSize.format(cost.captureBytes() + cost.sealedBytes()) + " ("
                            + String.join("; ", cost.assumptions()) + ")");
        } catch (HindsightException e) {
            return Finding.warn("protection", "a month", "not estimated: " + e.getMessage(), e.hint());
        } finally {
            agents.forEach(AgentClient::close);
        }
    }

    private static Finding onDisk(Path directory, String detail) throws IOException {
        String place = directory.toString();
        String withSpace = detail + ", " + ByteSize.format(usable(directory)) + " free";
        return openToEverybody(directory.resolve(Keys.REPOSITORY)) && openToEverybody(directory)
                ? Finding.warn(
                        "repository",
                        place,
                        withSpace + ", but everybody on this machine can read it",
                        "chmod -R o-rwx " + place)
                : Finding.ok("repository", place, withSpace);
    }

    /** Of a repository that an older version made, or a file system whose permissions are its own. */
    private static boolean openToEverybody(Path path) throws IOException {
        return Files.getFileStore(path).supportsFileAttributeView(PosixFileAttributeView.class)
                && Files.getPosixFilePermissions(path).contains(PosixFilePermission.OTHERS_READ);
    }

    /** What everything else relies on: the second create of a key is refused. */
    private static void probe(ObjectStore store) {
        String key = "probe/" + UUID.randomUUID();
        try {
            ObjectStore.PutOutcome first = store.putIfAbsent(key, Body.of("doctor"));
            ObjectStore.PutOutcome second = store.putIfAbsent(key, Body.of("doctor, again"));
            if (first != ObjectStore.PutOutcome.CREATED || second != ObjectStore.PutOutcome.EXISTS) {
                throw new UnsupportedException(
                        "the store " + store.location() + " let one key be created twice",
                        "keep the repository where creates are create-only: 'hindsight init' refuses other places");
            }
        } finally {
            store.delete(key);
        }
    }

    private static Finding scratch(String section, RunSettings settings) {
        Path scratch = settings.scratch();
        String check = section + ".scratch";
        Path probe = scratch.resolve("doctor-" + UUID.randomUUID());
        try {
            Files.createDirectories(scratch);
            Files.write(probe, new byte[1]);
            Files.delete(probe);
            long free = usable(scratch);
            String detail = ByteSize.format(free) + " free, limit " + ByteSize.format(settings.scratchLimitBytes());
            return free >= settings.scratchLimitBytes()
                    ? Finding.ok(check, scratch.toString(), detail)
                    : Finding.warn(
                            check, scratch.toString(), detail, "lower " + section + ".scratch-limit or free space");
        } catch (IOException e) {
            return Finding.fail(
                    check, scratch.toString(), "not writable: " + e, "set " + section + ".scratch to a writable place");
        }
    }

    private static long usable(Path path) throws IOException {
        return Files.getFileStore(path).getUsableSpace();
    }
}
