package dev.hindsight.testkit.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultProxyTest {
    private static final int ANSWER_BYTES = 50_000;

    private ServerSocket server;
    private FaultProxy proxy;

    @BeforeEach
    void start() throws IOException {
        server = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
        Thread answering = new Thread(this::answer, "answering");
        answering.setDaemon(true);
        answering.start();
        proxy = FaultProxy.to("127.0.0.1", server.getLocalPort());
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        server.close();
    }

    private void answer() {
        while (!server.isClosed()) {
            try (Socket client = server.accept()) {
                int asked = client.getInputStream().read();
                byte[] bytes = new byte[ANSWER_BYTES];
                java.util.Arrays.fill(bytes, (byte) asked);
                client.getOutputStream().write(bytes);
            } catch (IOException e) {
                continue;
            }
        }
    }

    private Socket ask() throws IOException {
        Socket socket = new Socket(proxy.host(), proxy.port());
        socket.setSoTimeout(20_000);
        socket.getOutputStream().write(7);
        return socket;
    }

    @Test
    void passesEverythingWithoutFaults() throws IOException {
        try (Socket socket = ask()) {
            byte[] all = socket.getInputStream().readAllBytes();

            assertThat(all).hasSize(ANSWER_BYTES).containsOnly(7);
            assertThat(proxy.connections()).isEqualTo(1);
            assertThat(proxy.answeredBytes()).isEqualTo(ANSWER_BYTES);
        }
    }

    @Test
    void cutsAfterTheWantedNumberOfBytes() throws IOException {
        proxy.cutAfter(12_345);

        try (Socket socket = ask()) {
            assertThat(socket.getInputStream().readAllBytes()).hasSize(12_345);
        }
    }

    @Test
    void resetsAndRefuses() throws IOException {
        proxy.resetAfter(0);
        try (Socket socket = ask()) {
            InputStream in = socket.getInputStream();
            assertThatThrownBy(in::readAllBytes).isInstanceOf(SocketException.class);
        }

        proxy.heal().refuse();
        assertThatThrownBy(() -> {
                    try (Socket socket = ask()) {
                        socket.getInputStream().readAllBytes();
                    }
                })
                .isInstanceOf(SocketException.class);
    }

    @Test
    void stallsUntilHealed() throws IOException {
        proxy.stall();
        try (Socket socket = ask()) {
            socket.setSoTimeout(200);
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);

            proxy.heal();
            socket.setSoTimeout(20_000);
            assertThat(socket.getInputStream().readAllBytes()).hasSize(ANSWER_BYTES);
        }
    }

    @Test
    void slowsDown() throws IOException {
        proxy.latency(Duration.ofMillis(20)).bandwidth(200_000);
        long start = System.nanoTime();

        try (Socket socket = ask()) {
            assertThat(socket.getInputStream().readAllBytes()).hasSize(ANSWER_BYTES);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(250));
    }
}
