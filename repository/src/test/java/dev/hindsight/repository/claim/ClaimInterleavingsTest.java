package dev.hindsight.repository.claim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.failure.BusyException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.failure.OutcomeUnknownException;
import dev.hindsight.model.failure.ReplacedException;
import dev.hindsight.model.failure.StoreUnreachableException;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.Catalogue;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.digest.Digests;
import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.DirectoryStore;
import dev.hindsight.repository.store.ForwardingStore;
import dev.hindsight.repository.store.ObjectStore;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Several writers on different machines that want one scope, one store call after the other in an order that the seed
 * gives. Calls fail and answers get lost, listings leave out what they like, and writers stand still for longer than the
 * others have patience.
 */
class ClaimInterleavingsTest {
    private static final long SEED = Long.getLong("test.seed", 20261122L);
    private static final int ROUNDS = Integer.getInteger("test.cases", 20);
    private static final int WRITERS = 4;
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-22T13:40:00Z"), ZoneOffset.UTC);

    @TempDir
    Path temp;

    @Test
    void atMostOneRunPublishesUnderAScopeWhoeverStallsOrLosesAnswers() throws Exception {
        int published = 0;
        int replaced = 0;
        int busy = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long seed = SEED + round;
            Path directory = Files.createDirectory(temp.resolve("r" + round));
            Repository.init(DirectoryStore.open(directory), CLOCK);
            Play play = new Play(seed);
            List<Writer> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                writers.add(new Writer(play, DirectoryStore.open(directory), "w" + i, seed * 31 + i));
            }
            play.run(writers);

