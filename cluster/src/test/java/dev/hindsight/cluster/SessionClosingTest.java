package dev.hindsight.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.internal.core.context.InternalDriverContext;
import com.datastax.oss.driver.internal.core.context.NettyOptions;
import com.datastax.oss.driver.internal.core.util.concurrent.RunOrSchedule;
import io.netty.channel.DefaultEventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class SessionClosingTest {
    /** What closing is to the driver, with its own way of handing it over. */
    private static final class FakeDriver {
        final DefaultEventLoopGroup admin = new DefaultEventLoopGroup(1);
        final EventExecutor executor = admin.next();
        final CompletableFuture<Void> closed = new CompletableFuture<>();
        final List<Boolean> handedOver = new ArrayList<>();

        final CqlSession session = fake(CqlSession.class, method -> switch (method) {
            case "getContext" ->
                fake(InternalDriverContext.class, ofContext -> fake(NettyOptions.class, ofOptions -> admin));
            case "closeFuture" -> closed;
            case "closeAsync", "close" -> closeAsync();
            default -> throw new IllegalArgumentException(method);
        });

        private CompletableFuture<Void> closeAsync() {
            handedOver.add(!executor.inEventLoop());
            RunOrSchedule.on(executor, () -> {
                admin.shutdownGracefully(0, 15, TimeUnit.SECONDS).addListener(done -> closed.complete(null));
            });
            return closed;
        }

        private static <T> T fake(Class<T> type, Function<String, Object> answers) {
            return type.cast(Proxy.newProxyInstance(
                    type.getClassLoader(),
                    new Class<?>[] {type},
                    (proxy, method, arguments) -> answers.apply(method.getName())));
        }
    }

    @Test
    void theDriversOwnThreadClosesASession() {
        FakeDriver driver = new FakeDriver();

        SessionClosing.close(driver.session);

        assertThat(driver.closed).isCompleted();
        assertThat(driver.admin.isTerminated()).isTrue();
        assertThat(driver.handedOver)
                .as("nobody waits for a thread that may have ended")
                .containsExactly(false);
    }

    @Test
    void whatIsClosedIsClosedAgainWithoutHarm() {
        FakeDriver driver = new FakeDriver();

        SessionClosing.close(driver.session);
        SessionClosing.close(driver.session);

        assertThat(driver.handedOver).hasSize(1);
    }
}
