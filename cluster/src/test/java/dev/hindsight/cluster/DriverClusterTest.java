package dev.hindsight.cluster;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.UsageException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import org.junit.jupiter.api.Test;

class DriverClusterTest {
    @Test
    void aClusterThatDoesNotAnswerIsUnreachableByItsContactPoints() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = free.getLocalPort();
        }

        assertThatThrownBy(() -> DriverCluster.connect(ClusterSettings.of(List.of("127.0.0.1:" + port))))
                .isInstanceOf(ClusterUnreachableException.class)
                .hasMessageContaining("127.0.0.1:" + port);
    }

    @Test
    void aContactPointThatIsNoAddressIsAUsageError() {
        assertThatThrownBy(() -> DriverCluster.connect(ClusterSettings.of(List.of("127.0.0.1:port"))))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("'127.0.0.1:port'");
    }
}
