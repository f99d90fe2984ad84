package dev.hindsight.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.AllNodesFailedException;
import com.datastax.oss.driver.api.core.DriverTimeoutException;
import com.datastax.oss.driver.api.core.servererrors.InvalidQueryException;
import com.datastax.oss.driver.api.core.servererrors.SyntaxError;
import com.datastax.oss.driver.api.core.servererrors.UnauthorizedException;
import dev.hindsight.model.failure.AlreadyExistsException;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.OutcomeUnknownException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.failure.UnauthorisedException;
import dev.hindsight.model.failure.UnsupportedException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DriverErrorsTest {
    private static final String DDL = "CREATE MATERIALIZED VIEW ks.v AS SELECT * FROM ks.t";

    @Test
    void aFeatureSwitchedOffOnTheTargetIsUnsupportedAndQuotesTheServer() {
        assertThat(onDdl("Materialized views are disabled. Enable in cassandra.yaml to use."))
                .isInstanceOf(UnsupportedException.class)
                .hasMessageContaining(DDL)
                .hasMessageContaining("Materialized views are disabled");
        assertThat(onDdl("Guardrail user_functions violated: User defined functions is not allowed"))
                .isInstanceOf(UnsupportedException.class);
    }

    @Test
    void aStatementTheServerRejectsWasNotApplied() {
        assertThat(onDdl("Unknown type ks.missing"))
                .isInstanceOf(PreconditionFailedException.class)
                .hasMessageContaining("Unknown type ks.missing");
        assertThat(DriverErrors.onDdl(new SyntaxError(null, "line 1:8 no viable alternative"), DDL))
                .isInstanceOf(PreconditionFailedException.class);
        assertThat(DriverErrors.onDdl(
                        new com.datastax.oss.driver.api.core.servererrors.AlreadyExistsException(null, "ks", "v"), DDL))
                .isInstanceOf(AlreadyExistsException.class);
    }

    @Test
    void aTimeoutOfASchemaChangeLeavesItsOutcomeUnknown() {
        assertThat(DriverErrors.onDdl(new DriverTimeoutException("timed out"), DDL))
                .isInstanceOf(OutcomeUnknownException.class);
        assertThat(DriverErrors.onRead(new DriverTimeoutException("timed out"), "x"))
                .isInstanceOf(ClusterUnreachableException.class);
    }

    @Test
    void aNodeWithoutConnectionWasNotSentAnything() {
        assertThat(DriverErrors.onDdl(AllNodesFailedException.fromErrors(Map.of()), DDL))
                .isInstanceOf(ClusterUnreachableException.class);
    }

    @Test
    void rightsThatCannotBeReadAreATroubleOfTheClusterNotOfTheUser() {
        UnauthorizedException unreadable = new UnauthorizedException(
                null, "Unable to perform authorization of permissions: Cannot achieve consistency level QUORUM");

        assertThat(DriverErrors.onRead(unreadable, "the schema"))
                .isInstanceOf(ClusterUnreachableException.class)
                .hasMessageContaining("Cannot achieve consistency level QUORUM");
        assertThat(DriverErrors.onDdl(unreadable, DDL)).isInstanceOf(ClusterUnreachableException.class);
        assertThat(DriverErrors.isNodeTrouble(unreadable)).isTrue();
        assertThat(DriverErrors.onRead(new UnauthorizedException(null, "User ops has no SELECT permission"), "t"))
                .isInstanceOf(UnauthorisedException.class);
    }

    private static HindsightException onDdl(String serverText) {
        return DriverErrors.onDdl(new InvalidQueryException(null, serverText), DDL);
    }
}
