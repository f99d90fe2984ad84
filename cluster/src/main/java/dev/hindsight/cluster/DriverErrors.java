package dev.hindsight.cluster;

import com.datastax.oss.driver.api.core.AllNodesFailedException;
import com.datastax.oss.driver.api.core.DriverTimeoutException;
import com.datastax.oss.driver.api.core.NoNodeAvailableException;
import com.datastax.oss.driver.api.core.NodeUnavailableException;
import com.datastax.oss.driver.api.core.UnsupportedProtocolVersionException;
import com.datastax.oss.driver.api.core.auth.AuthenticationException;
import com.datastax.oss.driver.api.core.connection.ConnectionInitException;
import com.datastax.oss.driver.api.core.servererrors.AlreadyExistsException;
import com.datastax.oss.driver.api.core.servererrors.QueryExecutionException;
import com.datastax.oss.driver.api.core.servererrors.QueryValidationException;
import com.datastax.oss.driver.api.core.servererrors.UnauthorizedException;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.OutcomeUnknownException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.failure.UnauthorisedException;
import dev.hindsight.model.failure.UnsupportedException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What a driver's exception means for the caller. */
final class DriverErrors {
    /** Cassandra's texts for features switched off in cassandra.yaml, 4.0 to 5.0. */
    private static final Pattern DISABLED =
            Pattern.compile("(?i)\\b(is|are) (disabled|not enabled)\\b|\\bis not allowed$");

    private DriverErrors() {}

    /** While connecting. */
    static HindsightException onConnect(RuntimeException e, List<String> contactPoints) {
        String where = "cluster at " + String.join(", ", contactPoints);
        if (isRightsUnreadable(e)) {
            return rightsUnreadable(where, e);
        }
        for (Throwable cause : causes(e)) {
            if (cause instanceof AuthenticationException) {
                return new UnauthorisedException(
                        where + " refused the credentials: " + cause.getMessage(),
                        "check user and password of the cluster in the configuration",
                        e);
            }
            if (cause instanceof UnsupportedProtocolVersionException) {
                return new UnsupportedException(
                        where + " speaks no native protocol that is known here: " + cause.getMessage(),
                        "Cassandra 4.0 or later is needed",
                        e);
            }
        }
        return new ClusterUnreachableException(
                where + " does not answer: " + words(e),
                "check the contact points, native_transport_port, TLS settings and that a node is up",
                e);
    }

    /** While reading {@code what}. */
    static HindsightException onRead(RuntimeException e, String what) {
        if (isRightsUnreadable(e)) {
            return rightsUnreadable("reading " + what, e);
        }
        for (Throwable cause : causes(e)) {
            if (cause instanceof UnauthorizedException) {
                return new UnauthorisedException(
                        "reading " + what + " was refused: " + cause.getMessage(),
                        "grant the configured user SELECT and DESCRIBE on it",
                        e);
            }
            if (cause instanceof QueryValidationException) {
                return new PreconditionFailedException(
                        "reading " + what + " was rejected: " + cause.getMessage(),
                        "check that the server is Cassandra 4.0 or later and that nothing was dropped meanwhile",
                        e);
            }
        }
        return new ClusterUnreachableException(
                "reading " + what + " failed: " + words(e), "check that the nodes are up, then try again", e);
    }

    /** While executing a schema change. */
    static HindsightException onDdl(RuntimeException e, String statement) {
        String what = "statement [" + shortened(statement) + "]";
        if (isRightsUnreadable(e)) {
            return rightsUnreadable(what, e);
        }
        for (Throwable cause : causes(e)) {
            if (cause instanceof AlreadyExistsException) {
                return new dev.hindsight.model.failure.AlreadyExistsException(
                        what + ": " + cause.getMessage(), "choose another name, or drop what is there", e);
            }
            if (cause instanceof UnauthorizedException) {
                return new UnauthorisedException(
                        what + " was refused: " + cause.getMessage(),
                        "grant the configured user CREATE and ALTER on the keyspace",
                        e);
            }
            if (cause instanceof QueryValidationException) {
                String text = String.valueOf(cause.getMessage());
                if (DISABLED.matcher(text).find()) {
                    return new UnsupportedException(
                            what + " needs a feature that the target has switched off: " + text,
                            "enable it in the target's cassandra.yaml and run the statement by hand",
                            e);
                }
                return new PreconditionFailedException(
                        what + " was rejected: " + text, "the statement was not applied; see the server's words", e);
            }
        }
        if (notSent(e)) {
            return new ClusterUnreachableException(
                    what + " was not sent: " + words(e), "check that the nodes are up, then try again", e);
        }
        return new OutcomeUnknownException(
                what + " was sent but nobody knows whether it was applied: " + words(e),
                "look at the schema, then run the same command again",
                e);
    }

    /** The node could not read its users and rights; nothing is known about whether they suffice. */
    private static boolean isRightsUnreadable(RuntimeException e) {
        return causes(e).stream()
                .anyMatch(cause -> (cause instanceof AuthenticationException || cause instanceof UnauthorizedException)
                        && String.valueOf(cause.getMessage()).contains("Unable to perform auth"));
    }

    private static ClusterUnreachableException rightsUnreadable(String what, RuntimeException e) {
        return new ClusterUnreachableException(
                what + " failed because users and rights could not be read: " + words(e),
                "bring the nodes that hold system_auth back up; raise the replication of system_auth and repair it",
                e);
    }

    /** Whether the node itself is the trouble, so that another one may be asked. */
    static boolean isNodeTrouble(RuntimeException e) {
        if (isRightsUnreadable(e)) {
            return true;
        }
        if (e instanceof DriverTimeoutException || e instanceof AllNodesFailedException) {
            return true;
        }
        return !(e instanceof QueryValidationException) && !(e instanceof QueryExecutionException);
    }

    static boolean notSent(RuntimeException e) {
        return causes(e).stream()
                .anyMatch(cause -> cause instanceof NoNodeAvailableException
                        || cause instanceof NodeUnavailableException
                        || cause instanceof ConnectionInitException);
    }

    /** What the first node said, instead of how many were asked. */
    static String words(RuntimeException e) {
        for (Throwable cause : causes(e)) {
            if (!(cause instanceof AllNodesFailedException) || cause instanceof NoNodeAvailableException) {
                String text = cause.getMessage();
                return text == null || text.isBlank() ? cause.getClass().getSimpleName() : text;
            }
        }
        return String.valueOf(e.getMessage());
    }

    /** The exception, what the nodes said, and all their causes. */
    private static List<Throwable> causes(Throwable e) {
        ArrayList<Throwable> out = new ArrayList<>();
        collect(e, out);
        return out;
    }

    private static void collect(Throwable e, List<Throwable> out) {
        if (out.contains(e) || out.size() > 50) {
            return;
        }
        out.add(e);
        if (e instanceof AllNodesFailedException all) {
            all.getAllErrors().values().forEach(errors -> errors.forEach(error -> collect(error, out)));
        }
        Throwable cause = e.getCause();
        if (cause != null) {
            collect(cause, out);
        }
    }

    private static String shortened(String statement) {
        String line = statement.strip().replaceAll("\\s+", " ");
        return line.length() <= 200 ? line : line.substring(0, 200) + "...";
    }
}
