package dev.hindsight.model.units;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class InstantTextTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    @Test
    void instantIsTakenWithItsZoneOrAsATimeBeforeNow() {
        assertThat(InstantText.parse("2026-11-22T13:00:00+02:00", NOW)).isEqualTo("2026-11-22T11:00:00Z");
        assertThat(InstantText.parse("-5m", NOW)).isEqualTo("2026-11-22T11:55:00Z");
        assertThat(InstantText.parse("0001-01-01T00:00:00Z", NOW)).isEqualTo("0001-01-01T00:00:00Z");
    }

    @Test
    void whatCannotBeCountedIsNoInstant() {
        for (String text :
                new String[] {"-999999999999999d", "-999999999999d", "-5", "2026-11-22T13:00:00", "now", ""}) {
            assertThatThrownBy(() -> InstantText.parse(text, NOW))
                    .as(text)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
