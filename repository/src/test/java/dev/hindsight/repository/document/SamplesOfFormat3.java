package dev.hindsight.repository.document;

import dev.hindsight.model.schema.TableName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** What came with format 3, which only the catalogue's entries have. */
final class SamplesOfFormat3 {
    private SamplesOfFormat3() {}

    static List<Record> all() {
        return List.of(protect());
    }

    /** Every kind of document, as it is written now. */
    static List<Record> today() {
        return Stream.concat(
                        SamplesOfFormat2.all().stream().filter(sample -> !(sample instanceof CatalogueEntry)),
                        all().stream())
                .toList();
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
