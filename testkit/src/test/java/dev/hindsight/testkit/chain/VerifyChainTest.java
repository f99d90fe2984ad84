package dev.hindsight.testkit.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.engine.TaskContext;
import dev.hindsight.engine.local.InProcessEngine;
import dev.hindsight.model.failure.PlanStaleException;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.RunSettings;
import dev.hindsight.operations.verify.VerifyOperation;
import dev.hindsight.operations.verify.VerifyReport;
import dev.hindsight.operations.verify.VerifyRequest;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ForwardingStore;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.synthesis.Synthesisers;
import dev.hindsight.testkit.store.MemoryStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verification of chains of which a part was expired, or of which only help for later backups is damaged. */
class VerifyChainTest {
    private static final long SEED = Long.getLong("test.seed", 20261123L);
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-22T12:00:00Z"), ZoneOffset.UTC);
    private static final String F1 = Forge.id("20261101T000000Z", 1);
    private static final String I11 = Forge.id("20261102T000000Z", 2);
    private static final String I12 = Forge.id("20261103T000000Z", 3);
    private static final String F2 = Forge.id("20261104T000000Z", 4);

    @TempDir
    private Path scratch;

    private final MemoryStore store = new MemoryStore();
    private final Forge forge = new Forge(store, CLOCK, new TestHost("here"), SEED);

    @BeforeEach
    void chain() {
        Repository.init(store, CLOCK);
        forge.full(F1, "2026-11-01T00:00:00Z");
        forge.incremental(I11, "2026-11-02T00:00:00Z", F1);
        forge.incremental(I12, "2026-11-03T00:00:00Z", I11);
        forge.full(F2, "2026-11-04T00:00:00Z");
    }

    private VerifyReport verify(Optional<String> backup, VerifyRequest.Level level) {
        return verify(store, backup, level);
    }

    private VerifyReport verify(ObjectStore store, Optional<String> backup, VerifyRequest.Level level) {
        try (VerifyOperation operation = new VerifyOperation(
                Repository.open(store),
                RunSettings.defaults(scratch),
                (workers, own) -> new InProcessEngine(new TaskContext(
                        store,
                        address -> {
                            throw new AssertionError("asked for agent " + address);
                        },
                        Synthesisers.named(Synthesisers.DEFAULT),
                        own,
                        CLOCK)),
                CLOCK,
                ProgressListener.NONE)) {
            return operation.execute(new VerifyRequest(backup, level, Optional.empty()));
        }
    }

    /** The catalogue as it is until somebody appends to it, by then without one backup. */
    private ObjectStore expiringMeanwhile(String backup) {
        return new ForwardingStore(store) {
            private boolean expired;

            @Override
            public PutOutcome putIfAbsent(String key, Body body) {
                if (!expired && key.startsWith(Keys.CATALOGUE)) {
                    expired = true;
                    forge.expire(backup);
                }
                return super.putIfAbsent(key, body);
            }
        };
    }

    @Test
    void aBackupThatExpiresWhileItsVerificationBeginsIsSaidToHaveGone() {
        assertThatThrownBy(() -> verify(expiringMeanwhile(F2), Optional.of(F2), VerifyRequest.Level.REFS))
                .isInstanceOf(PlanStaleException.class)
                .hasMessageContaining("backup " + F2 + " was expired while 'verify' began");
    }

    @Test
    void oneOfManyThatExpiresMeanwhileIsLeftOut() {
        assertThat(verify(expiringMeanwhile(F2), Optional.empty(), VerifyRequest.Level.REFS)
                        .backups())
                .containsExactly(F1, I11, I12);
        assertThat(verify(expiringMeanwhile(I12), Optional.of("latest"), VerifyRequest.Level.REFS)
                        .backups())
                .contains(I11)
                .doesNotContain(I12);
    }

    private String dataOf(String backup) {
        return forge.named(backup).stream()
                .filter(key -> key.endsWith("-Data.db"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void anExpiredBackupThatAnotherBuildsOnIsVerifiedToo() {
        forge.expire(I11, F1);

        assertThat(verify(Optional.empty(), VerifyRequest.Level.BYTES).backups())
                .containsExactly(F1, I11, I12, F2);
        assertThat(verify(Optional.of(I12), VerifyRequest.Level.BYTES).backups())
                .containsExactly(F1, I11, I12);

        String damaged = dataOf(F1);
        Forge.flip(store, damaged);
        for (Optional<String> backup : List.of(Optional.<String>empty(), Optional.of(I12))) {
            VerifyReport report = verify(backup, VerifyRequest.Level.BYTES);
            assertThat(report.problems()).singleElement().asString().contains(damaged);
            assertThat(report.hurt()).singleElement().satisfies(hurt -> {
                assertThat(hurt.backup()).isEqualTo(I12);
                assertThat(hurt.ranges()).hasSize(1);
                assertThat(hurt.goodAfter()).contains(F2);
            });
        }
    }

    @Test
    void aRestorePointAboveAnExpiredBackupIsGoodWhereNothingOfItsOwnIsDamaged() {
        forge.expire(I11, F1);
        Forge.flip(store, dataOf(F2));

        VerifyReport report = verify(Optional.empty(), VerifyRequest.Level.BYTES);

        assertThat(report.hurt()).singleElement().satisfies(hurt -> {
            assertThat(hurt.backup()).isEqualTo(F2);
            assertThat(hurt.goodBefore()).contains(I12);
        });
    }

    @Test
    void damagedFingerprintsHurtNoRestorePoint() {
        String fingerprints = forge.named(I11).stream()
                .filter(key -> key.endsWith("fingerprints.bin"))
                .findFirst()
                .orElseThrow();
        Forge.flip(store, fingerprints);

        VerifyReport report = verify(Optional.empty(), VerifyRequest.Level.BYTES);

        assertThat(report.problems()).singleElement().asString().contains(fingerprints);
        assertThat(report.hurt()).isEmpty();
    }
}
