package dev.hindsight.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterSettingsTest {
    @Test
    void contactPointsMayHaveAPortAndBrackets() throws Exception {
        assertThat(ClusterSettings.address("127.0.0.1")).isEqualTo(new InetSocketAddress("127.0.0.1", 9042));
        assertThat(ClusterSettings.address(" 127.0.0.1:19042 ")).isEqualTo(new InetSocketAddress("127.0.0.1", 19042));
        assertThat(ClusterSettings.address("[::1]:19042")).isEqualTo(new InetSocketAddress("::1", 19042));
        assertThat(ClusterSettings.address("[::1]")).isEqualTo(new InetSocketAddress("::1", 9042));
        assertThat(ClusterSettings.address("::1")).isEqualTo(new InetSocketAddress("::1", 9042));
        assertThat(ClusterSettings.text(InetAddress.getByName("::1"), 9042)).isEqualTo("[0:0:0:0:0:0:0:1]:9042");
    }

    @Test
    void whatIsNoContactPointIsRefusedByName() {
        for (String text : List.of("", ":9042", "127.0.0.1:x", "127.0.0.1:0", "127.0.0.1:70000")) {
            assertThatThrownBy(() -> ClusterSettings.address(text))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'" + text + "'");
        }
        assertThatThrownBy(() -> ClusterSettings.of(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void thePasswordNeverShows() {
        assertThat(ClusterSettings.of(List.of("127.0.0.1"))
                        .withCredentials("ops", "hunter2")
                        .toString())
                .contains("ops")
                .doesNotContain("hunter2");
    }
}