            CatalogueView view = new Catalogue(DirectoryStore.open(directory)).inspect();
            assertThat(view.problems()).as("seed %d", seed).isEmpty();
            requireFenced(view, seed);
            Set<String> visible = new TreeSet<>();
            view.backups().stream().map(PublishedBackup::id).forEach(visible::add);
            for (Writer writer : writers) {
                assertThat(visible).as("seed %d", seed).containsAll(writer.published);
                assertThat(visible).as("seed %d", seed).noneMatch(writer.replaced::contains);
                published += writer.published.size();
                replaced += writer.replaced.size();
                busy += writer.busy;
            }
        }
        // The weather was bad enough for all of it, and not so bad that nothing was done.
        if (ROUNDS >= 20) {
            assertThat(published).isGreaterThan(ROUNDS);
            assertThat(replaced).isPositive();
            assertThat(busy).isPositive();
        }
    }

    /** What counts under a claim stands before the next claim of its scope; and nobody even puts what does not count. */
    private static void requireFenced(CatalogueView view, long seed) {
        Map<String, Long> holders = new HashMap<>();
        for (CatalogueEntry entry : view.entries()) {
            assertThat(view.isVoid(entry.number()))
                    .as("seed %d, %s", seed, entry)
                    .isFalse();
            entry.claim().ifPresent(claim -> holders.put(claim.scope(), entry.number()));
            entry.under()
                    .ifPresent(claim ->
                            assertThat(holders).as("seed %d, %s", seed, entry).containsValue(claim));
            entry.ends().ifPresent(claim -> holders.values().remove(claim));
        }
    }

    /** Lets one writer do one step, chosen by the seed from all that can; writers stand still now and then. */
    private static final class Play {
        private final Random random;
        private final Map<Writer, Integer> waiting = new HashMap<>();
        private final List<Writer> playing = new ArrayList<>();
        private @Nullable Writer chosen;

        Play(long seed) {
            random = new Random(seed);
        }

        void run(List<Writer> writers) throws InterruptedException {
            playing.addAll(writers);
            List<Thread> threads = writers.stream().map(Thread::new).toList();
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
            for (Writer writer : writers) {
                if (writer.defect != null) {
                    throw new AssertionError("a writer failed as none may", writer.defect);
                }
            }
        }

        synchronized void leave(Writer writer) {
            playing.remove(writer);
            choose();
        }

        synchronized void turn(Writer writer) {
            waiting.put(writer, writer.stallsFor());
            choose();
            try {
                while (chosen != writer) {
                    wait();
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            chosen = null;
            waiting.remove(writer);
        }

        private void choose() {
            if (playing.isEmpty() || waiting.size() < playing.size()) {
                return;
            }
            waiting.replaceAll((writer, turns) -> Math.max(0, turns - 1));
            List<Writer> ready = playing.stream()
                    .filter(one -> waiting.getOrDefault(one, 0) == 0)
                    .toList();
            List<Writer> from = ready.isEmpty() ? playing : ready;
            chosen = from.get(random.nextInt(from.size()));
            notifyAll();
        }
    }

    private static final class Writer extends ForwardingStore implements Runnable, Machine, Timing {
        private final Play play;
        private final String name;
        private final Random random;
        private final Set<Runnable> hearts = ConcurrentHashMap.newKeySet();
        private final Set<String> published = new TreeSet<>();
        private final Set<String> replaced = new TreeSet<>();
        private int busy;
        private int stall;
        private boolean beating;
        private @Nullable Throwable defect;

        Writer(Play play, ObjectStore store, String name, long seed) {
            super(store);
            this.play = play;
            this.name = name;
            this.random = new Random(seed);
        }

        @Override
        public void run() {
            try {
                for (int i = 0; i < 3; i++) {
                    publishOnce(name + "-" + i);
                }
            } catch (RuntimeException | Error e) {
                defect = e;
            } finally {
                play.leave(this);
            }
        }

        private void publishOnce(String backup) {
            try {
                Repository repository = Repository.open(this);
                Claims claims = new Claims(repository, CLOCK, this, this, random);
                try (HeldClaim held =
                        claims.acquire(new Wanted(Scope.backup("prod"), backup, "backup", List.of()), note -> {})) {
                    ObjectRef manifest = new ObjectRef(Keys.backupManifest(backup), 3, Digests.of(new byte[3]));
                    for (int step = random.nextInt(30); step > 0; step--) {
                        play.turn(this);
                        beat();
                    }
                    if (random.nextInt(4) == 0) {
                        stall = 200;
                    }
                    try {
                        repository.catalogue().append(new Change.Publish(backup, manifest), held.author());
                        published.add(backup);
                    } catch (ReplacedException e) {
                        replaced.add(backup);
                    }
                }
            } catch (BusyException e) {
                busy++;
            } catch (HindsightException e) {
                assertThat(e.hint()).isNotEmpty();
            }
        }

        /** For how many steps of the others this one stands still now. */
        int stallsFor() {
            int now = random.nextInt(100) == 0 ? 200 : stall;
            stall = 0;
            return now;
        }

        private void beat() {
            if (random.nextInt(3) == 0) {
                beating = true;
                hearts.forEach(Runnable::run);
                beating = false;
            }
        }

        private void step() {
            if (beating) {
                return;
            }
            play.turn(this);
            beat();
            if (random.nextInt(250) == 0) {
                throw new StoreUnreachableException("bad weather", "wait");
            }
        }

        @Override
        public PutOutcome putIfAbsent(String key, Body body) {
            step();
            int weather = random.nextInt(40);
            if (weather == 0) {
                throw new NotAppliedException("bad weather", "again");
            }
            PutOutcome outcome = super.putIfAbsent(key, body);
            if (weather < 5) {
                throw new OutcomeUnknownException("bad weather", "look");
            }
            return outcome;
        }

        @Override
        public InputStream get(String key) {
            step();
            return super.get(key);
        }

        @Override
        public OptionalLong size(String key) {
            step();
            return super.size(key);
        }

        @Override
        public List<String> list(String prefix) {
            return super.list(prefix).stream()
                    .filter(key -> random.nextBoolean())
                    .toList();
        }

        @Override
        public void pause(Duration howLong) {
            play.turn(this);
        }

        @Override
        public Running every(Duration period, String thread, Runnable task) {
            hearts.add(task);
            return () -> hearts.remove(task);
        }

        @Override
        public Running once(String name, Runnable task) {
            task.run();
            return () -> {};
        }

        @Override
        public String host() {
            return name;
        }

        @Override
        public String boot() {
            return "boot-" + name;
        }

        @Override
        public long processId() {
            return 1;
        }

        @Override
        public long processStart() {
            return 1;
        }

        @Override
        public void begin(String writer) {}

        @Override
        public void finish(String writer) {}

        @Override
        public boolean isGone(CatalogueEntry claim) {
            return false;
        }
    }
}
