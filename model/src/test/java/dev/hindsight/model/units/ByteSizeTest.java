package dev.hindsight.model.units;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ByteSizeTest {
    @Test
    void readsBinaryUnitsOnly() {
        assertThat(ByteSize.parse("64MiB")).isEqualTo(64L << 20);
        assertThat(ByteSize.parse("1.5 GiB")).isEqualTo(3L << 29);
        assertThat(ByteSize.parse("0B")).isZero();
        assertThatThrownBy(() -> ByteSize.parse("64MB")).hasMessageContaining("64MB");
        assertThatThrownBy(() -> ByteSize.parse("64")).hasMessageContaining("64MiB");
    }

    @Test
    void printsThreeDigitsAtMost() {
        assertThat(ByteSize.format(0)).isEqualTo("0 B");
        assertThat(ByteSize.format(999)).isEqualTo("999 B");
        assertThat(ByteSize.format(1000)).isEqualTo("0.98 KiB");
        assertThat(ByteSize.format(64L << 20)).isEqualTo("64.0 MiB");
        assertThat(ByteSize.format(200L << 30)).isEqualTo("200 GiB");
    }
}
