package dev.hindsight.model.protection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.window.Guarantee;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BaseNeedTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    private boolean ended;
    private Optional<Instant> sealedUpTo = Optional.of(NOW.minusSeconds(2));
    private Optional<Instant> lastBase = Optional.of(NOW.minusSeconds(3600));
    private Optional<Instant> windowEnd = Optional.of(NOW.minusSeconds(2).minusNanos(1000));
    private Guarantee guarantee = Guarantee.ONE;
    private Optional<Instant> capturingSince = Optional.of(NOW.minusSeconds(7200));
    private boolean sameRing = true;
    private Optional<Instant> due = Optional.empty();

    private Optional<BaseNeed.Cause> cause() {
        return BaseNeed.of(
                        new BaseNeed.Facts(
                                ended, sealedUpTo, lastBase, windowEnd, guarantee, capturingSince, sameRing, due),
                        NOW)
                .map(BaseNeed::cause);
    }

    @Test
    void nothingIsNeededWhileTheWindowReachesTheWatermark() {
        assertThat(cause()).isEmpty();
    }

    @Test
    void windowThatStaysBehindTheWatermarkHasEnded() {
        windowEnd = Optional.of(NOW.minusSeconds(60));
        assertThat(cause()).contains(BaseNeed.Cause.WINDOW_ENDED);
    }

    @Test
    void baseThatIsNotSealedYetHasOnlyToBeWaitedFor() {
        windowEnd = Optional.of(NOW.minusSeconds(60));
        lastBase = Optional.of(NOW.minusSeconds(1));
        assertThat(cause()).isEmpty();
        windowEnd = Optional.empty();
        assertThat(cause()).isEmpty();
    }

    @Test
    void tableWithoutAnyBaseOrWindowNeedsOne() {
        windowEnd = Optional.empty();
        assertThat(cause()).contains(BaseNeed.Cause.NO_BASE);
        lastBase = Optional.empty();
        sealedUpTo = Optional.empty();
        assertThat(cause()).contains(BaseNeed.Cause.NO_BASE);
    }

    @Test
    void droppedTableNeedsNone() {
        ended = true;
        windowEnd = Optional.empty();
        due = Optional.of(NOW);
        assertThat(cause()).isEmpty();
    }

    @Test
    void weakGuaranteeAsksOnlyWhenABaseWouldBeBetter() {
        guarantee = Guarantee.QUORUM;
        assertThat(cause())
                .as("the last base was taken while all were captured")
                .isEmpty();
        capturingSince = Optional.empty();
        assertThat(cause()).as("one is not captured").isEmpty();
        capturingSince = Optional.of(NOW.minusSeconds(29));
        assertThat(cause()).as("not long enough").isEmpty();
        capturingSince = Optional.of(NOW.minusSeconds(30));
        assertThat(cause()).contains(BaseNeed.Cause.GUARANTEE_WEAK);
    }

    @Test
    void agentThatFailsNowAndThenMakesNoBaseFollowTheOther() {
        capturingSince = Optional.of(NOW.minusSeconds(60));
        lastBase = Optional.of(NOW.minus(BaseNeed.APART).plusMillis(1));
        guarantee = Guarantee.QUORUM;
        assertThat(cause()).as("soon after the last").isEmpty();
        guarantee = Guarantee.NONE;
        assertThat(cause()).as("nothing is sure").contains(BaseNeed.Cause.GUARANTEE_WEAK);
        guarantee = Guarantee.QUORUM;
        lastBase = Optional.of(NOW.minus(BaseNeed.APART));
        assertThat(cause()).contains(BaseNeed.Cause.GUARANTEE_WEAK);
    }

    @Test
    void changedRingAndScheduleAsk() {
        due = Optional.of(NOW.plusMillis(1));
        assertThat(cause()).isEmpty();
        due = Optional.of(NOW);
        assertThat(cause()).contains(BaseNeed.Cause.SCHEDULED);
        sameRing = false;
        assertThat(cause()).contains(BaseNeed.Cause.RING_CHANGED);
    }
}
