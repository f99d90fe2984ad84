package dev.hindsight.repository.document;

import dev.hindsight.model.ring.Node;
import dev.hindsight.model.ring.Ring;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.SchemaElement;
import dev.hindsight.model.schema.TableFacts;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.digest.Digests;
import dev.hindsight.repository.document.BackupManifest.Coverage;
import dev.hindsight.repository.document.BackupManifest.Missing;
import dev.hindsight.repository.document.BackupManifest.NodeSnapshot;
import dev.hindsight.repository.document.BackupManifest.Totals;
import dev.hindsight.repository.layout.Keys;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** One small, believable document of every kind: the golden files and the examples of FORMAT.md are these. */
public final class SampleDocuments {
    public static final String BACKUP = "20261122T134500Z-3f9a";
    public static final String RESTORE = "20261123T080000Z-77b0";
    public static final TableName USERS = new TableName("shop", "users");
    public static final UUID USERS_ID = UUID.fromString("8f8e2a10-c7b1-11f0-9d6b-0b1d8a7f3c55");

    private static final UUID NODE_1 = UUID.fromString("0c0a2f6e-6a7c-4a57-8f43-5ad1c1c6b001");
    private static final UUID NODE_2 = UUID.fromString("0c0a2f6e-6a7c-4a57-8f43-5ad1c1c6b002");
    private static final Instant SNAPSHOT = Instant.parse("2026-11-22T13:45:03.250Z");
    private static final TokenRange LOW = new TokenRange(Long.MIN_VALUE, -3074457345618258603L);
    private static final TokenRange HIGH = new TokenRange(-3074457345618258603L, Long.MAX_VALUE);

    private SampleDocuments() {}

    public static List<Record> all() {
        return List.of(repository(), catalogueEntry(), backupPlan(), manifest(), shard(), restorePlan(), restoreStep());
    }

    public static RepositoryInfo repository() {
        return new RepositoryInfo(
                1, "5f6d0d3e-3c0e-4d0c-9a52-2d8f6f0b7a11", Instant.parse("2026-11-22T13:40:00Z"), "hindsight 0.1.0");
    }

    public static CatalogueEntry catalogueEntry() {
        return new CatalogueEntry(
                1,
                1,
                "none",
                Optional.empty(),
                1,
                "backup " + BACKUP + " on host-a, process 4711",
                Instant.parse("2026-11-22T13:52:10Z"),
                CatalogueEntry.Action.PUBLISH,
                BACKUP,
                Optional.of(ref(Keys.backupManifest(BACKUP), 5120)));
    }

    public static BackupPlan backupPlan() {
        return new BackupPlan(
                1,
                BACKUP,
                Instant.parse("2026-11-22T13:45:04Z"),
                "hindsight-" + BACKUP,
                1795355103L,
                ring(),
                schema(),
                List.of(new BackupPlan.Source(
                        NODE_1,
                        "127.0.0.1:7180",
                        SNAPSHOT,
                        List.of(new BackupPlan.SourceTable(
                                USERS,
                                USERS_ID,
                                "users-8f8e2a10c7b111f09d6b0b1d8a7f3c55",
                                List.of(new BackupPlan.SourceSSTable(
                                        0,
                                        "nb-7-big",
                                        List.of(
                                                new BackupPlan.SourceComponent(
                                                        "nb-7-big-Data.db", 73728, "crc32:0badcafe"),
                                                new BackupPlan.SourceComponent("nb-7-big-Index.db", 2048, "")))))))),
                List.of(new BackupPlan.Shard(
                        0,
                        USERS,
                        USERS_ID,
                        List.of(LOW, HIGH),
                        List.of(new BackupPlan.Slice(NODE_1, List.of(LOW))),
                        List.of(new BackupPlan.MissingReplica(NODE_2, List.of(HIGH), "no agent answers")),
                        1794491103L,
                        73728)),
                new BackupPlan.Limits(1L << 30, 256L << 20, 4));
    }

    public static BackupManifest manifest() {
        return new BackupManifest(
                1,
                BACKUP,
                BackupManifest.Kind.FULL,
                Optional.empty(),
                BackupManifest.State.PARTIAL,
                Instant.parse("2026-11-22T13:45:00Z"),
                Instant.parse("2026-11-22T13:52:09Z"),
                SNAPSHOT,
                "hindsight 0.1.0",
                ring(),
                List.of(
                        new NodeSnapshot(NODE_1, "127.0.0.1:9042", Optional.of(SNAPSHOT), ""),
                        new NodeSnapshot(NODE_2, "127.0.0.2:9042", Optional.empty(), "no agent answers")),
                schema(),
                List.of(new BackupManifest.Table(
                        USERS, USERS_ID, List.of(ref(Keys.shardManifest(BACKUP, 0), 2900)), coverage())),
                ref(Keys.backupPlan(BACKUP), 4100),
                new Totals(221184, 147456, 152000, 147456, 75900, 73728, 1000, 2500));
    }

    public static BackupManifest finishedAt(BackupManifest m, Instant finishedAt) {
        return new BackupManifest(
                m.format(),
                m.id(),
                m.kind(),
                m.parent(),
                m.state(),
                m.startedAt(),
                finishedAt,
                m.restorePoint(),
                m.createdBy(),
                m.ring(),
                m.snapshots(),
                m.schema(),
                m.tables(),
                m.plan(),
                m.totals());
    }

