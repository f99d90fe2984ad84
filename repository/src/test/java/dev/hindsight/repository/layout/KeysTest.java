package dev.hindsight.repository.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.journal.Incarnation;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.store.ObjectKeys;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class KeysTest {
    private static final long SEED = Long.getLong("test.seed", 20261122L);
    private static final String BACKUP = "20261122T134500Z-3f9a";
    private static final UUID ID = UUID.fromString("8f8e2a10-c7b1-11f0-9d6b-0b1d8a7f3c55");

    @Test
    void keysAreAsTheFormatSays() {
        TableName table = new TableName("shop", "Users_2");

        assertThat(Keys.catalogueEntry(42)).isEqualTo("catalog/0000000000000042.json");
        assertThat(Keys.entryNumber("catalog/0000000000000042.json")).hasValue(42);
        assertThat(Keys.entryNumber("catalog/42.json")).isEmpty();
        assertThat(Keys.backupPlan(BACKUP)).isEqualTo("backups/20261122T134500Z-3f9a/plan.json");
        assertThat(Keys.backupManifest(BACKUP)).isEqualTo("backups/20261122T134500Z-3f9a/manifest.json");
        assertThat(Keys.backupOfManifest(Keys.backupManifest(BACKUP))).isEqualTo(BACKUP);
        assertThat(Keys.backupOfManifest(Keys.backupPlan(BACKUP))).isEmpty();
        assertThat(Keys.shardManifest(BACKUP, 7)).isEqualTo("backups/20261122T134500Z-3f9a/shards/000007.json");
        assertThat(Keys.component(table, ID, BACKUP, 7, "a1", "nb-100001-big-Data.db"))
                .isEqualTo("data/shop/Users_2-8f8e2a10c7b111f09d6b0b1d8a7f3c55/20261122T134500Z-3f9a/000007-a1/"
                        + "nb-100001-big-Data.db");
        Incarnation incarnation = new Incarnation(1_763_979_000_123L, 0xdeadbeef);
        assertThat(Keys.capture(ID, incarnation, 7))
                .isEqualTo("captures/8f8e2a10-c7b1-11f0-9d6b-0b1d8a7f3c55/1763979000123-deadbeef/000000000007");
        assertThat(Keys.captureOf(Keys.capture(ID, incarnation, 7))).contains(new Keys.CaptureKey(ID, incarnation, 7));
        assertThat(Keys.captureOf("captures/" + ID + "/1/000000000007")).isEmpty();
        assertThat(Keys.journalEntry(table, ID, 42))
                .isEqualTo("journal/shop/Users_2-8f8e2a10c7b111f09d6b0b1d8a7f3c55/log/000000000042.json");
        assertThat(Keys.journalSegment(table, ID, ID))
                .isEqualTo("journal/shop/Users_2-8f8e2a10c7b111f09d6b0b1d8a7f3c55/segments/"
                        + "8f8e2a10c7b111f09d6b0b1d8a7f3c55");
        assertThat(Keys.restorePlan(BACKUP)).isEqualTo("restores/20261122T134500Z-3f9a/plan.json");
        assertThat(Keys.restoreStep(BACKUP, "shard-7")).isEqualTo("restores/20261122T134500Z-3f9a/steps/shard-7.json");
    }

    @Test
    void hostileNamesGiveSafeKeysThatStayDifferent() {
        Random random = new Random(SEED);
        String alphabet = "aA_=./\\-\"' \u0000\u00e9\u4e2d2e";
        Map<String, String> seen = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            StringBuilder name = new StringBuilder();
            for (int left = 1 + random.nextInt(5); left > 0; left--) {
                name.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            String escaped = Keys.escape(name.toString());

            assertThat(seen.getOrDefault(escaped, name.toString()))
                    .as("seed %d", SEED)
                    .isEqualTo(name.toString());
            seen.put(escaped, name.toString());
            String key = Keys.attempt(new TableName(name.toString(), "t"), ID, BACKUP, 0, "x") + "f";
            assertThat(ObjectKeys.isValid(key)).as(key).isTrue();
            assertThat(ObjectKeys.isValid(Keys.restoreStep(BACKUP, name.toString())))
                    .isTrue();
        }
        assertThat(Keys.escape("../x")).isEqualTo("=2e=2e=2fx");
        assertThat(Keys.escape("\u00e9")).isEqualTo("=c3=a9");
        assertThat(Keys.restoreStep(BACKUP, "../x")).endsWith("/steps/=2e.=2fx.json");
    }

    @Test
    void idsThatComeFromPeopleCannotLeadElsewhere() {
        for (String id : List.of("", "..", "../x", "a/b", "latest\n", "-x", "x".repeat(65), "\u00e9")) {
            assertThatThrownBy(() -> Keys.backupManifest(id)).as(id).isInstanceOf(UsageException.class);
            assertThatThrownBy(() -> Keys.restorePlan(id)).as(id).isInstanceOf(UsageException.class);
        }
        assertThatThrownBy(() -> Keys.attempt(new TableName("k", "t"), ID, BACKUP, 0, "../x"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Keys.catalogueEntry(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Keys.shardManifest(BACKUP, -1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void backupIdsHoldTheSecondInUtcAndSort() {
        Clock clock = Clock.fixed(Instant.parse("2026-11-22T13:45:00.999Z"), ZoneOffset.ofHours(5));
        BackupIds ids = new BackupIds(clock, new Random(SEED));

        assertThat(ids.next()).matches("20261122T134500Z-[0-9a-f]{4}").isNotEqualTo(ids.next());
        assertThat(new BackupIds(clock, new Random(1)).next()).isEqualTo(new BackupIds(clock, new Random(1)).next());
        assertThat(BackupIds.require(ids.next())).startsWith("20261122T134500Z-");
    }
}
