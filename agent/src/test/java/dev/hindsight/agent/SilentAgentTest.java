package dev.hindsight.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.agent.api.AgentEndpoint;
import dev.hindsight.agent.api.AgentTrust;
import dev.hindsight.agent.api.HttpAgentClient;
import dev.hindsight.model.failure.ClusterUnreachableException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** Something listens and says nothing, as a process that is stopped does. */
class SilentAgentTest {
    @Test
    void whoeverAsksAgainSoonAsksOnceAtATime() throws Exception {
        Queue<Socket> connections = new ConcurrentLinkedQueue<>();
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread accepting = new Thread(() -> {
                try {
                    while (true) {
                        connections.add(silent.accept());
                    }
                } catch (IOException e) {
                    // The test is over.
                    return;
                }
            });
            accepting.setDaemon(true);
            accepting.start();
            HttpAgentClient client = new HttpAgentClient(new AgentEndpoint(
                    URI.create("http://127.0.0.1:" + silent.getLocalPort()),
                    AgentFixture.ALL,
                    AgentTrust.jvm(),
                    Duration.ofSeconds(5),
                    Duration.ofMillis(300),
                    Duration.ofSeconds(60)));
            assertThatThrownBy(client::captureSoon).isInstanceOf(ClusterUnreachableException.class);

            assertThat(connections).hasSize(1);
        } finally {
            for (Socket one : connections) {
                one.close();
            }
        }
    }
}
