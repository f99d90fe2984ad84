package dev.hindsight.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.http.BearerTokens;
import dev.hindsight.http.HttpListener;
import dev.hindsight.http.ListenAddress;
import dev.hindsight.server.Watched;
import dev.hindsight.server.metrics.ServiceMetrics;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class SlowClientTest {
    private static final Duration SENDING = Duration.ofSeconds(2);

    private final AtomicInteger over = new AtomicInteger();

    private HttpListener listener() {
        Route large = new Route(
                "GET",
                "/v1/large",
                Optional.empty(),
                Set.of(),
                call -> Answer.text("text/plain", "x".repeat(32 << 20)).with(over::incrementAndGet));
        Route small = new Route(
                "GET",
                "/v1/small",
                Optional.empty(),
                Set.of(),
                call -> Answer.text("text/plain", "s").with(over::incrementAndGet));
        ApiHandler handler = new ApiHandler(
                new BearerTokens<>(List.of()),
                List.of(large, small),
                new ServiceMetrics(new Watched(), Clock.systemUTC()),
                SENDING);
        return new HttpListener(
                new ListenAddress("127.0.0.1", 0, Optional.empty()),
                "the test",
                8,
                Duration.ofMinutes(1),
                handler,
                (request, response, callback) -> false);
    }

    private static void ask(Socket socket, String path) throws Exception {
        socket.getOutputStream()
                .write(("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    /** Each byte that it reads lets the connection be idle for another minute. */
    @Test
    void answerThatIsReadTooSlowlyIsGivenUp() throws Exception {
        try (HttpListener listener = listener()) {
            listener.start();
            try (Socket socket = new Socket("127.0.0.1", listener.port())) {
                ask(socket, "/v1/large");
                InputStream in = socket.getInputStream();
                Awaitility.await()
                        .atMost(Duration.ofSeconds(30))
                        .ignoreExceptions()
                        .until(() -> {
                            if (over.get() == 0) {
                                in.readNBytes(1000);
                            }
                            return over.get() == 1;
                        });
            }
        }
    }

    @Test
    void connectionWhoseAnswersAreReadIsKept() throws Exception {
        try (HttpListener listener = listener()) {
            listener.start();
            try (Socket socket = new Socket("127.0.0.1", listener.port())) {
                long until = System.nanoTime() + SENDING.multipliedBy(2).toNanos();
                int asked = 0;
                while (System.nanoTime() < until) {
                    ask(socket, "/v1/small");
                    asked++;
                    byte[] head = new byte[4096];
                    assertThat(socket.getInputStream().read(head)).isPositive();
                    int told = asked;
                    Awaitility.await().until(() -> over.get() == told);
                }
            }
        }
    }
}
