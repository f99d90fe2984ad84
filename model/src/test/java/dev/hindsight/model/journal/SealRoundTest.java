package dev.hindsight.model.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SealRoundTest {
    private static final long SEED = Long.getLong("test.seed", 20261123L);
    private static final UUID HOST_1 = new UUID(0, 1);
    private static final UUID HOST_2 = new UUID(0, 2);

    private record Copy(ContentDigest digest, long writeMicros, Observation observed, Origin origin) {}

    @Test
    void theInstantIsTheWriteTimestampClampedIntoTheEarliestObservation() {
        SealRound round = new SealRound(Published.NOTHING, digest -> false);
        assertThat(add(round, 1, 500, 100, 200, HOST_1)).isEqualTo(SealRound.Outcome.NEW);
        assertThat(add(round, 1, 500, 150, 160, HOST_2)).isEqualTo(SealRound.Outcome.COPY);
        add(round, 2, 42, 110, 190, HOST_1);
        add(round, 3, 130, 110, 190, HOST_1);

        List<ChangeRecord> records = round.records(1000);

        assertThat(records).extracting(ChangeRecord::instantMicros).containsExactly(110L, 130L, 160L);
        assertThat(records).extracting(ChangeRecord::number).containsExactly(1L, 2L, 3L);
        assertThat(records.get(2).observed()).isEqualTo(new Observation(100, 160));
        assertThat(records.get(2).origins()).hasSize(2);
        assertThat(records).noneMatch(ChangeRecord::late);
    }

    @Test
    void aFrameThatIsSeenAgainKnowsNoMoreThanBefore() {
        for (boolean againFirst : List.of(true, false)) {
            SealRound round = new SealRound(Published.NOTHING, digest -> false);
            if (againFirst) {
                add(round, 1, 42, 0, 900, HOST_1);
            }
            add(round, 1, 42, 100, 200, HOST_1);
            add(round, 1, 42, 150, 250, HOST_2);
            if (!againFirst) {
                add(round, 1, 42, 0, 900, HOST_1);
            }

            ChangeRecord record = round.records(1000).get(0);

            assertThat(record.observed()).isEqualTo(new Observation(100, 200));
            assertThat(record.instantMicros()).isEqualTo(100);
            assertThat(record.origins()).hasSize(2);
        }
    }

    @Test
    void whatComesBehindTheWatermarkIsLateAndKeepsItsInterval() {
        SealRound round = new SealRound(new Published(300, 7), digest -> false);
        add(round, 1, 150, 100, 299, HOST_1);
        add(round, 2, 150, 100, 300, HOST_1);

        List<ChangeRecord> records = round.records(301);

        assertThat(records).extracting(ChangeRecord::instantMicros).containsExactly(300L, 300L);
        assertThat(records).extracting(ChangeRecord::number).containsExactly(8L, 9L);
        assertThat(records.get(0).late()).isTrue();
        assertThat(records.get(0).observed()).isEqualTo(new Observation(100, 299));
        assertThat(records.get(1).late()).isFalse();
    }

    @Test
    void copiesOfPublishedChangesAreDroppedAndCopiesOfALaterRoundRefused() {
        SealRound round = new SealRound(new Published(300, 7), digest -> digest.low() == 1);
        assertThat(add(round, 1, 150, 100, 290, HOST_1)).isEqualTo(SealRound.Outcome.PUBLISHED);
        assertThat(round.records(400)).isEmpty();
        add(round, 2, 350, 340, 400, HOST_1);

        assertThatThrownBy(() -> round.records(400)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> round.records(300)).isInstanceOf(IllegalArgumentException.class);
        assertThat(round.records(401)).hasSize(1);
    }

    /** Hosts are read each as far as it likes, rounds end where they like, some host is left out for a while. */
    @Test
    void anyPartitionIntoRoundsKeepsTheLaws() {
        for (int run = 0; run < 1500; run++) {
            Random random = new Random(SEED + run);
            Map<UUID, List<Copy>> hosts = captures(random);
            List<ChangeRecord> sealed = new ArrayList<>();
            Map<Long, Set<ContentDigest>> answers = new HashMap<>();
            Map<ContentDigest, Long> firstSealedAt = new HashMap<>();
            Map<ContentDigest, Long> watermarkBefore = new HashMap<>();
            Published published = Published.NOTHING;
            for (int i = 0; i < 30; i++) {
                boolean last = i == 29;
                long watermark = last ? 2_000_000 : Math.max(published.watermarkMicros() + 1, random.nextInt(30) * 40L);
                Set<ContentDigest> known =
                        sealed.stream().map(ChangeRecord::digest).collect(Collectors.toCollection(HashSet::new));
                SealRound round = new SealRound(published, known::contains);
                for (List<Copy> copies : hosts.values()) {
                    boolean leftOut = !last && random.nextInt(4) == 0;
                    List<Copy> taken = leftOut
                            ? List.of()
                            : copies.stream()
                                    .filter(copy -> copy.observed().toMicros() < watermark)
                                    .collect(Collectors.toCollection(ArrayList::new));
                    copies.removeAll(taken);
                    Collections.shuffle(taken, random);
                    for (Copy copy : taken) {
                        round.add(copy.digest(), copy.writeMicros(), copy.observed(), copy.origin());
                        if (!known.contains(copy.digest())) {
                            firstSealedAt.merge(copy.digest(), copy.observed().toMicros(), Math::min);
                            watermarkBefore.put(copy.digest(), published.watermarkMicros());
                        }
                    }
                }
                List<ChangeRecord> records = round.records(watermark);
                sealed.addAll(records);
                published = new Published(watermark, published.lastNumber() + records.size());
                Published now = published;
                answers.forEach((instant, answer) ->
                        assertThat(upTo(sealed, instant)).as("seed %d", SEED).isEqualTo(answer));
                long asked = random.nextInt(1300);
                if (now.isFinal(asked)) {
                    answers.put(asked, upTo(sealed, asked));
                }
            }
            requireLaws(sealed, firstSealedAt, watermarkBefore, SEED + run);
        }
    }

    private static void requireLaws(
            List<ChangeRecord> sealed, Map<ContentDigest, Long> first, Map<ContentDigest, Long> before, long seed) {
        assertThat(sealed.stream().map(ChangeRecord::digest).toList())
                .as("every change once, seed %d", seed)
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(first.keySet());
        long instant = Long.MIN_VALUE;
        for (int i = 0; i < sealed.size(); i++) {
            ChangeRecord record = sealed.get(i);
            assertThat(record.number()).isEqualTo(i + 1L);
            assertThat(record.instantMicros()).as("seed %d", seed).isGreaterThanOrEqualTo(instant);
            instant = record.instantMicros();
            long watermark = Objects.requireNonNull(before.get(record.digest()));
            long earliest = Objects.requireNonNull(first.get(record.digest()));
            assertThat(record.late()).as("seed %d", seed).isEqualTo(earliest < watermark);
            assertThat(record.observed().toMicros()).isEqualTo(earliest);
            if (record.late()) {
                assertThat(record.instantMicros()).isEqualTo(watermark);
            } else {
                assertThat(record.instantMicros())
                        .isBetween(
                                record.observed().fromMicros(),
                                record.observed().toMicros());
            }
        }
    }

    private static Set<ContentDigest> upTo(List<ChangeRecord> sealed, long instant) {
        return sealed.stream()
                .filter(record -> record.instantMicros() <= instant)
                .map(ChangeRecord::digest)
                .collect(Collectors.toSet());
    }

    private static Map<UUID, List<Copy>> captures(Random random) {
        Map<UUID, List<Copy>> out = new HashMap<>();
        int changes = 1 + random.nextInt(40);
        for (int host = 1; host <= 3; host++) {
            out.put(new UUID(0, host), new ArrayList<>());
        }
        for (int change = 0; change < changes; change++) {
            long write = random.nextInt(8) == 0 ? random.nextLong() : random.nextInt(1200);
            for (List<Copy> copies : out.values()) {
                for (int again = random.nextInt(4) == 0 ? 2 : random.nextInt(2); again > 0; again--) {
                    long from = random.nextInt(1000);
                    long to = from + random.nextInt(random.nextInt(5) == 0 ? 300 : 20);
                    UUID host = out.entrySet().stream()
                            .filter(entry -> entry.getValue() == copies)
                            .findFirst()
                            .orElseThrow()
                            .getKey();
                    copies.add(new Copy(
                            new ContentDigest(random.nextInt(2) * Long.MIN_VALUE, change),
                            write,
                            new Observation(from, to),
                            new Origin(host, new LogPosition(1, random.nextInt(1 << 20)))));
                }
            }
        }
        return out;
    }

    private static SealRound.Outcome add(SealRound round, long digest, long write, long from, long to, UUID host) {
        return round.add(
                new ContentDigest(0, digest),
                write,
                new Observation(from, to),
                new Origin(host, new LogPosition(1, (int) digest)));
    }
}
