package dev.hindsight.repository.document;

import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.repository.digest.Digests;
import dev.hindsight.repository.layout.Keys;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * One small, believable document of every kind as format 2 was first written, by an incremental backup and a restore of it.
 */
final class SamplesOfFormat2 {
    private static final String PARENT = "20261121T134500Z-51c2";
    private static final UUID NODE = UUID.fromString("0c0a2f6e-6a7c-4a57-8f43-5ad1c1c6b001");
    private static final TokenRange LOW = new TokenRange(Long.MIN_VALUE, -3074457345618258603L);
    private static final TokenRange HIGH = new TokenRange(-3074457345618258603L, Long.MAX_VALUE);

    private SamplesOfFormat2() {}

    static List<Record> all() {
        return List.of(
                SampleDocuments.repository(),
                claim(),
                heartbeat(),
                backupPlan(),
                manifest(),
                shard(),
                chainState(),
                restorePlan(),
                SampleDocuments.restoreStep(),
                journalEntry());
    }

    static JournalEntry journalEntry() {
        long micros = 1_763_979_000_000_000L;
        String zeros = "sha256:" + "0".repeat(64);
        return new JournalEntry(
                1,
                1,
                JournalEntry.NO_PREVIOUS,
                Instant.parse("2025-11-24T10:10:02Z"),
                "host-a/4711",
                SampleDocuments.USERS,
                SampleDocuments.USERS_ID,
                micros + 1_000_000,
                2,
                Optional.of(micros + 150_500),
                List.of(new JournalEntry.SchemaVersion(1, 0, 1)),
                List.of(new JournalEntry.Definition(
                        1,
                        List.of("CREATE TYPE shop.address (\n    city text\n);\n"),
                        "CREATE TABLE shop.users (id int PRIMARY KEY, name text) WITH ID = " + SampleDocuments.USERS_ID
                                + ";\n",
                        List.of())),
                List.of(new JournalEntry.Segment(
                        new ObjectRef(
                                Keys.journalSegment(
                                        SampleDocuments.USERS,
                                        SampleDocuments.USERS_ID,
                                        UUID.fromString("5f6d0d3e-3c0e-4d0c-9a52-2d8f6f0b7a11")),
                                612,
                                Digests.of(new byte[0])),
                        1,
                        2,
                        44,
                        1,
                        2,
                        micros + 150_000,
                        micros + 151_000,
                        -5,
                        4_711_000_000_000L)),
                List.of(new JournalEntry.Consumed(
                        NODE, "1763979000123-1d8a7f3c", 0, 6, zeros, micros + 1_000_000, Optional.empty(), 1)),
                List.of(new JournalEntry.Whole(NODE, micros + 100_000, micros + 1_000_000)),
                List.of(new JournalEntry.Gap(
                        NODE,
                        micros - 500_000,
                        micros + 100_000,
                        "the node was killed: what it had not synced is lost")),
                List.of(new JournalEntry.Event(JournalEntry.EventKind.TRUNCATE, micros + 150_500, 1, NODE)),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    static CatalogueEntry claim() {
        return new CatalogueEntry(
                2,
                3,
                "sha256:d3486ae9136e7856bc42212385ea797094475802a2b2a1a8a0a7b8b3ad0c5a2e",
                Optional.empty(),
                2,
                SampleDocuments.BACKUP + "@host-a/4711#9b6c1f0e2d3a4b58",
                Instant.parse("2026-11-22T13:45:00Z"),
                CatalogueEntry.Action.CLAIM,
                "",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(new CatalogueEntry.Claim(
                        "backup prod",
                        SampleDocuments.BACKUP,
                        "backup",
                        List.of(PARENT),
                        "host-a",
                        "f2f4a0f6-6c1d-4c8e-9d0e-0e2a3d5b7c11/4026531836",
                        4711,
                        1795350000000L)),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    static Heartbeat heartbeat() {
        return new Heartbeat(Heartbeat.FORMAT, 3, 13, Instant.parse("2026-11-22T13:46:05Z"), "shards", 427);
    }

    static BackupPlan backupPlan() {
        BackupPlan p = SampleDocuments.backupPlan();
        BackupPlan.Source source = p.sources().get(0);
        BackupPlan.SourceTable table = source.tables().get(0);
        BackupPlan.SourceSSTable sstable = table.sstables().get(0);
        BackupPlan.Shard shard = p.shards().get(0);
        return new BackupPlan(
                BackupPlan.FORMAT,
                p.id(),
                p.createdAt(),
                p.snapshotTag(),
                p.nowEpochSeconds(),
                p.ring(),
                p.schema(),
                List.of(new BackupPlan.Source(
                        source.hostId(),
                        source.agent(),
                        source.snapshotAt(),
                        List.of(new BackupPlan.SourceTable(
                                table.table(),
                                table.tableId(),
                                table.directory(),
                                List.of(new BackupPlan.SourceSSTable(
                                        sstable.dataDirectory(),
                                        sstable.descriptor(),
                                        sstable.components(),
                                        Optional.of(List.of(HIGH)))))))),
                List.of(new BackupPlan.Shard(
                        shard.number(),
                        shard.table(),
                        shard.tableId(),
                        shard.ranges(),
                        shard.slices(),
                        shard.missing(),
                        shard.gcBeforeEpochSeconds(),
                        shard.estimatedInputBytes(),
                        Optional.of(List.of(layer())))),
                p.limits(),
                Optional.of(PARENT),
                Optional.empty(),
                Optional.of(List.of(new BackupPlan.NodeState(
                        source.hostId(),
                        Optional.of(source.snapshotAt()),
                        "",
                        Optional.of(List.of(
                                new BackupPlan.Truncation(table.tableId(), "0000019a2b3c4d5e7fffffffffffffff"))),
                        Optional.of(List.of(
                                new BackupPlan.Truncation(table.tableId(), "0000019a2b3c4d5e7fffffffffffffff")))))),
                Optional.empty());
    }

    static BackupManifest manifest() {
        BackupManifest m = SampleDocuments.manifest();
        BackupManifest.Table table = m.tables().get(0);
        return new BackupManifest(
                BackupManifest.FORMAT,
                m.id(),
                BackupManifest.Kind.INCREMENTAL,
                Optional.of(PARENT),
                m.state(),
                m.startedAt(),
                m.finishedAt(),
                m.restorePoint(),
                m.createdBy(),
                m.ring(),
                m.snapshots(),
                m.schema(),
                List.of(new BackupManifest.Table(
                        table.name(),
                        table.tableId(),
                        table.shards(),
                        table.coverage(),
                        Optional.of(new BackupManifest.How(true, "1 of 2 SSTables is new")))),
                m.plan(),
                m.totals(),
                Optional.empty(),
                Optional.of(ref(Keys.chainState(m.id()), 2100)));
    }

    static ShardManifest shard() {
        ShardManifest s = SampleDocuments.shard();
        return new ShardManifest(
                ShardManifest.FORMAT,
                s.backup(),
                s.number(),
                s.table(),
                s.tableId(),
                s.ranges(),
                s.coverage(),
                s.sstables(),
                s.damaged(),
                s.expiry(),
                s.counts(),
                Optional.of(new ShardManifest.Layer(
                        true,
                        1795355103000000L,
                        Optional.of(ref(
                                Keys.attempt(s.table(), s.tableId(), s.backup(), 0, "a1b2c3d4") + "fingerprints.bin",
                                4096)),
                        40960,
                        940,
                        61)));
    }

    static ChainState chainState() {
        return new ChainState(
                ChainState.FORMAT,
                SampleDocuments.BACKUP,
                List.of(new ChainState.Table(
                        SampleDocuments.USERS,
                        SampleDocuments.USERS_ID,
                        Instant.parse("2026-11-21T13:45:02Z"),
                        864000,
                        List.of(new ChainState.Host(
                                NODE,
                                "0000019aabcdef01000000000000002a",
                                List.of(new ChainState.Read(Instant.parse("2026-11-22T13:45:03.250Z"), List.of(LOW))),
                                List.of(HIGH),
                                List.of(new ChainState.RangeSet(List.of(LOW))),
                                List.of(new ChainState.SSTable("nb-7-big", "crc32:0badcafe/73728", 0)))))));
    }

    static RestorePlan restorePlan() {
        RestorePlan p = SampleDocuments.restorePlan();
        RestorePlan.Shard shard = p.shards().get(0);
        return new RestorePlan(
                2,
                p.id(),
                p.createdAt(),
                p.manifest(),
                p.ttl(),
                p.nowEpochSeconds(),
                p.target(),
                p.agents(),
                p.exportDirectory(),
                p.tables(),
                List.of(new RestorePlan.Shard(
                        shard.number(),
                        shard.source(),
                        shard.ranges(),
                        shard.nodes(),
                        List.of(),
                        shard.estimatedBytes(),
                        Optional.of(List.of(layer())))),
                p.limits());
    }

    private static StoredLayer layer() {
        return new StoredLayer(ref(Keys.shardManifest(PARENT, 0), 2900), List.of(LOW, HIGH));
    }

    private static ObjectRef ref(String key, long sizeBytes) {
        return new ObjectRef(key, sizeBytes, Digests.of(key.getBytes(StandardCharsets.UTF_8)));
    }
}
