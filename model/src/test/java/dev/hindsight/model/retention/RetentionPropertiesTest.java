package dev.hindsight.model.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.schema.TableName;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Laws that hold for any backups and any policy; each case can be run again by its seed. */
class RetentionPropertiesTest {
    private static final long SEED = Long.getLong("test.seed", 20261122L);
    private static final int CASES = 3000;
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final List<TableName> TABLES = List.of(Backups.ORDERS, Backups.USERS, Backups.LOG);

    private record Case(
            long seed, List<LiveBackup> backups, RetentionPolicy policy, Set<TableName> reallyLast, Instant now) {
        RetentionDecision decide() {
            return Retention.byPolicy(backups, RetentionRules.of(policy), reallyLast, now);
        }

        Optional<LiveBackup> find(String id) {
            return backups.stream().filter(one -> one.id().equals(id)).findFirst();
        }
    }

    @Test
    void nothingThatStaysNeedsWhatGoes() {
        forAll(one -> {
            RetentionDecision decision = one.decide();
            Set<String> going = decision.going();
            assertThat(decision.stays().size() + decision.goes().size())
                    .isEqualTo(one.backups().size());
            List<String> gone = new ArrayList<>();
            for (RetentionDecision.Go go : decision.goes()) {
                for (LiveBackup other : one.backups()) {
                    if (other.parent().filter(go.id()::equals).isPresent()) {
                        assertThat(going).contains(other.id());
                        assertThat(gone).describedAs("order").contains(other.id());
                    }
                }
                gone.add(go.id());
            }
        });
    }

    @Test
    void whatIsHeldOrInUseOrUnreadableStays() {
        forAll(one -> {
            Set<String> going = one.decide().going();
            one.backups().stream()
                    .filter(backup -> backup.held() || backup.pinned() || !backup.readable())
                    .forEach(backup -> assertThat(going).doesNotContain(backup.id()));
        });
    }

    @Test
    void theNewestWholePointsUpToTheMinimumStayRestorable() {
        forAll(one -> {
            Set<String> going = one.decide().going();
            for (TableName table : TABLES) {
                if (one.reallyLast().contains(table)) {
                    continue;
                }
                List<String> points = one.backups().stream()
                        .filter(backup -> whole(backup, table))
                        .sorted(Comparator.comparing(LiveBackup::restorePoint)
                                .thenComparing(LiveBackup::id)
                                .reversed())
                        .map(backup -> rootOf(one, backup))
                        .distinct()
                        .toList();
                int least = Math.max(1, one.policy().min());
                Set<String> kept = one.backups().stream()
                        .filter(backup -> !going.contains(backup.id()) && whole(backup, table))
                        .map(backup -> rootOf(one, backup))
                        .collect(Collectors.toSet());
                assertThat(kept)
                        .describedAs("points of %s that stay", table)
                        .hasSizeGreaterThanOrEqualTo(Math.min(least, points.size()));
                points.stream()
                        .limit(one.policy().min())
                        .forEach(point -> assertThat(kept).contains(point));
            }
        });
    }

    @Test
    void everyDayOfTheSpanThatHadAWholePointStillHasOne() {
        forAll(one -> {
            Set<String> going = one.decide().going();
            Instant newest = one.backups().stream()
                    .filter(LiveBackup::readable)
                    .map(LiveBackup::restorePoint)
                    .max(Comparator.naturalOrder())
                    .orElse(one.now());
            Instant until = newest.isBefore(one.now()) ? newest : one.now();
            Instant since = until.minus(Duration.ofDays(one.policy().keep().days()));
            for (LiveBackup backup : one.backups()) {
                for (TableName table : TABLES) {
                    if (whole(backup, table)
                            && backup.restorePoint().isAfter(since)
                            && one.policy().keep().days() > 0) {
                        assertThat(one.backups().stream()
                                        .filter(other -> !going.contains(other.id()) && whole(other, table))
                                        .map(other -> day(other.restorePoint())))
                                .contains(day(backup.restorePoint()));
                    }
                }
            }
        });
    }

    @Test
    void decidingAgainAfterwardsTakesNothingMore() {
        forAll(one -> {
            RetentionDecision first = one.decide();
            Set<String> going = first.going();
            Case left = new Case(
                    one.seed(),
                    one.backups().stream()
                            .filter(backup -> !going.contains(backup.id()))
                            .toList(),
                    one.policy(),
                    one.reallyLast(),
                    one.now());
            assertThat(left.decide().goes()).isEmpty();
        });
    }

    @Test
    void aClockThatIsAheadTakesNothingMore() {
        forAll(one -> {
            Instant newest = one.backups().stream()
                    .filter(LiveBackup::readable)
                    .map(LiveBackup::restorePoint)
                    .max(Comparator.naturalOrder())
                    .orElse(one.now());
            Case right = new Case(one.seed(), one.backups(), one.policy(), one.reallyLast(), newest);
            Case ahead = new Case(
                    one.seed(), one.backups(), one.policy(), one.reallyLast(), newest.plus(Duration.ofHours(48)));
            assertThat(ahead.decide()).isEqualTo(right.decide());
        });
    }

    @Test
    void orderOfTheBackupsDoesNotMatter() {
        forAll(one -> {
            List<LiveBackup> shuffled = new ArrayList<>(one.backups());
            java.util.Collections.shuffle(shuffled, new Random(one.seed()));
            Case other = new Case(one.seed(), shuffled, one.policy(), one.reallyLast(), one.now());
            assertThat(other.decide().going()).isEqualTo(one.decide().going());
            assertThat(other.decide().rebases()).isEqualTo(one.decide().rebases());
        });
    }

