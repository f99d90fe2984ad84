package dev.hindsight.testkit.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.engine.journal.CaptureScan;
import dev.hindsight.engine.journal.CaptureStream;
import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.model.journal.Observation;
import dev.hindsight.repository.journal.CaptureItem;
import dev.hindsight.repository.layout.Keys;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which tables are said to be touched by what was captured. */
class CaptureScanTest extends SealerFixture {
    private static final UUID OTHER = new UUID(7, 7);
    private static final Set<UUID> ALL = Set.of(ID, TWIN, OTHER);

    private final CountingStore counting = new CountingStore(store);
    private final CaptureScan scan = new CaptureScan(counting);
    private final Map<CaptureStream, Long> stored = new HashMap<>();
    private CaptureWorld host;

    @BeforeEach
    void begin() {
        host = host(1);
        stored.put(host.stream, 0L);
        assertThat(scan.readOn(ALL, stored))
                .as("of what was before nothing is known")
                .isEqualTo(ALL);
        assertThat(scan.readOn(ALL, stored)).isEmpty();
    }

    /** The agent says that there is one more. */
    private Set<UUID> touched() {
        stored.merge(host.stream, 1L, Long::sum);
        return scan.readOn(ALL, stored);
    }

    private byte[] mutation(UUID... tables) {
        MutationBytes.Update[] updates = new MutationBytes.Update[tables.length];
        for (int i = 0; i < tables.length; i++) {
            updates[i] = write(tables[i], i, i, now);
        }
        return MutationBytes.mutation(updates);
    }

    private String key(long object) {
        return Keys.capture(host.stream.hostId(), host.stream.incarnation(), object);
    }

    @Test
    void tablesOfItsMutationsAreAndNoOthers() {
        frames(host, now, now + 10, mutation(ID));
        assertThat(touched()).containsExactly(ID);
        frames(host, now, now + 10, mutation(FOREIGN), mutation(FOREIGN, TWIN), mutation(TWIN));
        assertThat(touched()).containsExactly(TWIN);
        frames(host, now, now + 10, mutation(FOREIGN, TWIN, ID));
        assertThat(touched()).containsExactlyInAnyOrder(ID, TWIN);
        frames(host, now, now + 10, mutation(FOREIGN));
        assertThat(touched()).isEmpty();
        frames(host, now, now + 10);
        assertThat(touched()).isEmpty();
    }

    @Test
    void whatMayBeAboutAnyTableTouchesAll() {
        frames(host, now, now + 10, truncation(host, now / 1000));
        assertThat(touched()).as("a TRUNCATE of some table").isEqualTo(ALL);
        host.add(new CaptureItem.Gap(new LogPosition(1, 0), new LogPosition(1, 5), now, now + 5, "lost"))
                .put();
        assertThat(touched()).as("a gap").isEqualTo(ALL);
        host.add(new CaptureItem.Done(new LogPosition(1, 5), false)).put();
        assertThat(touched()).as("an unclean end").isEqualTo(ALL);
        host.add(new CaptureItem.Done(new LogPosition(2, 5), true)).put();
        assertThat(touched()).as("the log goes on in the next segment").isEmpty();
        CaptureWorld again = new CaptureWorld(store, host.stream.hostId(), BEGIN / 1000 + 5);
        again.add(new CaptureItem.Seen(new LogPosition(1, 0), now)).put();
        stored.put(again.stream, 0L);
        assertThat(scan.readOn(ALL, stored)).as("a new incarnation").isEqualTo(ALL);
    }

    @Test
    void dataFromOutsideTouchTheirTableOnly() {
        host.add(new CaptureItem.Outside(TWIN, now, now + 5, "an import")).put();
        assertThat(touched()).containsExactly(TWIN);
        host.add(new CaptureItem.Outside(FOREIGN, now, now + 5, "an import")).put();
        assertThat(touched()).isEmpty();
        for (UUID table : List.of(TWIN, FOREIGN)) {
            try (var items = scan.of(table).find(host.stream, 1).orElseThrow()) {
                assertThat(items.next().orElseThrow()).isInstanceOf(CaptureItem.Outside.class);
            }
        }
    }

    @Test
    void whatCannotBeReadTouchesAllOnce() {
        frames(host, now, now + 10, mutation(FOREIGN));
        byte[] good = store.bytes(key(1));
        byte[] bad = good.clone();
        bad[bad.length / 2] ^= 1;
        store.damage(key(1), bad);
        assertThat(touched()).as("damaged").isEqualTo(ALL);
        assertThat(scan.readOn(ALL, stored)).isEmpty();
        frames(host, now, now + 10, mutation(FOREIGN));
        store.delete(key(2));
        assertThat(touched()).as("missing").isEqualTo(ALL);
        frames(host, now, now + 10, mutation(ID));
        assertThat(touched()).as("and it goes on behind that").containsExactly(ID);
    }

