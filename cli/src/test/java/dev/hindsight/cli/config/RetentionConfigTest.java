package dev.hindsight.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.retention.Keep;
import dev.hindsight.model.retention.RebasePolicy;
import dev.hindsight.model.retention.RetentionPolicy;
import dev.hindsight.model.retention.RetentionRules;
import dev.hindsight.model.schema.TableName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetentionConfigTest {
    @TempDir
    private Path dir;

    private HindsightConfig load(String more) {
        Path file = dir.resolve("hindsight.yaml");
        try {
            Files.writeString(file, "repository: {directory: repo}\n" + more);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return HindsightConfig.load(file);
    }

    private void refused(String more, String... parts) {
        assertThatThrownBy(() -> load(more))
                .isInstanceOfSatisfying(
                        UsageException.class,
                        e -> assertThat(e.getMessage() + " " + e.hint()).contains(parts));
    }

    @Test
    void aTableOverrulesItsKeyspaceAndThatTheDefault() {
        RetentionRules rules = load("""
                        retention:
                          default: {keep: {all: 3d, daily: 30d, weekly: 12w, monthly: 12m}, min: 3}
                          tables:
                            shop.orders: {keep: {all: 12h, daily: 2w}}
                            logs: {min: 1, window: 2d}
                        """).retention().orElseThrow();

        RetentionPolicy otherwise = new RetentionPolicy(new Keep(Duration.ofDays(3), 30, 12, 12), 3);
        assertThat(rules.of(new TableName("other", "t"))).isEqualTo(otherwise);
        assertThat(rules.of(new TableName("shop", "orders")))
                .isEqualTo(new RetentionPolicy(new Keep(Duration.ofHours(12), 14, 0, 0), 3));
        assertThat(rules.of(new TableName("shop", "users"))).isEqualTo(otherwise);
        assertThat(rules.of(new TableName("logs", "any")))
                .isEqualTo(new RetentionPolicy(otherwise.keep(), 1, Duration.ofDays(2)));
    }

    @Test
    void withoutTheSectionNothingIsKeptOrLetGo() {
        HindsightConfig config = load("");

        assertThat(config.retention()).isEmpty();
        assertThat(config.rebase()).isEqualTo(RebasePolicy.DEFAULT);
    }

    @Test
    void twoPointsStayWhereNothingElseIsSaid() {
        assertThat(load("retention: {default: {keep: {all: 1d}}}")
                        .retention()
                        .orElseThrow()
                        .of(new TableName("a", "b"))
                        .min())
                .isEqualTo(2);
    }

    @Test
    void slipsAreRefusedWithLineAndSuggestion() {
        refused("retention: {default: {keep: {dayly: 30d}}}", "hindsight.yaml:2", "dayly", "did you mean 'daily'?");
        refused("retention: {defualt: {keep: {all: 1d}}}", "default is missing");
        refused("retention: {default: {min: 2}}", "keep is missing");
        refused("retention: {default: {keep: {all: 3}}}", "is '3'", "h, d, w");
        refused("retention: {default: {keep: {monthly: 30d}}}", "is '30d'", "m, y");
        refused("retention: {default: {keep: {all: 999999w}}}", "hundred years");
        refused("retention: {default: {keep: {all: 1d}, min: -1}}", "min");
        refused("retention: {default: {keep: {all: 1d}}, tables: {a.b: {kept: {}}}}", "did you mean 'keep'?");
        refused("retention: {default: {keep: {all: 1d}}, tables: {.b: {min: 1}}}", "no table");
        refused("rebase: {automatik: true}", "did you mean 'automatic'?");
        refused("rebase: {chain-length: 0}", "chain-length");
        refused("rebase: {read-factor: 0.5}", "read-factor", "like 1.5");
    }

    @Test
    void theRebasePolicyIsRead() {
        assertThat(load("rebase: {automatic: false, chain-length: 30, read-factor: 2.25}")
                        .rebase())
                .isEqualTo(new RebasePolicy(false, 30, 2.25));
    }
}
