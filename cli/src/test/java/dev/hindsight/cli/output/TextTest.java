package dev.hindsight.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TextTest {
    @Test
    void tableHasNoBordersAndAlignsNumbersRight() {
        String table = Text.table(
                List.of("table", ">rows", "state"),
                List.of(List.of("shop.orders", "12,000", "ok"), List.of("shop.x", "7", "a \u001b[31mred\u001b[0m")));

        assertThat(table).isEqualTo("""
                        TABLE          ROWS  STATE
                        shop.orders  12,000  ok
                        shop.x            7  a \\u001b[31mred\\u001b[0m""");
    }

    @Test
    void factsAlignTheirValues() {
        assertThat(Text.facts(List.of("a", "1", "long", "2"))).isEqualTo("a     1\nlong  2");
    }

    @Test
    void timesAreUtcAndDurationsHaveUnits() {
        assertThat(Text.time(Instant.parse("2026-11-22T10:42:07.9Z"))).isEqualTo("2026-11-22 10:42:07Z");
        assertThat(Text.duration(Duration.ofMillis(850))).isEqualTo("850ms");
        assertThat(Text.duration(Duration.ofMillis(12_340))).isEqualTo("12.3s");
        assertThat(Text.duration(Duration.ofSeconds(245))).isEqualTo("4m 05s");
        assertThat(Text.duration(Duration.ofMinutes(200))).isEqualTo("3h 20m");
        assertThat(Text.duration(Duration.ofHours(292))).isEqualTo("12d 4h");
        assertThat(Text.plural(1, "row")).isEqualTo("1 row");
        assertThat(Text.plural(1234, "row")).isEqualTo("1,234 rows");
    }
}
