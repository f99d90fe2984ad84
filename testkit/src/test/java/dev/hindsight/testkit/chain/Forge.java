package dev.hindsight.testkit.chain;

import dev.hindsight.model.ring.Ring;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.Author;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.claim.Claims;
import dev.hindsight.repository.claim.HeldClaim;
import dev.hindsight.repository.claim.Scope;
import dev.hindsight.repository.claim.Wanted;
import dev.hindsight.repository.digest.Digests;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.document.ChainState;
import dev.hindsight.repository.document.Documents;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.ShardManifest;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.testkit.store.MemoryStore;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.UUID;

/** Writes backups into a repository by hand: real documents, and objects of a few bytes in place of SSTables. */
final class Forge {
    static final TableName TABLE = new TableName("shop", "orders");
    static final UUID TABLE_ID = UUID.fromString("11111111-2222-3333-4444-555555555555");
    static final UUID NODE = UUID.fromString("11111111-2222-3333-4444-000000000001");
    static final String CLUSTER = "prod";
    static final int SHARDS = 2;

    private final ObjectStore store;
    private final Clock clock;
    private final TestHost host;
    private final SplittableRandom random;

    Forge(ObjectStore store, Clock clock, TestHost host, long seed) {
        this.store = store;
        this.clock = clock;
        this.host = host;
        this.random = new SplittableRandom(seed);
    }

    Repository repository() {
        return Repository.open(store);
    }

    Claims claims() {
        return new Claims(repository(), clock, host, host, new java.util.Random(random.nextLong()));
    }

    HeldClaim claim(String run, String... reads) {
        return claims().acquire(new Wanted(Scope.read(run), run, "backup", List.of(reads)), note -> {});
    }

    /** A backup that is published, by a run that ends. */
    BackupManifest publish(String id, String at, Optional<String> parent, Optional<String> rebaseOf) {
        HeldClaim claim = claim(id);
        BackupManifest manifest = stored(id, at, parent, rebaseOf);
        repository().publish(manifest, claim.author());
        claim.finished();
        claim.close();
        return manifest;
    }

    BackupManifest full(String id, String at) {
        return publish(id, at, Optional.empty(), Optional.empty());
    }

    BackupManifest incremental(String id, String at, String parent) {
        return publish(id, at, Optional.of(parent), Optional.empty());
    }

    BackupManifest rebase(String id, String at, String of) {
        return publish(id, at, Optional.empty(), Optional.of(of));
    }

    /** All objects of a backup but its manifest, and what that would be. */
    BackupManifest stored(String id, String at, Optional<String> parent, Optional<String> rebaseOf) {
        Repository repository = repository();
        ObjectRef plan = repository.put(Keys.backupPlan(id), plan(id));
        List<ObjectRef> shards = new ArrayList<>();
        long bytes = 0;
        for (int shard = 1; shard <= SHARDS; shard++) {
            ShardManifest manifest = shard(id, shard, "won" + shard, parent.isPresent());
            bytes += manifest.counts().storedBytes();
            shards.add(repository.put(Keys.shardManifest(id, shard), manifest));
        }
        ObjectRef chain = repository.put(Keys.chainState(id), new ChainState(ChainState.FORMAT, id, List.of()));
        return manifest(id, at, parent, rebaseOf, plan, shards, bytes, Optional.of(chain));
    }

    BackupManifest manifest(
            String id,
            String at,
            Optional<String> parent,
            Optional<String> rebaseOf,
            ObjectRef plan,
            List<ObjectRef> shards,
            long bytes,
            Optional<ObjectRef> chain) {
        Instant restorePoint = Instant.parse(at);
        return new BackupManifest(
                BackupManifest.FORMAT,
                id,
                rebaseOf.isPresent()
                        ? BackupManifest.Kind.REBASE
                        : parent.isPresent() ? BackupManifest.Kind.INCREMENTAL : BackupManifest.Kind.FULL,
                parent,
                BackupManifest.State.COMPLETE,
                restorePoint,
                restorePoint,
                restorePoint,
                "test",
                new Ring(CLUSTER, Ring.MURMUR3, List.of()),
                List.of(),
                List.of(),
                List.of(new BackupManifest.Table(
                        TABLE,
                        TABLE_ID,
                        shards,
                        List.of(new BackupManifest.Coverage(TokenRange.FULL, List.of(NODE), List.of())),
                        Optional.of(new BackupManifest.How(parent.isPresent(), "")))),
                plan,
                new BackupManifest.Totals(0, 0, 0, 0, bytes, bytes, 0, 0),
                rebaseOf,
                chain);
    }

