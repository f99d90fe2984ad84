package dev.hindsight.repository.document;

import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.digest.Digests;
import dev.hindsight.repository.layout.Keys;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** What came with format 3 of catalogue entries and plans of restores, format 2 of journal entries, and since then. */
final class SamplesOfFormat3 {
    private SamplesOfFormat3() {}

    static List<Record> all() {
        return List.of(protect(), restorePlan(), journalEntry(), backupPlan(), journalFloor(), captureFloors());
    }

    /** A second plan: what the half of the shard was to be compared with is damaged. */
    static BackupPlan backupPlan() {
        BackupPlan p = SamplesOfFormat2.backupPlan();
        BackupPlan.Shard shard = p.shards().get(0);
        StoredLayer layer = shard.onto().orElseThrow().get(0);
        return new BackupPlan(
                p.format(),
                p.id(),
                p.createdAt(),
                p.snapshotTag(),
                p.nowEpochSeconds(),
                p.ring(),
                p.schema(),
                p.sources(),
                List.of(
                        new BackupPlan.Shard(
                                shard.number(),
                                shard.table(),
                                shard.tableId(),
                                shard.ranges().subList(0, 1),
                                shard.slices(),
                                List.of(),
                                shard.gcBeforeEpochSeconds(),
                                shard.estimatedInputBytes(),
                                shard.onto()),
                        new BackupPlan.Shard(
                                shard.number() + 2,
                                shard.table(),
                                shard.tableId(),
                                shard.ranges().subList(1, 2),
                                List.of(),
                                shard.missing(),
                                shard.gcBeforeEpochSeconds(),
                                shard.estimatedInputBytes(),
                                Optional.empty())),
                p.limits(),
                p.parent(),
                p.rebaseOf(),
                p.nodes(),
                Optional.of(List.of(new BackupPlan.DamagedLayer(
                        layer.shard().key().replace("000000", "000001"),
                        "object data/shop/users-8f8e2a10c7b111f09d6b0b1d8a7f3c55/20261121T134500Z-51c2/000001-1f0e9b6c/"
                                + "oa-1001-big-Data.db is missing",
                        List.of(shard.number() + 2)))));
    }

    static RestorePlan restorePlan() {
        RestorePlan p = SamplesOfFormat2.restorePlan();
        RestorePlan.Table table = p.tables().get(0);
        RestorePlan.Schema schema = new RestorePlan.Schema(
                List.of("CREATE TYPE shop.address (street text)"),
                "CREATE TABLE shop.users (id int PRIMARY KEY, a address);");
        ObjectRef segment = new ObjectRef(
                "journal/shop/users-5a1c3b40c7b111f09d0e0e2a3d5b7c11/segments/000000000001-9b6c1f0e",
                70312,
                p.manifest().digest());
        return new RestorePlan(
                3,
                p.id(),
                p.createdAt(),
                p.manifest(),
                p.ttl(),
                p.nowEpochSeconds(),
                p.target(),
                p.agents(),
                p.exportDirectory(),
                List.of(new RestorePlan.Table(
                        table.source(),
                        table.sourceId(),
                        table.target(),
                        table.targetId(),
                        table.types(),
                        table.ddl(),
                        Optional.of(new RestorePlan.Journal(
                                List.of(new RestorePlan.Segment(
                                        segment, 0, 1, 431, -9142330982034522112L, 9201177312005441999L)),
                                List.of(schema),
                                0,
                                1,
                                377,
                                false)))),
                p.shards(),
                p.limits(),
                Optional.of(Instant.parse("2026-11-22T10:42:07Z")));
    }

    static JournalFloor journalFloor() {
        return new JournalFloor(
                1,
                1,
                Instant.parse("2025-12-01T03:00:00Z"),
                "collect@host-a/4711",
                SampleDocuments.USERS,
                SampleDocuments.USERS_ID,
                131);
    }

    static CaptureFloors captureFloors() {
        return new CaptureFloors(
                1,
                1,
                Instant.parse("2025-12-01T03:00:00Z"),
                "collect@host-a/4711",
                List.of(new CaptureFloors.Stream(
                        UUID.fromString("0c0a2f6e-6a7c-4a57-8f43-5ad1c1c6b001"), "1763979000123-1d8a7f3c", 86400)));
    }

    static JournalEntry journalEntry() {
        JournalEntry first = SamplesOfFormat2.journalEntry();
        JournalEntry.Segment merged = first.segments().get(0);
        JournalEntry.Event event = first.events().get(0);
        List<JournalEntry.Event> events = List.of(new JournalEntry.Event(
                event.kind(),
                event.atMicros(),
                event.afterNumber(),
                event.hostId(),
                Optional.of(new JournalEntry.UpTo(1_763_978_990_001L, 4711))));
        JournalEntry.Owners owners =
                new JournalEntry.Owners(Digests.of(new byte[] {1}), 1_763_980_860_987_654L, 100_000);
        JournalEntry.Whole late = first.whole().get(0);
        return new JournalEntry(
                2,
                131,
                SamplesOfFormat2.claim().previous(),
                Instant.parse("2025-11-24T10:41:07Z"),
                "host-a/4711",
                first.table(),
                first.tableId(),
                first.watermarkMicros() + 1_860_000_000,
                first.lastNumber(),
                first.truncatedMicros(),
                first.schemas(),
                first.definitions(),
                first.segments(),
                first.consumed(),
                first.whole(),
                first.gaps(),
                events,
                Optional.of(104_000L),
                Optional.of(owners),
                Optional.empty(),
                Optional.of(67L),
                Optional.of(new JournalEntry.Upkeep(
                        List.of(merged.object().key().replace("5f6d0d3e", "7b1d9c02")), 0, Optional.empty())),
                Optional.of(new JournalState(
                        0,
                        Optional.empty(),
                        first.segments(),
                        List.of(
                                late,
                                new JournalEntry.Whole(
                                        late.hostId(),
                                        late.toMicros() + 60_000_000,
                                        late.toMicros() + 200_000_000,
                                        Optional.of(late.toMicros() + 190_000_000))),
                        first.gaps(),
                        events,
                        List.of(new JournalState.OwnersSeen(owners.digest(), late.toMicros(), owners.seenMicros())),
                        List.of(new JournalState.Off(first.watermarkMicros(), 500_000)),
                        Optional.of(List.of(completion(1, 40, List.of()))))),
                Optional.of(completion(
                        41,
                        first.lastNumber(),
                        List.of(new Completion.Part(
                                new ObjectRef(
                                        Keys.beforeValues(
                                                first.table(),
                                                first.tableId(),
                                                UUID.fromString("9c1d0d3e-3c0e-4d0c-9a52-2d8f6f0b7a11")),
                                        65_536,
                                        Digests.of(new byte[] {3})),
                                17,
                                -5,
                                4_711_000_000_000L)))));
    }

    private static Completion completion(long first, long last, List<Completion.Part> objects) {
        return new Completion(first, last, "20251124T100000Z-1d8a7f3c", objects);
    }

    static CatalogueEntry protect() {
        CatalogueEntry before = SamplesOfFormat2.claim();
        return new CatalogueEntry(
                3,
                9,
                before.previous(),
                Optional.empty(),
                4,
                "protect@host-a/4711",
                Instant.parse("2026-11-23T02:40:00Z"),
                CatalogueEntry.Action.PROTECT,
                "",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of("orders must come back to any second"),
                Optional.of(new CatalogueEntry.Protection(
                        "prod",
                        new TableName("shop", "orders"),
                        UUID.fromString("5a1c3b40-c7b1-11f0-9d0e-0e2a3d5b7c11"))));
    }
}
