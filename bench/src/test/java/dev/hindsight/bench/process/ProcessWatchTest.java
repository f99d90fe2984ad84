package dev.hindsight.bench.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcessWatchTest {
    @Test
    void aWatchedProcessHasUsedSomething() {
        ProcessWatch watch = new ProcessWatch(ProcessHandle.current().pid());
        watch.close();

        assertThat(watch.process().peakRssBytes()).isGreaterThan(1 << 20);
        assertThat(watch.process().cpuSeconds()).isPositive();
        assertThat(watch.process().threads("C"))
                .isPositive()
                .isLessThanOrEqualTo(watch.process().cpuSeconds() + 1);
        assertThat(watch.workers()).isEmpty();
    }
}