    BackupPlan plan(String id) {
        return new BackupPlan(
                BackupPlan.FORMAT,
                id,
                clock.instant(),
                "",
                0,
                new Ring(CLUSTER, Ring.MURMUR3, List.of()),
                List.of(),
                List.of(),
                List.of(),
                new BackupPlan.Limits(1, 1, 1));
    }

    /** Stores the objects of one attempt at a shard, and says what its manifest would be. */
    ShardManifest shard(String id, int number, String attempt, boolean incremental) {
        List<ObjectRef> components = new ArrayList<>();
        for (String name : List.of("Data.db", "Index.db", "TOC.txt")) {
            components.add(
                    object(Keys.component(TABLE, TABLE_ID, id, number, attempt, "nb-" + number + "001-big-" + name)));
        }
        ObjectRef fingerprints = object(Keys.component(TABLE, TABLE_ID, id, number, attempt, "fingerprints.bin"));
        long bytes = components.stream().mapToLong(ObjectRef::sizeBytes).sum();
        return new ShardManifest(
                ShardManifest.FORMAT,
                id,
                number,
                TABLE,
                TABLE_ID,
                List.of(number == 1 ? new TokenRange(Long.MIN_VALUE, 0) : new TokenRange(0, Long.MAX_VALUE)),
                List.of(),
                List.of(new ShardManifest.StoredSSTable("nb-" + number + "001-big", 1, 2, 1, 1, components)),
                List.of(),
                List.of(),
                new ShardManifest.Counts(1, 1, 0, bytes, bytes, bytes, bytes, bytes, bytes, 0, 0, 0, 0, 0),
                Optional.of(new ShardManifest.Layer(incremental, 1, Optional.of(fingerprints), 0, 0, 0)));
    }

    ObjectRef object(String key) {
        byte[] bytes = new byte[20 + random.nextInt(50)];
        random.nextBytes(bytes);
        store.putIfAbsent(key, Body.of(bytes));
        return new ObjectRef(key, bytes.length, Digests.of(bytes));
    }

    void text(String key, String text) {
        store.putIfAbsent(key, Body.of(text.getBytes(StandardCharsets.UTF_8)));
    }

    void document(String key, Record document) {
        store.putIfAbsent(key, Body.of(Documents.toBytes(document)));
    }

    void append(Change change) {
        Repository repository = repository();
        repository.catalogue().append(change, new Author(repository.catalogue().nextEpoch(), "test", clock.instant()));
    }

    void expire(String... ids) {
        for (String id : ids) {
            append(new Change.Expire(id, "test"));
        }
    }

    /** All keys of objects, sorted. */
    TreeSet<String> keys() {
        TreeSet<String> out = new TreeSet<>();
        for (String prefix : List.of("backups/", "data/", "restores/", "runs/", "probe/", "catalog/", "other/")) {
            out.addAll(store.list(prefix));
        }
        return out;
    }

    /** Everything that a backup itself names, its manifest among it. */
    TreeSet<String> named(String id) {
        Repository repository = repository();
        TreeSet<String> out = new TreeSet<>();
        String key = Keys.backupManifest(id);
        BackupManifest manifest =
                repository.find(key, BackupManifest.class).orElseThrow().document();
        out.add(key);
        out.add(manifest.plan().key());
        manifest.chain().map(ObjectRef::key).ifPresent(out::add);
        for (BackupManifest.Table table : manifest.tables()) {
            for (ObjectRef ref : table.shards()) {
                out.add(ref.key());
                ShardManifest shard = repository.load(ref, ShardManifest.class);
                shard.sstables().forEach(sstable -> sstable.components().forEach(one -> out.add(one.key())));
                shard.layer().flatMap(ShardManifest.Layer::fingerprints).ifPresent(one -> out.add(one.key()));
            }
        }
        return out;
    }

    /** One bit of an object is wrong from now on. */
    static void flip(MemoryStore store, String key) {
        byte[] bytes = store.bytes(key).clone();
        bytes[bytes.length / 2] ^= 0x10;
        store.damage(key, bytes);
    }

    /** An id as they are given out. */
    static String id(String time, int number) {
        return time + String.format(Locale.ROOT, "-%04x", number);
    }
}
