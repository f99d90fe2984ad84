package dev.hindsight.server.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.schema.TableName;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BaseTimesTest {
    private static final TableName ORDERS = new TableName("shop", "orders");
    private static final TableName USERS = new TableName("shop", "users");
    private static final TableName OTHER = new TableName("k", "t");
    private static final Instant LAST = Instant.parse("2026-11-22T12:00:00Z");

    @Test
    void mostSpecificRhythmCounts() {
        BaseTimes times = BaseTimes.parse(List.of("1d", "shop=12h", "shop.orders=30 3 * * *"));
        assertThat(times.due(OTHER, LAST)).contains(Instant.parse("2026-11-23T12:00:00Z"));
        assertThat(times.due(USERS, LAST)).contains(Instant.parse("2026-11-23T00:00:00Z"));
        assertThat(times.due(ORDERS, LAST)).contains(Instant.parse("2026-11-23T03:30:00Z"));
    }

    @Test
    void offMeansNever() {
        assertThat(BaseTimes.parse(List.of("1d", "shop=off")).due(ORDERS, LAST)).isEmpty();
        assertThat(BaseTimes.parse(List.of()).due(ORDERS, LAST)).isEmpty();
    }

    @Test
    void cronIsInUtcAndBehindTheLastBase() {
        BaseTimes times = BaseTimes.parse(List.of("0 12 * * *"));
        assertThat(times.due(ORDERS, LAST)).contains(Instant.parse("2026-11-23T12:00:00Z"));
        assertThat(times.due(ORDERS, LAST.minusSeconds(1))).contains(LAST);
    }

    @ParameterizedTest
    @ValueSource(strings = {"soon", "1", "5s", "61 3 * * *", "shop=", "a b", ""})
    void whatIsNoRhythmIsRefused(String text) {
        assertThatThrownBy(() -> BaseTimes.parse(List.of(text))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void sameNameTwiceIsRefused() {
        assertThatThrownBy(() -> BaseTimes.parse(List.of("shop=1d", "shop=2d")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("says again");
    }
}