    public static BackupManifest withId(BackupManifest m, String id) {
        return new BackupManifest(
                m.format(),
                id,
                m.kind(),
                m.parent(),
                m.state(),
                m.startedAt(),
                m.finishedAt(),
                m.restorePoint(),
                m.createdBy(),
                m.ring(),
                m.snapshots(),
                m.schema(),
                m.tables(),
                m.plan(),
                m.totals());
    }

    public static BackupManifest withParent(BackupManifest m, String parent) {
        return new BackupManifest(
                m.format(),
                m.id(),
                BackupManifest.Kind.INCREMENTAL,
                Optional.of(parent),
                m.state(),
                m.startedAt(),
                m.finishedAt(),
                m.restorePoint(),
                m.createdBy(),
                m.ring(),
                m.snapshots(),
                m.schema(),
                m.tables(),
                m.plan(),
                m.totals());
    }

    public static ShardManifest shard() {
        String attempt = Keys.attempt(USERS, USERS_ID, BACKUP, 0, "a1b2c3d4");
        return new ShardManifest(
                1,
                BACKUP,
                0,
                USERS,
                USERS_ID,
                List.of(LOW, HIGH),
                coverage(),
                List.of(new ShardManifest.StoredSSTable(
                        "nb-100001-big",
                        -9223372036854775807L,
                        9223372036854775807L,
                        1000,
                        2500,
                        List.of(
                                ref(attempt + "nb-100001-big-Data.db", 73728),
                                ref(attempt + "nb-100001-big-TOC.txt", 92)))),
                List.of(new ShardManifest.Damaged(NODE_1, "nb-3-big", "Data.db: chunk at 65536 fails its checksum")),
                List.of(new ShardManifest.ExpiryBucket(1795441503L, 1795445103L, 12)),
                new ShardManifest.Counts(
                        1000, 2500, 3, 147456, 152000, 147456, 410000, 75900, 73728, 160000, 1, 2, 3, 4));
    }

    public static RestorePlan restorePlan() {
        return new RestorePlan(
                1,
                RESTORE,
                Instant.parse("2026-11-23T08:00:00Z"),
                ref(Keys.backupManifest(BACKUP), 5120),
                "keep",
                1795420800L,
                ring(),
                List.of(new RestorePlan.TargetAgent(NODE_1, "127.0.0.1:7180")),
                "",
                List.of(new RestorePlan.Table(
                        USERS,
                        USERS_ID,
                        new TableName("shop2", "users"),
                        UUID.fromString("aa8e2a10-c7b1-11f0-9d6b-0b1d8a7f3c55"),
                        List.of("CREATE TYPE \"shop2\".\"address\" (\n    \"city\" text\n);\n"),
                        "CREATE TABLE \"shop2\".\"users\" (id int PRIMARY KEY, name text);\n")),
                List.of(new RestorePlan.Shard(0, USERS, List.of(LOW, HIGH), List.of(NODE_1), List.of(0), 75900)),
                new BackupPlan.Limits(1L << 30, 256L << 20, 4));
    }

    public static RestoreStep restoreStep() {
        return new RestoreStep(
                1,
                RESTORE,
                "shard-0",
                Instant.parse("2026-11-23T08:01:30Z"),
                List.of(NODE_1),
                List.of(new RestoreStep.File(
                        "nb-1-big-Data.db", 73728, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")),
                2500);
    }

    /** A whole document of a format that this version does not know. */
    public static byte[] newerFormat() {
        return Seal.seal("{\n  \"format\" : 9,\n  \"boundary\" : true\n}".getBytes(StandardCharsets.UTF_8));
    }

    private static Ring ring() {
        return new Ring("prod", Ring.MURMUR3, List.of(node(NODE_1, 1), node(NODE_2, 2)));
    }

    private static Node node(UUID id, int number) {
        long token = -9223372036854775807L + number * 3074457345618258602L;
        return new Node(id, "127.0.0." + number + ":9042", "dc1", "rack1", List.of(token), "5.0.9", number == 1);
    }

    private static List<KeyspaceSchema> schema() {
        return List.of(new KeyspaceSchema(
                "shop",
                Map.of("class", "SimpleStrategy", "replication_factor", "2"),
                true,
                List.of(
                        new SchemaElement(
                                SchemaElement.Kind.TYPE,
                                "address",
                                "",
                                "CREATE TYPE \"shop\".\"address\" (\n    \"city\" text\n);\n"),
                        new SchemaElement(
                                SchemaElement.Kind.TABLE,
                                "users",
                                "",
                                "CREATE TABLE \"shop\".\"users\" (id int PRIMARY KEY, name text) WITH ID = " + USERS_ID
                                        + "\n    AND comment = 'caf\u00e9 \\o/';\n")),
                List.of(new TableFacts(USERS, USERS_ID, 864000, false, false))));
    }

    private static List<Coverage> coverage() {
        return List.of(
                new Coverage(LOW, List.of(NODE_1, NODE_2), List.of()),
                new Coverage(HIGH, List.of(NODE_1), List.of(new Missing(NODE_2, "no agent answers"))));
    }

    private static ObjectRef ref(String key, long sizeBytes) {
        return new ObjectRef(key, sizeBytes, Digests.of(key.getBytes(StandardCharsets.UTF_8)));
    }
}
