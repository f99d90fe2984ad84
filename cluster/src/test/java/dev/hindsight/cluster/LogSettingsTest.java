package dev.hindsight.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LogSettingsTest {
    @Test
    void aMappedLogShowsWritesEveryTenthOfASecondAndAnyOtherWhenItIsSynced() {
        assertThat(LogSettings.delay(Map.of("commitlog_sync", "periodic", "commitlog_sync_period", "10000ms")))
                .isEqualTo(Duration.ofMillis(100));
        assertThat(LogSettings.delay(Map.of("commitlog_sync_period", "20ms"))).isEqualTo(Duration.ofMillis(20));
        assertThat(LogSettings.delay(Map.of("commitlog_sync_period", "1s", "commitlog_disk_access_mode", "auto")))
                .isEqualTo(Duration.ofSeconds(1));
        assertThat(LogSettings.delay(
                        Map.of("commitlog_sync_period_in_ms", "2000", "commitlog_compression", "LZ4Compressor")))
                .isEqualTo(Duration.ofSeconds(2));
        assertThat(LogSettings.delay(Map.of("commitlog_compression.class_name", "LZ4Compressor")))
                .as("not told")
                .isEqualTo(Duration.ofSeconds(10));
        assertThat(LogSettings.delay(Map.of("commitlog_sync", "batch"))).isEqualTo(Duration.ZERO);
    }
}
