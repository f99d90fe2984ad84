package dev.hindsight.model.retention;

import static dev.hindsight.model.retention.Backups.LOG;
import static dev.hindsight.model.retention.Backups.ORDERS;
import static dev.hindsight.model.retention.Backups.USERS;
import static dev.hindsight.model.retention.Backups.full;
import static dev.hindsight.model.retention.Backups.held;
import static dev.hindsight.model.retention.Backups.onto;
import static dev.hindsight.model.retention.Backups.partial;
import static dev.hindsight.model.retention.Backups.pinned;
import static dev.hindsight.model.retention.Backups.rebase;
import static dev.hindsight.model.retention.Backups.reparented;
import static dev.hindsight.model.retention.Backups.storing;
import static dev.hindsight.model.retention.Backups.unreadable;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.retention.RetentionDecision.Go;
import dev.hindsight.model.retention.RetentionDecision.Stay;
import dev.hindsight.model.schema.TableName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RetentionTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    @Test
    void everyPointOfTheNewestSpanStays() {
        RetentionDecision decision = decide(
                keep(Duration.ofDays(3), 0, 0, 0, 0),
                full("a", "2026-11-19T11:59:59Z"),
                full("b", "2026-11-19T12:00:00Z"),
                full("c", "2026-11-21T01:00:00Z"),
                full("d", "2026-11-22T12:00:00Z"));

        assertThat(stays(decision)).containsExactly("b", "c", "d");
        assertThat(decision.goes()).containsExactly(new Go("a", "older than all that is kept"));
        assertThat(text(decision, "b")).isEqualTo("recent for shop.orders");
    }

    @Test
    void theLastPointOfEachDayStaysByUtcWhateverLocalClocksDo() {
        RetentionDecision decision = decide(
                keep(Duration.ZERO, 40, 0, 0, 0),
                full("a", "2026-10-25T00:30:00Z"),
                full("b", "2026-10-25T01:30:00Z"),
                full("c", "2026-10-25T23:59:59Z"),
                full("d", "2026-10-26T00:00:00Z"),
                full("e", "2026-11-22T12:00:00Z"));

        assertThat(stays(decision)).containsExactly("c", "d", "e");
        assertThat(decision.goes()).contains(new Go("a", "its day keeps c"));
    }

    @Test
    void weeksBeginOnMondayAndMonthsOnTheFirst() {
        RetentionDecision weekly = decide(
                keep(Duration.ZERO, 0, 4, 0, 0),
                full("sunday", "2026-11-15T23:00:00Z"),
                full("monday", "2026-11-16T01:00:00Z"),
                full("today", "2026-11-22T12:00:00Z"));
        RetentionDecision monthly = decide(
                keep(Duration.ZERO, 0, 0, 2, 0),
                full("october", "2026-10-31T23:59:59Z"),
                full("first", "2026-11-01T00:00:00Z"),
                full("today", "2026-11-22T12:00:00Z"));

        assertThat(stays(weekly)).containsExactly("sunday", "today");
        assertThat(stays(monthly)).containsExactly("october", "today");
        assertThat(monthly.goes()).containsExactly(new Go("first", "its month keeps today"));
    }

    @Test
    void aBucketThatEndsInsideTheSpanKeepsItsLastPoint() {
        RetentionDecision decision = decide(
                keep(Duration.ZERO, 0, 0, 1, 0),
                full("before", "2026-10-20T00:00:00Z"),
                full("inside", "2026-10-30T00:00:00Z"),
                full("today", "2026-11-22T12:00:00Z"));

        assertThat(stays(decision)).containsExactly("inside", "today");
    }

    @Test
    void aDayPrefersItsLastWholePoint() {
        RetentionDecision decision = decide(
                keep(Duration.ZERO, 5, 0, 0, 0),
                full("whole", "2026-11-21T01:00:00Z"),
                partial("partial", "2026-11-21T23:00:00Z", ORDERS),
                full("today", "2026-11-22T12:00:00Z"));

        assertThat(stays(decision)).containsExactly("whole", "today");
    }

    @Test
    void aDayWithNothingWholeKeepsTheLastThereIs() {
        RetentionDecision decision = decide(
                keep(Duration.ZERO, 5, 0, 0, 0),
                partial("early", "2026-11-21T01:00:00Z", ORDERS),
                partial("late", "2026-11-21T23:00:00Z", ORDERS),
                full("today", "2026-11-22T12:00:00Z"));

        assertThat(stays(decision)).containsExactly("late", "today");
    }

    @Test
    void theMinimumCountsWholePointsOnly() {
        RetentionDecision decision = decide(
                keep(Duration.ofHours(1), 0, 0, 0, 2),
                full("a", "2025-01-01T00:00:00Z"),
                full("b", "2025-01-02T00:00:00Z"),
                partial("c", "2025-01-03T00:00:00Z", ORDERS),
                full("d", "2026-11-22T12:00:00Z"));

        assertThat(stays(decision)).containsExactly("b", "d");
        assertThat(text(decision, "b")).isEqualTo("among the fewest to keep for shop.orders");
    }

    @Test
    void theLastWholePointOfATableStaysUnlessTheTableIsNamed() {
        List<LiveBackup> backups = List.of(
                full("old", "2020-01-01T00:00:00Z", ORDERS, LOG),
                partial("hurt", "2020-01-02T00:00:00Z", LOG),
                full("new", "2026-11-22T12:00:00Z", ORDERS));
        RetentionRules rules = rules(keep(Duration.ofDays(1), 0, 0, 0, 0));

        RetentionDecision careful = Retention.byPolicy(backups, rules, Set.of(), NOW);
        RetentionDecision named = Retention.byPolicy(backups, rules, Set.of(LOG), NOW);

        assertThat(stays(careful)).containsExactly("old", "new");
        assertThat(text(careful, "old")).isEqualTo("last restorable of log.lines");
        assertThat(stays(named)).containsExactly("new");
    }

    @Test
    void namingATableDoesNotTakeWhatARuleKeeps() {
        RetentionDecision decision = Retention.byPolicy(
                List.of(full("a", "2026-11-22T12:00:00Z")),
                rules(keep(Duration.ofDays(1), 0, 0, 0, 2)),
                Set.of(ORDERS),
                NOW);

        assertThat(stays(decision)).containsExactly("a");
    }

    @Test
    void whatOnlyHurtBackupsHaveKeepsTheNewestOfThem() {
        RetentionDecision decision = decide(
                keep(Duration.ofDays(1), 0, 0, 0, 0),
                partial("a", "2020-01-01T00:00:00Z", LOG),
                partial("b", "2020-01-02T00:00:00Z", LOG),
                full("new", "2026-11-22T12:00:00Z", ORDERS));

        assertThat(stays(decision)).containsExactly("b", "new");
    }

    @Test
    void aTableOfAnotherIdOrClusterIsAnotherTable() {
        LiveBackup dropped = Backups.make(
                "dropped",
                "2020-01-01T00:00:00Z",
                java.util.Optional.empty(),
                List.of(new LiveBackup.Part(ORDERS, new java.util.UUID(1, 1), true)));

        RetentionDecision decision =
                decide(keep(Duration.ofDays(1), 0, 0, 0, 0), dropped, full("new", "2026-11-22T12:00:00Z"));

        assertThat(stays(decision)).containsExactly("dropped", "new");
    }

    @Test
    void aBackupStaysWhenAnyOfItsTablesKeepsIt() {
        RetentionRules rules = new RetentionRules(
                keep(Duration.ofDays(1), 0, 0, 0, 0),
                Map.of("log", keep(Duration.ofDays(10), 0, 0, 0, 0)),
                Map.of(USERS, keep(Duration.ofDays(5), 0, 0, 0, 0)));

        RetentionDecision decision = Retention.byPolicy(
                List.of(
                        full("a", "2026-11-18T00:00:00Z", ORDERS, USERS),
                        full("b", "2026-11-16T00:00:00Z", ORDERS, USERS),
                        full("c", "2026-11-14T00:00:00Z", ORDERS, LOG),
                        full("d", "2026-11-22T12:00:00Z", ORDERS, USERS, LOG)),
                rules,
                Set.of(),
                NOW);

        assertThat(stays(decision)).containsExactly("c", "a", "d");
        assertThat(text(decision, "a")).isEqualTo("recent for shop.users");
        assertThat(text(decision, "c")).isEqualTo("recent for log.lines");
    }

    @Test
    void whatIsNeededStaysAndChildrenGoBeforeParents() {
        RetentionDecision decision = decide(
                keep(Duration.ofDays(1), 0, 0, 0, 0),
                full("f", "2026-11-01T00:00:00Z"),
                onto("f", "i1", "2026-11-02T00:00:00Z"),
                onto("i1", "i2", "2026-11-22T12:00:00Z"),
                onto("f", "x1", "2026-11-03T00:00:00Z"),
                onto("x1", "x2", "2026-11-04T00:00:00Z"));

        assertThat(stays(decision)).containsExactly("f", "i1", "i2");
        assertThat(text(decision, "i1")).isEqualTo("needed by i2");
        assertThat(decision.goes()).extracting(Go::id).containsExactly("x2", "x1");
    }

    @Test
    void holdsAndUseAndUnreadableManifestsKeep() {
        RetentionDecision decision = decide(
                keep(Duration.ofDays(1), 0, 0, 0, 0),
                held(full("h", "2020-01-01T00:00:00Z")),
                pinned(full("p", "2020-01-02T00:00:00Z")),
                unreadable(full("u", "2020-01-03T00:00:00Z")),
                full("g", "2020-01-04T00:00:00Z"),
                full("n", "2026-11-22T12:00:00Z"));

        assertThat(stays(decision)).containsExactly("h", "p", "u", "n");
        assertThat(text(decision, "h")).isEqualTo("held");
    }

    @Test
    void spansCountFromTheNewestPointWhenThisClockIsAhead() {
        List<LiveBackup> backups = List.of(full("a", "2026-11-20T13:00:00Z"), full("b", "2026-11-22T12:00:00Z"));
        RetentionRules rules = rules(keep(Duration.ofDays(2), 0, 0, 0, 0));

        for (Duration ahead :
                List.of(Duration.ofHours(-48), Duration.ZERO, Duration.ofHours(48), Duration.ofDays(9000))) {
            assertThat(stays(Retention.byPolicy(backups, rules, Set.of(), NOW.plus(ahead))))
                    .describedAs("clock off by %s", ahead)
                    .containsExactly("a", "b");
        }
    }

    @Test
    void aPointFromTheFutureDoesNotMakeOthersOld() {
        RetentionDecision decision = decide(
                keep(Duration.ofDays(2), 0, 0, 0, 0),
                full("a", "2026-11-21T00:00:00Z"),
                full("future", "2090-01-01T00:00:00Z"));

        assertThat(stays(decision)).containsExactly("a", "future");
    }

    @Test
    void instantsBeyondAllDatesAreHarmless() {
        LiveBackup first = at(full("first", "2026-11-21T00:00:00Z"), Instant.MIN);
        LiveBackup last = at(full("last", "2026-11-21T00:00:00Z"), Instant.MAX);

        RetentionDecision decision = Retention.byPolicy(
                List.of(first, last), rules(keep(Duration.ofDays(2), 3, 4, 5, 0)), Set.of(), Instant.MIN);

        assertThat(stays(decision)).containsExactly("first", "last");
    }

    @Test
    void aRebaseStandsForItsSource() {
        RetentionDecision decision = decide(
                keep(Duration.ofDays(1), 0, 0, 0, 2),
                full("f1", "2026-11-01T00:00:00Z"),
                onto("f1", "i11", "2026-11-02T00:00:00Z"),
                onto("i11", "i13", "2026-11-22T12:00:00Z"),
                rebase("i13", "r2", "2026-11-22T12:00:00Z"));

        assertThat(stays(decision)).containsExactly("f1", "i11", "r2");
        assertThat(decision.goes()).containsExactly(new Go("i13", "rebased to r2"));
    }

    @Test
    void theSourceOfARebaseStaysWhileSomethingStillBuildsOnIt() {
        LiveBackup child = onto("i13", "i21", "2026-11-22T13:00:00Z");
        LiveBackup rebased = rebase("i13", "r2", "2026-11-21T00:00:00Z");
        LiveBackup source = onto("f1", "i13", "2026-11-21T00:00:00Z");
        LiveBackup first = full("f1", "2026-11-01T00:00:00Z");
        RetentionPolicy policy = keep(Duration.ofDays(3), 0, 0, 0, 0);

        assertThat(stays(decide(policy, first, source, rebased, child))).containsExactly("f1", "i13", "r2", "i21");
        assertThat(stays(decide(policy, first, source, rebased, reparented(child, "r2"))))
                .containsExactly("r2", "i21");
    }

    @Test
    void aLongTailThatIsOnlyNeededIsRebasedAwayFirst() {
        RetentionDecision decision = decide(
                keep(Duration.ofDays(1), 0, 0, 0, 0),
                storing(full("f", "2026-11-01T00:00:00Z"), 100),
                storing(onto("f", "i1", "2026-11-02T00:00:00Z"), 40),
                storing(onto("i1", "i2", "2026-11-22T10:00:00Z"), 20),
                storing(onto("i2", "i3", "2026-11-22T12:00:00Z"), 20));

        assertThat(decision.rebases())
                .containsExactly(new RetentionDecision.Rebase("i2", List.of("i2", "i1", "f"), 160, 100));
    }

    @Test
    void aRebaseThatSavesLittleIsNotMade() {
        RetentionPolicy policy = keep(Duration.ofDays(1), 0, 0, 0, 0);
        LiveBackup first = storing(full("f", "2026-11-01T00:00:00Z"), 100);
        LiveBackup next = storing(onto("f", "i1", "2026-11-22T12:00:00Z"), 50);

        assertThat(decide(policy, first, next).rebases()).isEmpty();
        assertThat(decide(policy, first, storing(next, 51)).rebases()).hasSize(1);
        assertThat(decide(policy, held(first), storing(next, 51)).rebases()).isEmpty();
        assertThat(decide(policy, first, held(storing(next, 51))).rebases()).isEmpty();
        assertThat(decide(policy, first, pinned(storing(next, 51))).rebases()).isEmpty();
        assertThat(decide(policy, first, storing(next, 51), held(onto("f", "x", "2026-11-02T00:00:00Z")))
                        .rebases())
                .isEmpty();
    }

    @Test
    void ofNamedOnesGoesWhatNothingNeedsAndWhatIsNotTheLast() {
        List<LiveBackup> backups = List.of(
                full("f", "2026-11-01T00:00:00Z"),
                onto("f", "i1", "2026-11-02T00:00:00Z"),
                full("g", "2026-11-03T00:00:00Z", LOG),
                unreadable(full("u", "2026-11-04T00:00:00Z")));

        assertThat(Retention.named(backups, Set.of("f"), Set.of()).goes()).isEmpty();
        assertThat(Retention.named(backups, Set.of("i1"), Set.of()).going()).containsExactly("i1");
        assertThat(stays(Retention.named(backups, Set.of("f", "i1"), Set.of()))).containsExactly("f", "i1", "g", "u");
        assertThat(Retention.named(backups, Set.of("f", "i1"), Set.of(ORDERS)).goes())
                .containsExactly(new Go("i1", "named"), new Go("f", "named"));
        assertThat(Retention.named(backups, Set.of("g", "u"), Set.of()).going()).containsExactly("u");
        assertThat(Retention.named(backups, Set.of("g"), Set.of(ORDERS)).going())
                .isEmpty();
    }

    @Test
    void ofARebaseAndItsSourceEitherIsEnough() {
        List<LiveBackup> backups = List.of(full("f", "2026-11-01T00:00:00Z"), rebase("f", "r", "2026-11-01T00:00:00Z"));

        assertThat(Retention.named(backups, Set.of("r"), Set.of()).going()).containsExactly("r");
        assertThat(Retention.named(backups, Set.of("f"), Set.of()).going()).containsExactly("f");
        assertThat(Retention.named(backups, Set.of("f", "r"), Set.of()).going()).containsExactly("f");
    }

    @Test
    void parentsInACircleEndNowhere() {
        RetentionDecision decision = decide(
                keep(Duration.ofDays(1), 0, 0, 0, 1),
                onto("b", "a", "2026-11-22T10:00:00Z"),
                onto("a", "b", "2026-11-22T11:00:00Z"),
                rebase("r2", "r1", "2026-11-22T12:00:00Z"),
                rebase("r1", "r2", "2026-11-22T12:00:00Z"));

        assertThat(stays(decision)).contains("a", "b");
    }

    private static LiveBackup at(LiveBackup of, Instant instant) {
        return new LiveBackup(
                of.id(),
                of.cluster(),
                instant,
                of.parent(),
                of.rebaseOf(),
                of.tables(),
                true,
                false,
                false,
                of.storedBytes(),
                of.rebasedBytes());
    }

    @Test
    void aWindowKeepsTheBaseThatItsStartNeedsAndThoseBehindIt() {
        RetentionPolicy policy = new RetentionPolicy(Keep.NOTHING, 0, Duration.ofDays(7));
        RetentionDecision decision = decide(
                policy,
                full("a", "2026-11-13T00:00:00Z"),
                full("b", "2026-11-14T00:00:00Z"),
                partial("c", "2026-11-15T00:00:00Z"),
                full("d", "2026-11-18T00:00:00Z"),
                full("e", "2026-11-22T12:00:00Z"));

        assertThat(stays(decision)).containsExactly("b", "d", "e");
        assertThat(text(decision, "b")).isEqualTo("base of the window of shop.orders");
    }

    @Test
    void aWindowThatIsOlderThanAllBasesKeepsThemAll() {
        RetentionDecision decision = decide(
                new RetentionPolicy(Keep.NOTHING, 0, Duration.ofDays(70)),
                full("a", "2026-11-13T00:00:00Z"),
                full("b", "2026-11-22T12:00:00Z"));

        assertThat(stays(decision)).containsExactly("a", "b");
    }

    private static RetentionPolicy keep(Duration all, int days, int weeks, int months, int min) {
        return new RetentionPolicy(new Keep(all, days, weeks, months), min);
    }

    private static RetentionRules rules(RetentionPolicy policy) {
        return RetentionRules.of(policy);
    }

    private static RetentionDecision decide(RetentionPolicy policy, LiveBackup... backups) {
        return Retention.byPolicy(List.of(backups), rules(policy), Set.<TableName>of(), NOW);
    }

    private static List<String> stays(RetentionDecision decision) {
        return decision.stays().stream().map(Stay::id).toList();
    }

    private static String text(RetentionDecision decision, String id) {
        return String.join(
                "; ",
                decision.stay(id).orElseThrow().reasons().stream()
                        .map(Reason::text)
                        .toList());
    }
}
