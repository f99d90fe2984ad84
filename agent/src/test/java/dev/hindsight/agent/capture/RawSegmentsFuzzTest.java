package dev.hindsight.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node with {@code cdc_enabled}, and an agent, a store and a disk that come and go in any order. */
class RawSegmentsFuzzTest {
    private static final long SEED = Long.getLong("test.seed", 20261140L);
    private static final int RUNS = Integer.getInteger("test.runs", 8);

    @TempDir
    Path temp;

    @Test
    void whateverHappensNothingIsLostWithoutAGapAndNothingStaysBehind() throws Exception {
        for (int run = 0; run < RUNS; run++) {
            long seed = SEED + run;
            try (Life life = new Life(temp.resolve("seed" + seed), new Random(seed))) {
                life.live();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("-Dtest.seed=" + seed + " -Dtest.runs=1", e);
            }
        }
    }

    private static final class Life implements AutoCloseable {
        private final CaptureFixture fixture;
        private final Random random;
        /** Of what cannot be opened now, where it really is. */
        private final TreeMap<Path, Path> unreadable = new TreeMap<>();

        private boolean away;
        private boolean unlinkable;

        Life(Path root, Random random) throws IOException {
            this.fixture = new CaptureFixture(root);
            this.random = random;
            fixture.enableCdc();
            if (random.nextInt(3) == 0) {
                fixture.spoolBytes = 3000;
                fixture.pinnedBytes = 3 * FakeLog.SEGMENT_BYTES;
            }
            fixture.restartAgent();
        }

        void live() throws IOException {
            if (random.nextInt(4) == 0) {
                write();
            }
            fixture.capture.want(Set.of("shop"));
            fixture.run(1500);
            for (int step = 0; step < 50; step++) {
                step(random.nextInt(13));
                if (!away && random.nextInt(3) > 0) {
                    fixture.run(100 + random.nextInt(3000));
                }
            }
            makeReadable();
            makeLinkable();
            fixture.store.away = false;
            if (away) {
                fixture.capture = fixture.newAgent();
            }
            if (!fixture.log.isUp()) {
                fixture.pass(3000);
                fixture.log.start(fixture.nowMicros / 1000);
            }
            fixture.run(3000);
            fixture.log.append(CaptureFixture.SHOP, new byte[10], fixture.nowMicros);
            fixture.pass(20);
            fixture.log.sync(fixture.nowMicros);
            fixture.run(20_000);
            Captured captured = Captured.of(fixture.store);
            captured.check(fixture.log, Set.of(CaptureFixture.SHOP));
            assertThat(fixture.capture.status().lastError()).isEmpty();
            assertThat(fixture.log.rawFiles())
                    .allMatch(name -> Files.exists(fixture.log.directory.resolve(name.replace("_cdc.idx", ".log"))))
                    .filteredOn(name -> name.endsWith(".idx"))
                    .as("of the segment that is written")
                    .hasSizeLessThanOrEqualTo(1);
        }

        private void step(int kind) throws IOException {
            boolean up = fixture.log.isUp();
            if (kind < 5 && up) {
                write();
            } else if (kind == 5 && up) {
                flush();
            } else if (kind == 6 && !away) {
                fixture.capture.close();
                away = true;
            } else if (kind == 7 && away) {
                fixture.capture = fixture.newAgent();
                away = false;
            } else if (kind == 8 && up && random.nextBoolean()) {
                if (random.nextBoolean()) {
                    fixture.log.kill();
                } else {
                    fixture.log.killFlushed();
                }
            } else if (kind == 8 && !up) {
                makeReadable();
                fixture.pass(3000);
                fixture.log.start(fixture.nowMicros / 1000);
            } else if (kind == 9) {
                fixture.store.away = !fixture.store.away;
            } else if (kind == 10 && up) {
                fixture.log.makeAvailable(fixture.nowMicros);
            } else if (kind == 11) {
                if (unlinkable) {
                    makeLinkable();
                } else {
                    Files.move(links(), links().resolveSibling("links-away"));
                    Files.writeString(links(), "");
                    unlinkable = true;
                }
            } else if (kind == 12) {
                makeUnreadable();
                if (!away) {
                    fixture.run(100 + random.nextInt(400));
                }
                makeReadable();
            }
        }

        private void write() {
            UUID table = random.nextInt(3) == 0 ? CaptureFixture.OTHER : CaptureFixture.SHOP;
            for (int count = random.nextInt(30); count > 0; count--) {
                fixture.log.append(table, new byte[400], fixture.nowMicros);
                fixture.pass(5 + random.nextInt(30));
                if (random.nextInt(4) > 0) {
                    fixture.log.sync(fixture.nowMicros);
                }
            }
        }

        private void flush() {
            fixture.log.deletable().forEach(fixture.log::delete);
        }

        private Path links() {
            return fixture.root.resolve("spool/segments");
        }

        private void makeLinkable() throws IOException {
            if (unlinkable) {
                Files.delete(links());
                Files.move(links().resolveSibling("links-away"), links());
                unlinkable = false;
            }
        }

        /** A symbolic link to itself opens as little as what one has no rights on. */
        private void makeUnreadable() throws IOException {
            List<Path> all;
            try (Stream<Path> files = Files.list(fixture.log.directory)) {
                all = files.sorted().toList();
            }
            for (Path log : all) {
                if (random.nextBoolean()) {
                    Path elsewhere = fixture.root.resolve("away-" + log.getFileName());
                    Files.move(log, elsewhere);
                    Files.createSymbolicLink(log, log.getFileName());
                    unreadable.put(log, elsewhere);
                }
            }
        }

        private void makeReadable() throws IOException {
            for (var one : unreadable.entrySet()) {
                Files.delete(one.getKey());
                Files.move(one.getValue(), one.getKey());
            }
            unreadable.clear();
        }

        @Override
        public void close() {
            fixture.close();
        }
    }
}
