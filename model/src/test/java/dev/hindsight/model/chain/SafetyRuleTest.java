package dev.hindsight.model.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.chain.SeenHost.SSTableId;
import dev.hindsight.model.chain.SeenTable.Covered;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SafetyRuleTest {
    private static final UUID A = new UUID(0, 1);
    private static final UUID B = new UUID(0, 2);
    private static final UUID C = new UUID(0, 3);
    private static final UUID TABLE = new UUID(7, 7);
    private static final long TEN_DAYS = 864_000;
    private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");
    private static final TokenRanges LOW = TokenRanges.of(new TokenRange(Long.MIN_VALUE, 0));
    private static final TokenRanges HIGH = TokenRanges.of(new TokenRange(0, Long.MAX_VALUE));
    private static final List<TokenRanges> CUTS = List.of(LOW, HIGH);
    private static final SSTableId OA_1 = new SSTableId("oa-1-big", "crc32:00000001/100");
    private static final SSTableId OA_2 = new SSTableId("oa-2-big", "crc32:00000002/200");

    @Test
    void anUnbrokenChainIsIncrementalAndSkipsWhatItHasSeen() {
        SeenTable base = base(all(START, OA_1));

        TableDecision decision = decide(base, TEN_DAYS, all(day(1), OA_1, OA_2));

        assertThat(decision.incremental()).isTrue();
        assertThat(decision.reason()).isEmpty();
        assertThat(base.unseen(A, OA_1, HIGH)).isEqualTo(TokenRanges.NONE);
        assertThat(base.unseen(A, OA_2, HIGH)).isEqualTo(HIGH);
    }

    @Test
    void aFileOfTheSameNameWithOtherContentIsUnseen() {
        SeenTable base = base(all(START, OA_1));

        assertThat(base.unseen(A, new SSTableId("oa-1-big", "crc32:0000ffff/100"), LOW))
                .isEqualTo(LOW);
    }

    @Test
    void gcGraceOfZeroIsAlwaysWhole() {
        SeenTable base = base(0, all(START));

        TableDecision decision = decide(base, 0, all(START.plusSeconds(60)));

        assertThat(decision.incremental()).isFalse();
        assertThat(decision.reason()).startsWith("gc_grace of 0 s is not longer than the 3 h");
    }

    @Test
    void gcGraceThatWasLoweredForAWhileCountsUntilTheNextWholeRead() {
        SeenTable lowered = after(base(all(START)), 3600, all(day(1)), TokenRanges.NONE);

        assertThat(decide(lowered, TEN_DAYS, all(day(2))).reason()).startsWith("gc_grace of 3600 s");
        assertThat(decide(base(TEN_DAYS, all(day(2))), TEN_DAYS, all(day(3))).incremental())
                .isTrue();
    }

    @Test
    void aChainOlderThanGcGraceIsWhole() {
        TableDecision decision = decide(base(all(START)), TEN_DAYS, all(day(10).minus(Duration.ofHours(3))));

        assertThat(decision.incremental()).isFalse();
        assertThat(decision.reason())
                .contains("was last read at 2026-11-22T10:00:00Z, 9 d 21 h ago")
                .contains("is 9 d 21 h");
        assertThat(decide(
                                base(all(START)),
                                TEN_DAYS,
                                all(day(10).minus(Duration.ofHours(3)).minusSeconds(1)))
                        .incremental())
                .isTrue();
    }

    @Test
    void everyBackupStartsTheTimeAnew() {
        SeenTable seen = base(all(START));
        for (int night = 1; night < 30; night++) {
            assertThat(decide(seen, TEN_DAYS, all(day(night))).incremental()).isTrue();
            seen = after(seen, TEN_DAYS, all(day(night)), TokenRanges.NONE);
        }
    }

    @Test
    void aHostThatWasMissingTooLongIsReadWholeOnce() {
        SeenTable seen = base(all(START));
        for (int night = 1; night <= 9; night++) {
            seen = after(seen, TEN_DAYS, without(C, day(night)), TokenRanges.NONE);
        }

        TableDecision tooLong = decide(seen, TEN_DAYS, without(C, day(10)));
        SeenTable afresh = base(without(C, day(10)));

        assertThat(decide(seen, TEN_DAYS, all(day(9).plusSeconds(60))).incremental())
                .as("back in time")
                .isTrue();
        assertThat(tooLong.incremental()).isFalse();
        assertThat(tooLong.reason()).startsWith("node " + C + " was last read at 2026-11-22T10:00:00Z");
        assertThat(decide(afresh, TEN_DAYS, without(C, day(11))).incremental())
                .as("still away: the coverage says so, and the chain goes on")
                .isTrue();
        assertThat(decide(afresh, TEN_DAYS, all(day(11))).reason())
                .as("when it is back, what it alone may have had is not in the chain")
                .contains("was never read for it");
    }

    @Test
    void aNewHostIsReadWithoutReadingTheOthersAgain() {
        SeenTable base = base(List.of(host(A, TokenRanges.FULL, START, OA_1), host(B, TokenRanges.FULL, START, OA_1)));
        List<HostNow> joined = List.of(
                host(A, LOW, day(1), OA_1), host(B, TokenRanges.FULL, day(1), OA_1), host(C, HIGH, day(1), OA_1));

        TableDecision decision = decide(base, TEN_DAYS, joined);
        SeenTable next = after(base, TEN_DAYS, joined, TokenRanges.NONE);

        assertThat(decision.incremental()).isTrue();
        assertThat(base.unseen(C, OA_1, HIGH)).isEqualTo(HIGH);
        assertThat(next.unseen(C, OA_1, HIGH)).isEqualTo(TokenRanges.NONE);
        assertThat(next.unseen(C, OA_1, LOW)).isEqualTo(LOW);
    }

    @Test
    void aReplacedHostCountsFromTheBeginningOfTheChain() {
        SeenTable base = base(List.of(host(A, TokenRanges.FULL, START), host(B, TokenRanges.FULL, START)));
        SeenTable nine = base;
        for (int night = 1; night <= 9; night++) {
            nine = after(
                    nine,
                    TEN_DAYS,
                    List.of(host(A, TokenRanges.FULL, day(night)), host(B, TokenRanges.FULL, day(night))),
                    TokenRanges.NONE);
        }

        TableDecision decision =
                decide(nine, TEN_DAYS, List.of(host(A, TokenRanges.FULL, day(10)), host(C, TokenRanges.FULL, day(10))));

        assertThat(decision.reason()).startsWith("node " + C + " has not been read for it since the chain began");
    }

    @Test
    void aHostThatLeftCountsUntilAllItsHeirsAreRead() {
        SeenTable base = base(List.of(host(A, TokenRanges.FULL, START), host(B, TokenRanges.FULL, START)));
        SeenTable heirMissing = after(
                base,
                TEN_DAYS,
                List.of(gone(A, TokenRanges.FULL), host(C, TokenRanges.FULL, day(1))),
                TokenRanges.NONE);
        SeenTable heirsRead = after(
                heirMissing,
                TEN_DAYS,
                List.of(host(A, TokenRanges.FULL, day(2)), host(C, TokenRanges.FULL, day(2))),
                TokenRanges.NONE);

        assertThat(heirMissing.hosts()).containsKey(B);
        assertThat(heirsRead.hosts()).doesNotContainKey(B);
    }

    @Test
    void aHostThatWasNeverReadAndHandsItsRangesOnMakesThemWhole() {
        SeenTable base = base(without(C, START));
        List<HostNow> handedOn =
                List.of(host(A, TokenRanges.FULL, day(1)), host(B, TokenRanges.FULL, day(1)), gone(C, LOW));

        assertThat(decide(base, TEN_DAYS, without(C, day(1))).incremental()).isTrue();
        assertThat(decide(base, TEN_DAYS, handedOn).wholeRanges()).isEqualTo(HIGH);
        assertThat(decide(base, TEN_DAYS, handedOn.subList(0, 2)).incremental()).isFalse();
    }

    @Test
    void aRangeOwnedLostAndOwnedAgainCountsFromItsLastRead() {
        SeenTable seen = base(List.of(host(A, TokenRanges.FULL, START, OA_1), host(B, TokenRanges.FULL, START, OA_1)));
        for (int night = 1; night <= 9; night++) {
            seen = after(
                    seen,
                    TEN_DAYS,
                    List.of(host(A, LOW, day(night), OA_1), host(B, TokenRanges.FULL, day(night), OA_1)),
                    TokenRanges.NONE);
        }
        List<HostNow> again =
                List.of(host(A, TokenRanges.FULL, day(10), OA_1, OA_2), host(B, TokenRanges.FULL, day(10), OA_1));

        TableDecision decision = decide(seen, TEN_DAYS, again);

        assertThat(decision.incremental()).isTrue();
        assertThat(decision.shards()).extracting(ShardDecision::incremental).containsExactly(true, false);
        assertThat(decision.wholeRanges()).isEqualTo(HIGH);
        assertThat(decision.reason()).startsWith("1 of 2 shards are read whole, the first because node " + A);
    }

    @Test
    void aShardThatTheParentCouldNotReadIsUnseenAndStillCountsFromBefore() {
        SeenTable base = base(all(START, OA_1));
        SeenTable next = SeenTable.after(
                Optional.of(base),
                TABLE,
                TEN_DAYS,
                all(day(1), OA_1, OA_2),
                TokenRanges.NONE,
                List.of(
                        new Covered(LOW.ranges().get(0), Set.of(A, B, C), Set.of()),
                        new Covered(HIGH.ranges().get(0), Set.of(A, B), Set.of(C))));

        assertThat(next.unseen(C, OA_2, TokenRanges.FULL)).isEqualTo(HIGH);
        assertThat(next.unseen(C, OA_1, TokenRanges.FULL)).isEqualTo(TokenRanges.NONE);
        assertThat(decide(next, TEN_DAYS, all(day(2))).incremental()).isTrue();
        assertThat(decide(next, TEN_DAYS, all(day(10))).shards())
                .extracting(ShardDecision::incremental)
                .containsExactly(true, false);
    }

    @Test
    void aShardReadWholeForgetsWhatTheChainHadThere() {
        SeenTable base = base(all(START, OA_1));
        SeenTable next = SeenTable.after(
                Optional.of(base),
                TABLE,
                TEN_DAYS,
                all(day(1), OA_1),
                HIGH,
                List.of(
                        new Covered(LOW.ranges().get(0), Set.of(A, B, C), Set.of()),
                        new Covered(HIGH.ranges().get(0), Set.of(A, B), Set.of(C))));

        assertThat(next.unseen(C, OA_1, TokenRanges.FULL)).isEqualTo(HIGH);
        assertThat(next.unseen(A, OA_1, TokenRanges.FULL)).isEqualTo(TokenRanges.NONE);
        assertThat(decide(next, TEN_DAYS, all(day(2))).wholeRanges()).isEqualTo(HIGH);
    }

    @Test
    void sstablesThatAHostHasNoMoreFallOutAndThoseOfAHostNotReadStay() {
        SeenTable base = base(all(START, OA_1));

        SeenTable next = after(
                base,
                TEN_DAYS,
                List.of(
                        host(A, TokenRanges.FULL, day(1), OA_2),
                        gone(B, TokenRanges.FULL),
                        host(C, TokenRanges.FULL, day(1))),
                TokenRanges.NONE);

        assertThat(next.host(A).sstables()).containsOnlyKeys(OA_2);
        assertThat(next.host(B).sstables()).containsOnlyKeys(OA_1);
        assertThat(next.host(C).sstables()).isEmpty();
    }

    @Test
    void aTruncatedTableIsWhole() {
        SeenTable base = base(all(START));
        List<HostNow> truncated = List.of(
                host(A, TokenRanges.FULL, day(1)),
                noted(host(B, TokenRanges.FULL, day(1)), "", "cafe"),
                host(C, TokenRanges.FULL, day(1)));

        assertThat(decide(base, TEN_DAYS, truncated).reason())
                .isEqualTo("the table was truncated since, as node " + B + " notes");
        assertThat(decide(base(truncated), TEN_DAYS, List.of(noted(host(B, TokenRanges.FULL, day(2)), "cafe", "cafe")))
                        .reason())
                .as("a TRUNCATE while the snapshots were taken is noticed again by the next backup")
                .contains("was truncated since");
    }

    @Test
    void nobodyToAskAboutTruncationIsWhole() {
        HostNow silent =
                new HostNow(A, TokenRanges.FULL, Optional.of(day(1)), Optional.empty(), Optional.empty(), Set.of());

        assertThat(decide(base(all(START)), TEN_DAYS, List.of(silent)).reason())
                .startsWith("no node that the chain has read");
        assertThat(decide(base(all(START)), TEN_DAYS, List.of(silent, host(B, TokenRanges.FULL, day(1))))
                        .incremental())
                .isTrue();
    }

    @Test
    void aTableCreatedAgainOrUnknownToTheChainIsWhole() {
        SeenTable base = base(all(START));

        assertThat(SafetyRule.DEFAULT
                        .decide(Optional.of(base), new UUID(8, 8), TEN_DAYS, all(day(1)), CUTS)
                        .reason())
                .startsWith("the table was dropped and created again since");
        assertThat(SafetyRule.DEFAULT
                        .decide(Optional.empty(), TABLE, TEN_DAYS, all(day(1)), CUTS)
                        .reason())
                .isEqualTo("the chain has nothing of this table yet");
    }

    @Test
    void aClockThatWentBackwardsIsWhole() {
        assertThat(decide(base(all(START)), TEN_DAYS, all(START.minusSeconds(5)))
                        .reason())
                .startsWith("a clock went backwards");
    }

    private static TableDecision decide(SeenTable seen, long gcGraceSeconds, List<HostNow> ring) {
        return SafetyRule.DEFAULT.decide(Optional.of(seen), TABLE, gcGraceSeconds, ring, CUTS);
    }

    private static SeenTable base(List<HostNow> ring) {
        return base(TEN_DAYS, ring);
    }

    private static SeenTable base(long gcGraceSeconds, List<HostNow> ring) {
        return SeenTable.after(Optional.empty(), TABLE, gcGraceSeconds, ring, TokenRanges.NONE, covered(ring));
    }

    private static SeenTable after(SeenTable parent, long gcGraceSeconds, List<HostNow> ring, TokenRanges whole) {
        return SeenTable.after(Optional.of(parent), TABLE, gcGraceSeconds, ring, whole, covered(ring));
    }

    /** All that can be read of what is owned, by half ring. */
    private static List<Covered> covered(List<HostNow> ring) {
        List<Covered> out = new ArrayList<>();
        for (TokenRanges half : CUTS) {
            Set<UUID> read = new HashSet<>();
            Set<UUID> missing = new HashSet<>();
            for (HostNow host : ring) {
                if (!host.owned().intersect(half).isEmpty()) {
                    (host.readable() ? read : missing).add(host.host());
                }
            }
            out.add(new Covered(half.ranges().get(0), read, missing));
        }
        return out;
    }

    private static List<HostNow> all(Instant at, SSTableId... sstables) {
        return List.of(
                host(A, TokenRanges.FULL, at, sstables),
                host(B, TokenRanges.FULL, at, sstables),
                host(C, TokenRanges.FULL, at, sstables));
    }

    private static List<HostNow> without(UUID missing, Instant at) {
        return all(at).stream()
                .map(host -> host.host().equals(missing) ? gone(missing, TokenRanges.FULL) : host)
                .toList();
    }

    private static HostNow host(UUID id, TokenRanges owned, Instant at, SSTableId... sstables) {
        return new HostNow(
                id, owned, Optional.of(at), Optional.of(""), Optional.of(""), new HashSet<>(Arrays.asList(sstables)));
    }

    private static HostNow gone(UUID id, TokenRanges owned) {
        return new HostNow(id, owned, Optional.empty(), Optional.empty(), Optional.empty(), Set.of());
    }

    private static HostNow noted(HostNow host, String before, String after) {
        return new HostNow(
                host.host(), host.owned(), host.snapshotAt(), Optional.of(before), Optional.of(after), host.sstables());
    }

    private static Instant day(int days) {
        return START.plus(Duration.ofDays(days));
    }
}
