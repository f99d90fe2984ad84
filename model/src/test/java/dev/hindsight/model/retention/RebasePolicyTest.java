package dev.hindsight.model.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RebasePolicyTest {
    private static final long MIB = 1 << 20;

    @Test
    void aLongChainIsDueAndOneThatReadsMuchMoreThanItsBeginning() {
        RebasePolicy policy = RebasePolicy.DEFAULT;

        assertThat(policy.due(14, 1000 * MIB, 1500 * MIB)).isEmpty();
        assertThat(policy.due(15, 100, 100)).contains("the chain has 15 backups, more than 14");
        assertThat(policy.due(2, 1000 * MIB, 1510 * MIB))
                .contains("a restore reads 1.51 times what the chain's whole shards hold, more than 1.50");
        assertThat(policy.due(2, 0, 64 * MIB)).isPresent();
    }

    @Test
    void littleDataIsNotRebasedAfterEveryBackup() {
        assertThat(RebasePolicy.DEFAULT.due(2, MIB, 64 * MIB)).isEmpty();
        assertThat(RebasePolicy.DEFAULT.due(2, MIB, 65 * MIB)).isPresent();
    }

    @Test
    void whatIsWholeOrNotToBeDoneIsNeverDue() {
        assertThat(RebasePolicy.DEFAULT.due(1, 0, 1000)).isEmpty();
        assertThat(RebasePolicy.NEVER.due(100, 1, 1000)).isEmpty();
    }

    @Test
    void limitsThatNothingCanKeepAreRefused() {
        assertThatThrownBy(() -> new RebasePolicy(true, 0, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new RebasePolicy(true, 1, 0.9)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new RebasePolicy(true, 1, Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    }
}
