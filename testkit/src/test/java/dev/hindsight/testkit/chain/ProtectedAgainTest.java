package dev.hindsight.testkit.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.journal.JournalView;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A table whose captures were collected while it was not protected goes on behind them, and says so. */
class ProtectedAgainTest extends CollectRig {
    @Test
    void aTableProtectedAgainGoesOnBehindWhatWasCollectedAndSaysSo() {
        base();
        journal.captureAndSeal(5);
        long sealed = journal.captured();
        forge().append(new Change.Unprotect(PROTECTION, ""));
        for (int i = 0; i < 10; i++) {
            journal.capture();
        }
        long lost = journal.captured();
        collect();
        assertThat(keys("captures/")).hasSize(2);

        journal.begin();
        forge().append(new Change.Protect(PROTECTION, ""));
        journal.begin();
        journal.captureAndSeal(3);

        JournalView view = JournalView.find(journal.log()).orElseThrow();
        assertThat(view.gaps())
                .hasSize(2)
                .allSatisfy(gap -> assertThat(gap.cause()).contains("not protected"));
        assertThat(journal.records()).hasSize((int) (journal.captured() - lost + sealed));
        collect();
        journal.captureAndSeal(3);
        assertThat(journal.records()).hasSize((int) (journal.captured() - lost + sealed));
    }

    @Test
    void ofAHostThatIsNotKnownToCaptureTheTableNothingIsClaimedAgain() {
        base();
        journal.captureAndSeal(5);
        forge().append(new Change.Unprotect(PROTECTION, ""));
        for (int i = 0; i < 10; i++) {
            journal.capture();
        }
        long since = journal.now();
        collect();

        journal.begin(journal.streams().subList(0, 1));
        forge().append(new Change.Protect(PROTECTION, ""));
        journal.captureAndSeal(3);

        assertThat(JournalView.find(journal.log()).orElseThrow().whole())
                .filteredOn(one -> one.toMicros() > since)
                .extracting(JournalEntry.Whole::hostId)
                .containsOnly(new UUID(0, 1));
    }
}