    @Test
    void whatARebaseIsToFreeGoesOnceItIsMade() {
        int[] seen = {0};
        forAll(one -> {
            for (RetentionDecision.Rebase rebase : one.decide().rebases()) {
                seen[0]++;
                LiveBackup source = one.find(rebase.id()).orElseThrow();
                List<LiveBackup> after = new ArrayList<>();
                one.backups().stream()
                        .map(backup ->
                                backup.parent().filter(rebase.id()::equals).isPresent()
                                        ? Backups.reparented(backup, "zz-rebased")
                                        : backup)
                        .forEach(after::add);
                after.add(new LiveBackup(
                        "zz-rebased",
                        source.cluster(),
                        source.restorePoint(),
                        Optional.empty(),
                        Optional.of(source.id()),
                        source.tables(),
                        true,
                        false,
                        false,
                        rebase.storedBytes(),
                        OptionalLong.empty()));
                Case made = new Case(one.seed(), after, one.policy(), one.reallyLast(), one.now());
                assertThat(made.decide().going()).containsAll(rebase.frees());
            }
        });
        assertThat(seen[0]).isGreaterThan(20);
    }

    @Test
    void ofNamedBackupsOnlyThoseGo() {
        forAll(one -> {
            Random random = new Random(one.seed());
            Set<String> named = one.backups().stream()
                    .map(LiveBackup::id)
                    .filter(id -> random.nextInt(3) == 0)
                    .collect(Collectors.toSet());
            RetentionDecision decision = Retention.named(one.backups(), named, one.reallyLast());
            assertThat(named).containsAll(decision.going());
            for (TableName table : TABLES) {
                boolean had = one.backups().stream().anyMatch(backup -> whole(backup, table));
                boolean has = one.backups().stream()
                        .anyMatch(backup -> !decision.going().contains(backup.id()) && whole(backup, table));
                assertThat(has || !had || one.reallyLast().contains(table)).isTrue();
            }
        });
    }

    private static String day(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC).toLocalDate().toString();
    }

    private static boolean whole(LiveBackup backup, TableName table) {
        return backup.tables().stream().anyMatch(part -> part.name().equals(table) && part.restorable());
    }

    private static String rootOf(Case one, LiveBackup backup) {
        String root = backup.id();
        Optional<String> next = backup.rebaseOf();
        while (next.isPresent()) {
            root = next.get();
            next = one.find(root).flatMap(LiveBackup::rebaseOf);
        }
        return root;
    }

    private interface Law {
        void check(Case one);
    }

    private static void forAll(Law law) {
        for (int i = 0; i < CASES; i++) {
            long seed = SEED + i;
            Case one = random(seed);
            try {
                law.check(one);
            } catch (AssertionError e) {
                throw new AssertionError("-Dtest.seed=" + seed + "\n" + one + "\n" + one.decide(), e);
            }
        }
    }

    private static Case random(long seed) {
        Random random = new Random(seed);
        List<LiveBackup> backups = new ArrayList<>();
        Instant at = START;
        int count = random.nextInt(14);
        for (int i = 0; i < count; i++) {
            at = at.plus(random.nextInt(10) == 0 ? -random.nextInt(100) : random.nextInt(70), ChronoUnit.HOURS);
            backups.add(backup(random, String.format(java.util.Locale.ROOT, "b%02d", i), at, backups));
        }
        RetentionPolicy policy = new RetentionPolicy(
                new Keep(Duration.ofHours(random.nextInt(60)), random.nextInt(8), random.nextInt(5), random.nextInt(3)),
                random.nextInt(4));
        Set<TableName> last = new HashSet<>();
        TABLES.stream().filter(table -> random.nextInt(6) == 0).forEach(last::add);
        Instant now = at.plus(random.nextInt(200) - 100, ChronoUnit.HOURS);
        return new Case(seed, List.copyOf(backups), policy, Set.copyOf(last), now);
    }

    private static LiveBackup backup(Random random, String id, Instant at, List<LiveBackup> before) {
        LiveBackup other = before.isEmpty() ? null : before.get(random.nextInt(before.size()));
        int kind = other == null ? 0 : random.nextInt(6);
        boolean rebase = kind == 1 && other != null && other.readable();
        List<LiveBackup.Part> parts = new ArrayList<>();
        for (TableName table : TABLES) {
            if (random.nextInt(5) > 0) {
                parts.add(new LiveBackup.Part(table, Backups.idOf(table), random.nextInt(5) > 0));
            }
        }
        boolean readable = random.nextInt(15) > 0;
        return new LiveBackup(
                id,
                Backups.CLUSTER,
                rebase && other != null ? other.restorePoint() : at,
                kind > 1 && other != null ? Optional.of(other.id()) : Optional.empty(),
                rebase && other != null && readable ? Optional.of(other.id()) : Optional.empty(),
                !readable ? List.of() : rebase && other != null ? other.tables() : parts,
                readable,
                random.nextInt(12) == 0,
                random.nextInt(12) == 0,
                random.nextInt(200),
                random.nextInt(5) == 0 ? OptionalLong.empty() : OptionalLong.of(random.nextInt(200)));
    }

    @Test
    void aPolicyOfNothingKeepsTheLastOfEveryTable() {
        RetentionRules rules = new RetentionRules(new RetentionPolicy(Keep.NOTHING, 0), Map.of(), Map.of());
        forAll(one -> {
            Set<String> going = Retention.byPolicy(one.backups(), rules, Set.of(), one.now())
                    .going();
            for (TableName table : TABLES) {
                if (one.backups().stream().anyMatch(backup -> whole(backup, table))) {
                    assertThat(one.backups().stream().filter(backup -> !going.contains(backup.id())))
                            .anyMatch(backup -> whole(backup, table));
                }
            }
        });
    }
}
