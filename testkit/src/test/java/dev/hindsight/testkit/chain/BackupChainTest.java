package dev.hindsight.testkit.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.chain.BackupChain;
import dev.hindsight.operations.retention.CollectOperation;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.claim.Claims;
import dev.hindsight.testkit.store.MemoryStore;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who builds on whom, after some were rebased and some have gone. */
class BackupChainTest {
    private static final long SEED = Long.getLong("test.seed", 20261122L);
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-22T12:00:00Z"), ZoneOffset.UTC);
    private static final String F1 = Forge.id("20261101T000000Z", 1);
    private static final String I11 = Forge.id("20261102T000000Z", 2);
    private static final String I12 = Forge.id("20261103T000000Z", 3);
    private static final String I13 = Forge.id("20261104T000000Z", 4);
    private static final String R2 = Forge.id("20261105T000000Z", 5);

    private final MemoryStore store = new MemoryStore();
    private final TestHost host = new TestHost("here");
    private final Forge forge = new Forge(store, CLOCK, host, SEED);

    @BeforeEach
    void chain() {
        Repository.init(store, CLOCK);
        forge.full(F1, "2026-11-01T00:00:00Z");
        forge.incremental(I11, "2026-11-02T00:00:00Z", F1);
        forge.incremental(I12, "2026-11-03T00:00:00Z", I11);
        forge.incremental(I13, "2026-11-04T00:00:00Z", I12);
        forge.rebase(R2, "2026-11-02T00:00:00Z", I11);
        forge.append(new Change.Reparent(I12, R2));
    }

    private BackupChain chainOf(String id) {
        Repository repository = Repository.open(store);
        CatalogueView view = repository.catalogue().view();
        return BackupChain.of(repository, view, view.find(id).orElseThrow().manifest());
    }

    @Test
    void oneThatWasRebasedAwayFromItsParentBuildsOnTheNewOne() {
        assertThat(chainOf(I13).links())
                .extracting(link -> link.manifest().id())
                .containsExactly(I13, I12, R2);
    }

    @Test
    void itStillDoesWhenItIsExpiredAndItsFirstParentWasCollected() {
        forge.expire(I12, I11, F1);
        Repository repository = Repository.open(store);
        new CollectOperation(
                        repository,
                        new Claims(repository, CLOCK, host, host, new Random(SEED)),
                        CLOCK,
                        ProgressListener.NONE)
                .execute();

        BackupChain chain = chainOf(I13);

        assertThat(chain.links()).extracting(link -> link.manifest().id()).containsExactly(I13, I12, R2);
        assertThat(chain.layers(Forge.TABLE, Forge.TABLE_ID).missing().isEmpty())
                .isTrue();
        assertThat(store.keys()).noneMatch(key -> key.contains(I11) || key.contains(F1));
    }
}