    /** An agent that cannot be asked may go on putting. */
    @Test
    void hostOfWhichNobodyTellsIsReadOn() {
        CaptureWorld second = host(2);
        stored.put(second.stream, 0L);
        scan.readOn(ALL, stored);
        stored.remove(host.stream);
        frames(host, now, now + 10, mutation(ID));
        frames(host, now, now + 10, mutation(TWIN));
        assertThat(scan.readOn(ALL, stored)).containsExactlyInAnyOrder(ID, TWIN);
        assertThat(scan.readOn(ALL, stored)).isEmpty();
        frames(host, now, now + 10, mutation(OTHER));
        assertThat(scan.readOn(ALL, stored)).containsExactly(OTHER);
    }

    @Test
    void hostOfWhichNobodyTellsAndThatCannotBeReadIsLeftAloneUntilItIsThereAgain() {
        CaptureWorld second = host(2);
        stored.put(second.stream, 0L);
        scan.readOn(ALL, stored);
        long objects = Objects.requireNonNull(stored.remove(host.stream));
        frames(host, now, now + 10, mutation(FOREIGN));
        store.damage(key(1), new byte[7]);
        assertThat(scan.readOn(ALL, stored)).isEqualTo(ALL);
        assertThat(scan.readOn(ALL, stored)).isEmpty();
        stored.put(host.stream, objects + 1);
        assertThat(scan.readOn(ALL, stored)).isEqualTo(ALL);
    }

    /** So that each is sealed beyond what is remembered before that is let go of. */
    @Test
    void allAreTouchedWhenMuchHasComeThatIsOfNone() {
        CaptureScan small = new CaptureScan(store, 120);
        small.readOn(ALL, stored);
        int times = 0;
        for (int i = 0; i < 100; i++) {
            host.add(new CaptureItem.Log(1, 8, new Observation(now, now)))
                    .add(new CaptureItem.Seen(new LogPosition(1, 0), now))
                    .put();
            stored.merge(host.stream, 1L, Long::sum);
            times += small.readOn(ALL, stored).isEmpty() ? 0 : 1;
        }
        assertThat(times).isBetween(5, 15);
    }

    /** Which of many tables an object is of has to be remembered as well. */
    @Test
    void whatIsRememberedOfManyTablesCountsToo() {
        Set<UUID> many = new HashSet<>(ALL);
        for (int i = 0; i < 50_000; i++) {
            many.add(new UUID(i, 31L * i));
        }
        CaptureScan small = new CaptureScan(counting, 400);
        small.readOn(many, stored);
        for (int i = 0; i < 20; i++) {
            frames(host, now, now + 10, mutation(ID, new UUID(49_999, 31L * 49_999)));
            stored.merge(host.stream, 1L, Long::sum);
            small.readOn(many, stored);
        }
        long before = counting.captureGets();
        small.of(OTHER).find(host.stream, 20).orElseThrow().close();
        assertThat(counting.captureGets()).as("of the last one it is known").isEqualTo(before);
        small.of(OTHER).find(host.stream, 1).orElseThrow().close();
        assertThat(counting.captureGets()).as("the first one was let go of").isEqualTo(before + 1);
    }

    /** What was read again is not counted twice, or all of it would be let go of soon. */
    @Test
    void bytesOfAnObjectThatIsReadAgainCountOnce() {
        CaptureScan tiny = new CaptureScan(counting, 1);
        byte[] large = MutationBytes.mutation(
                write(TWIN, 1, 1, now),
                new MutationBytes.Update(FOREIGN, MutationBytes.int4(1), now, List.of("m"))
                        .mapRow(new byte[16], new byte[4 << 20]));
        frames(host, now, now + 10, large);
        frames(host, now, now + 10, mutation(TWIN));
        stored.put(host.stream, 2L);
        tiny.readOn(ALL, stored);
        for (int i = 0; i < 20; i++) {
            tiny.of(ID).find(host.stream, 1).orElseThrow().close();
        }
        tiny.of(TWIN).find(host.stream, 2).orElseThrow().close();
        long before = counting.captureGets();
        tiny.of(TWIN).find(host.stream, 1).orElseThrow().close();
        assertThat(counting.captureGets()).as("only what it says").isEqualTo(before + 1);
    }

    @Test
    void eachObjectIsReadOnceAndATableProtectedLaterReadsItItself() {
        for (int i = 0; i < 5; i++) {
            frames(host, now, now + 10, mutation(ID));
            touched();
        }
        assertThat(counting.captureGets()).isEqualTo(5);
        for (int i = 1; i <= 5; i++) {
            int object = i;
            for (UUID table : ALL) {
                try (var items = scan.of(table).find(host.stream, object).orElseThrow()) {
                    int frames = 0;
                    for (var item = items.next(); item.isPresent(); item = items.next()) {
                        frames += item.get() instanceof CaptureItem.Frame ? 1 : 0;
                    }
                    assertThat(frames).isEqualTo(table.equals(ID) ? 1 : 0);
                    assertThat(items.passed()).isEqualTo(3);
                }
            }
            try (var items = scan.of(FOREIGN).find(host.stream, object).orElseThrow()) {
                items.next();
                assertThat(items.next().orElseThrow()).isInstanceOf(CaptureItem.Frame.class);
            }
        }
        assertThat(counting.captureGets()).isEqualTo(5);
    }
}
