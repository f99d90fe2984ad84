package dev.hindsight.oracle;

import dev.hindsight.model.ring.Node;
import dev.hindsight.model.ring.Ring;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.SchemaElement;
import dev.hindsight.model.schema.TableFacts;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.digest.Digests;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.Documents;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.ShardManifest;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.journal.JournalReplay;
import dev.hindsight.synthesis.journal.Update;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** The backups of a {@link HistoryWorld}, made by hand: how they come, change places and go. One thread. */
final class HistoryBases {
    private final Path directory;
    private final Repository repository;
    private final Map<String, BackupManifest> made = new HashMap<>();

    HistoryBases(Path directory, Repository repository) {
        this.directory = directory;
        this.repository = repository;
    }

    /**
     * Makes one of updates, each part in the order of its keys.
     *
     * @param second that it stands for
     * @param read replicas
     */
    void make(String name, double second, TableDefinition definition, List<UUID> read, List<Iterator<Update>> parts) {
        List<ShardManifest.StoredSSTable> stored = new ArrayList<>();
        try (JournalReplay replay = new JournalReplay(
                definition,
                TokenRanges.FULL,
                HistoryWorld.micros(second),
                directory.resolve(name),
                JournalReplay.Limits.STANDARD,
                new Scratch(directory.resolve(name), 1 << 30))) {
            parts.forEach(replay::add);
            for (OutputSSTable sstable : replay.finish()) {
                stored.add(new ShardManifest.StoredSSTable(
                        sstable.descriptor(),
                        sstable.firstToken(),
                        sstable.lastToken(),
                        sstable.partitions(),
                        sstable.rows(),
                        sstable.files().stream()
                                .map(file -> put(
                                        Keys.component(
                                                HistoryWorld.TABLE,
                                                HistoryWorld.TABLE_ID,
                                                name,
                                                1,
                                                "a1",
                                                String.valueOf(file.getFileName())),
                                        bytes(file)))
                                .toList()));
            }
        }
        ObjectRef shard = put(Keys.shardManifest(name, 1), Documents.toBytes(shard(name, stored)));
        publish(name, second, definition.ddl(), read, shard);
    }

    /** A backup with the same records, whose data are its own; the other one expires. */
    void rebase(String name, String of) {
        BackupManifest source = Objects.requireNonNull(made.get(of));
        List<ObjectRef> shards = source.tables().get(0).shards().stream()
                .map(shard -> copy(repository.load(shard, ShardManifest.class), name))
                .toList();
        publish(new BackupManifest(
                BackupManifest.FORMAT,
                name,
                BackupManifest.Kind.REBASE,
                Optional.empty(),
                source.state(),
                source.startedAt().plusSeconds(400),
                source.finishedAt().plusSeconds(400),
                source.restorePoint(),
                "test",
                source.ring(),
                source.snapshots(),
                source.schema(),
                List.of(new BackupManifest.Table(
                        HistoryWorld.TABLE,
                        HistoryWorld.TABLE_ID,
                        shards,
                        source.tables().get(0).coverage())),
                source.plan(),
                source.totals(),
                Optional.of(of),
                Optional.empty()));
        expire(of);
    }

    private ObjectRef copy(ShardManifest shard, String to) {
        List<ShardManifest.StoredSSTable> stored = shard.sstables().stream()
                .map(one -> new ShardManifest.StoredSSTable(
                        one.descriptor(),
                        one.firstToken(),
                        one.lastToken(),
                        one.partitions(),
                        one.rows(),
                        one.components().stream()
                                .map(component -> put(
                                        component.key().replace("/" + shard.backup() + "/", "/" + to + "/"),
                                        bytes(directory.resolve("r").resolve(component.key()))))
                                .toList()))
                .toList();
        return put(Keys.shardManifest(to, 1), Documents.toBytes(shard(to, stored)));
    }

    /** It is still stored. */
    void expire(String name) {
        repository.catalogue().append(new Change.Expire(name, "test"), HistoryWorld.author());
    }

    /** Of no base anything can be read any more. */
    void loseAll() {
        try (Stream<Path> files = Files.walk(directory.resolve("r/data"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ShardManifest shard(String name, List<ShardManifest.StoredSSTable> stored) {
        return new ShardManifest(
                ShardManifest.FORMAT,
                name,
                1,
                HistoryWorld.TABLE,
                HistoryWorld.TABLE_ID,
                List.of(TokenRange.FULL),
                List.of(),
                stored,
                List.of(),
                List.of(),
                new ShardManifest.Counts(1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    }

    private void publish(String name, double second, String ddl, List<UUID> read, ObjectRef shard) {
        Ring ring = new Ring("prod", Ring.MURMUR3, List.of(node(0, -100L), node(1, 100L)));
        Instant at = HistoryWorld.instant(second);
        publish(new BackupManifest(
                BackupManifest.FORMAT,
                name,
                BackupManifest.Kind.FULL,
                Optional.empty(),
                BackupManifest.State.COMPLETE,
                at.minusSeconds(2),
                at.plusSeconds(5),
                at,
                "test",
                ring,
                read.stream()
                        .map(host -> new BackupManifest.NodeSnapshot(
                                host, "", Optional.of(at), "", Optional.of(at.minusSeconds(2))))
                        .toList(),
                List.of(new KeyspaceSchema(
                        "shop",
                        Map.of("class", "NetworkTopologyStrategy", "dc1", "2"),
                        true,
                        List.of(new SchemaElement(SchemaElement.Kind.TABLE, "orders", "", ddl)),
                        List.of(new TableFacts(HistoryWorld.TABLE, HistoryWorld.TABLE_ID, 864000, false, false)))),
                List.of(new BackupManifest.Table(
                        HistoryWorld.TABLE,
                        HistoryWorld.TABLE_ID,
                        List.of(shard),
                        List.of(new BackupManifest.Coverage(TokenRange.FULL, read, List.of())))),
                new ObjectRef("backups/" + name + "/plan.json", 1, Digests.of(new byte[1])),
                new BackupManifest.Totals(0, 0, 0, 0, 0, 0, 0, 0),
                Optional.empty(),
                Optional.empty()));
    }

    private void publish(BackupManifest manifest) {
        repository.publish(manifest, HistoryWorld.author());
        made.put(manifest.id(), manifest);
    }

    private static Node node(int host, long token) {
        return new Node(
                HistoryWorld.HOSTS.get(host), "127.0.0." + host, "dc1", "r" + host, List.of(token), "5.0.9", true);
    }

    ObjectRef put(String key, byte[] bytes) {
        repository.store().putIfAbsent(key, Body.of(bytes));
        return new ObjectRef(key, bytes.length, Digests.of(bytes));
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
