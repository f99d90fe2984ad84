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

    @Test
    void theRoomForCdcIsTooSmallWhereItIsOfAFewSegments() {
        assertThat(LogSettings.cdcRoom("n", Map.of("cdc_total_space", "16MiB"))).isEmpty();
        CdcRoom small = LogSettings.cdcRoom("n", Map.of("cdc_enabled", "true", "cdc_total_space", "16MiB"))
                .orElseThrow();
        assertThat(small).isEqualTo(new CdcRoom("n", 16 << 20, true));
        assertThat(small.problem().orElseThrow()).contains("16 MiB", "refuses writes");
        CdcRoom old = LogSettings.cdcRoom(
                        "n", Map.of("cdc_enabled", "true", "cdc_block_writes", "false", "cdc_total_space_in_mb", "100"))
                .orElseThrow();
        assertThat(old.problem().orElseThrow()).contains("100 MiB", "deletes what the agent has not seen");
        assertThat(LogSettings.cdcRoom("n", Map.of("cdc_enabled", "true", "cdc_total_space", "4GiB"))
                        .orElseThrow()
                        .problem())
                .isEmpty();
        assertThat(LogSettings.cdcRoom("n", Map.of("cdc_enabled", "true", "cdc_total_space", "much")))
                .isEmpty();
    }
}
