package dev.hindsight.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What it costs beside a production node, in CPU of the agent's own threads, as a log of 250-byte mutations grows. */
class CaptureCostTest {
    private static final System.Logger LOG = System.getLogger(CaptureCostTest.class.getName());
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int MEGABYTES = Integer.getInteger("test.megabytes", 24);
    private static final double LIMIT_MILLIS = 33;

    @TempDir
    Path temp;

    @Test
    void aMegabyteOfLogCostsFewMillisecondsOfCpu() throws Exception {
        try (CaptureFixture fixture = new CaptureFixture(temp, 32 << 20)) {
            fixture.spoolBytes = 1L << 30;
            fixture.restartAgent();
            fixture.capture.want(Set.of("shop"));
            Random random = new Random(1);
            byte[] mutation = new byte[233];
            long nanos = 0;
            long warm = 0;
            // A megabyte a second, looked at ten times.
            for (int step = 0; step < 10 * MEGABYTES; step++) {
                for (int i = 0; i < 400; i++) {
                    random.nextBytes(mutation);
                    fixture.log.append(CaptureFixture.SHOP, mutation, fixture.nowMicros);
                }
                fixture.log.sync(fixture.nowMicros);
                long before = THREADS.getCurrentThreadCpuTime();
                fixture.run(100);
                long spent = THREADS.getCurrentThreadCpuTime() - before;
                nanos += spent;
                warm += step < 5 * MEGABYTES ? 0 : spent;
            }
            double megabyte = nanos / 1e6 / MEGABYTES;
            LOG.log(
                    System.Logger.Level.INFO,
                    () -> String.format(
                            Locale.ROOT, "capture: %.1f ms of CPU per MB of log, the cold start included", megabyte));
            double later = warm / 1e6 / (MEGABYTES / 2.0);
            LOG.log(
                    System.Logger.Level.INFO,
                    () -> String.format(Locale.ROOT, "capture: %.1f ms of CPU per MB of log, when warm", later));
            fixture.run(2000);
            assertThat(Captured.of(fixture.store).frames).hasSize(4000 * MEGABYTES);
            assertThat(later).isLessThan(LIMIT_MILLIS);
        }
    }
}
