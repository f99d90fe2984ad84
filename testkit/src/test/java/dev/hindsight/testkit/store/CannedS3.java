package dev.hindsight.testkit.store;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.hindsight.repository.store.s3.S3Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** Answers as an S3 server might, but does nothing: for what a real one cannot be brought to say. */
final class CannedS3 implements AutoCloseable {
    /** @param body of the answer; empty for none */
    record Answer(int status, String body, Map<String, String> headers) {
        static Answer error(int status, String code, String message) {
            return new Answer(
                    status,
                    "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>" + message + "</Message></Error>",
                    Map.of());
        }

        static Answer ok(String body) {
            return new Answer(200, body, Map.of("ETag", "\"e\""));
        }
    }

    /** What an empty bucket lists. */
    static final Answer NOTHING =
            Answer.ok("<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>");

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> requests = new ArrayList<>();

    /** @param answers by {@code METHOD path?query}, the number of that method's requests so far appended: {@code PUT /b/k #2} */
    CannedS3(Function<String, Answer> answers) {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            send(exchange, answers.apply(count(exchange)));
        });
        server.start();
    }

    private synchronized String count(HttpExchange exchange) {
        String method = exchange.getRequestMethod();
        requests.add(method + " " + exchange.getRequestURI());
        long number =
                requests.stream().filter(one -> one.startsWith(method + " ")).count();
        return method + " " + exchange.getRequestURI() + " #" + number;
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        answer.headers().forEach(exchange.getResponseHeaders()::set);
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(answer.status(), body.length == 0 || head ? -1 : body.length);
        if (body.length > 0 && !head) {
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }

    synchronized long requests(String method) {
        return requests.stream().filter(one -> one.startsWith(method + " ")).count();
    }

    S3Settings.Builder settings() {
        return S3Settings.at("s3://bucket")
                .endpoint(URI.create("http://127.0.0.1:" + server.getAddress().getPort()))
                .credentials(S3Server.KEYS)
                .timeout(Duration.ofSeconds(10))
                .attempts(3);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
