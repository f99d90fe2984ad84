package dev.hindsight.cluster;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.internal.core.context.InternalDriverContext;
import com.datastax.oss.driver.internal.core.util.concurrent.CompletableFutures;
import java.util.concurrent.RejectedExecutionException;

/**
 * Closes a session from the driver's own thread. Closed from any other, the driver hands the work to that thread and only then
 * asks to hear how it went, by a task for the same thread: which has ended by then, now and then, as nothing is waited for when
 * a session closes here. Netty logs that as an error, though all is closed. No state; any thread but the driver's.
 *
 * <p>Source: the driver's {@code RunOrSchedule} and Netty's {@code DefaultPromise}.
 */
final class SessionClosing {
    private SessionClosing() {}

    /** Waits until it is closed. */
    static void close(CqlSession session) {
        if (session.getContext() instanceof InternalDriverContext context) {
            try {
                // There is one: DriverCluster asks for no more.
                context.getNettyOptions().adminEventExecutorGroup().next().execute(session::closeAsync);
            } catch (RejectedExecutionException e) {
                // It is closed, or about to be.
            }
            CompletableFutures.getUninterruptibly(session.closeFuture());
        } else {
            session.close();
        }
    }
}
