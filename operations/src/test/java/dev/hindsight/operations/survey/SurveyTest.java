package dev.hindsight.operations.survey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.cluster.LiveCluster;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.ring.Ring;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.Site;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SurveyTest {
    @Test
    void aSchemaThatDoesNotFitTogetherWhileItChangesIsReadAgain() {
        ChangingCluster cluster = new ChangingCluster();

        Survey survey = Survey.take(new Site("prod", cluster, List.of()));

        assertThat(survey.keyspace("shop")).isPresent();
        assertThat(survey.schemaVersion()).isEqualTo(ChangingCluster.AFTER);
        assertThat(cluster.readings).isEqualTo(3);
    }

    /** Changes under the first reading, which fails for that. */
    private static final class ChangingCluster implements LiveCluster {
        static final UUID BEFORE = new UUID(0, 1);
        static final UUID AFTER = new UUID(0, 2);

        private int readings;

        @Override
        public String name() {
            return "prod";
        }

        @Override
        public List<Ring> ringViews() {
            return List.of(new Ring("prod", Ring.MURMUR3, List.of()));
        }

        @Override
        public List<KeyspaceSchema> schema() {
            readings++;
            if (readings == 1) {
                throw new UnsupportedException("described without a table that is there", "report it");
            }
            return List.of(new KeyspaceSchema("shop", Map.of(), true, List.of(), List.of()));
        }

        @Override
        public Optional<UUID> schemaVersion() {
            return Optional.of(readings == 0 ? BEFORE : AFTER);
        }

        @Override
        public void executeDdl(String statement) {
            throw new AssertionError(statement);
        }

        @Override
        public Optional<UUID> tableId(TableName table) {
            return Optional.empty();
        }

        @Override
        public Optional<Map<String, String>> replication(String keyspace) {
            return Optional.empty();
        }

        @Override
        public List<dev.hindsight.cluster.CdcRoom> cdcRooms() {
            return List.of();
        }

        @Override
        public Optional<java.time.Duration> logDelay() {
            return Optional.empty();
        }

        @Override
        public Map<UUID, Map<UUID, String>> truncations() {
            return Map.of();
        }

        @Override
        public boolean isEmpty(TableName table) {
            return true;
        }

        @Override
        public void close() {}
    }
}
