package dev.hindsight.bench.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageCacheTest {
    private static final int SIZE = 8 << 20;

    @TempDir
    Path directory;

    @Test
    void whatWasJustWrittenIsResident() throws IOException {
        Path file = Files.write(directory.resolve("file"), new byte[SIZE]);

        Optional<PageCache.Residency> residency = PageCache.of(List.of(file, file));

        assumeTrue(residency.isPresent(), "no fincore on this machine");
        assertThat(residency.orElseThrow().sizeBytes()).isEqualTo(2L * SIZE);
        assertThat(residency.orElseThrow().residentBytes()).isPositive().isLessThanOrEqualTo(2L * SIZE);
    }
}
