package dev.hindsight.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.agent.api.AgentTrust;
import dev.hindsight.agent.config.AgentConfig;
import dev.hindsight.http.TlsFiles;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.UsageException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
    private static final String PASSWORD = "changeit-please";

    @TempDir
    Path dir;

    private Path keyStore(String name) throws Exception {
        Path file = dir.resolve(name);
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "agent",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=agent",
                        "-ext",
                        "SAN=ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .start();
        byte[] said = keytool.getInputStream().readAllBytes();
        assertThat(keytool.waitFor())
                .as(new String(said, java.nio.charset.StandardCharsets.UTF_8))
                .isZero();
        return file;
    }

    private static String pem(String what, byte[] der) {
        return "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + what
                + "-----\n";
    }

    private static byte[] certificate(Path store) throws Exception {
        return Objects.requireNonNull(KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray())
                        .getCertificate("agent"))
                .getEncoded();
    }

    private void serve(AgentFixture agent, TlsFiles tls) {
        agent.restart(agent.config(AgentConfig.Import.on(), new AgentConfig.Limits(0, 4, 0), Optional.of(tls)));
    }

    @Test
    void keyStoreAndPemServeToThoseWhoTrustThem() throws Exception {
        Path store = keyStore("agent.p12");
        Path ca = Files.writeString(dir.resolve("ca.pem"), pem("CERTIFICATE", certificate(store)));
        byte[] key = Objects.requireNonNull(KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray())
                        .getKey("agent", PASSWORD.toCharArray()))
                .getEncoded();
        Path keyPem = Files.writeString(dir.resolve("key.pem"), pem("PRIVATE KEY", key));
        try (AgentFixture agent = new AgentFixture(dir, 1)) {
            serve(agent, new TlsFiles(Optional.of(store), Optional.of(PASSWORD), Optional.empty(), Optional.empty()));
            URI address = agent.server.address();
            assertThat(address.getScheme()).isEqualTo("https");
            assertThat(AgentFixture.client(address, AgentFixture.ALL, AgentTrust.pem(ca))
                            .info()
                            .nodeUp())
                    .isTrue();
            assertThat(AgentFixture.client(address, AgentFixture.ALL, AgentTrust.store(store, PASSWORD))
                            .address())
                    .isEqualTo(address.toString());

            serve(agent, new TlsFiles(Optional.empty(), Optional.empty(), Optional.of(ca), Optional.of(keyPem)));
            assertThat(AgentFixture.client(agent.server.address(), AgentFixture.ALL, AgentTrust.pem(ca))
                            .info()
                            .nodeUp())
                    .isTrue();
        }
    }

    @Test
    void unknownCertificateIsNotTalkedTo() throws Exception {
        Path store = keyStore("agent.p12");
        Path other = keyStore("other.p12");
        Path ca = Files.writeString(dir.resolve("other.pem"), pem("CERTIFICATE", certificate(other)));
        try (AgentFixture agent = new AgentFixture(dir, 1)) {
            serve(agent, new TlsFiles(Optional.of(store), Optional.of(PASSWORD), Optional.empty(), Optional.empty()));

            assertThatThrownBy(() -> AgentFixture.client(agent.server.address(), AgentFixture.ALL, AgentTrust.pem(ca))
                            .info())
                    .isInstanceOf(ClusterUnreachableException.class);
            assertThatThrownBy(() -> AgentFixture.client(agent.server.address(), AgentFixture.ALL, AgentTrust.jvm())
                            .info())
                    .isInstanceOf(ClusterUnreachableException.class);
            URI plain = URI.create("http://127.0.0.1:" + agent.server.port());
            assertThatThrownBy(() -> AgentFixture.client(plain, AgentFixture.ALL, AgentTrust.jvm())
                            .info())
                    .isInstanceOf(dev.hindsight.model.failure.HindsightException.class);
        }
    }

    @Test
    void wrongPasswordStopsTheStart() throws Exception {
        Path store = keyStore("agent.p12");
        try (AgentFixture agent = new AgentFixture(dir, 1)) {
            assertThatThrownBy(() -> serve(
                            agent,
                            new TlsFiles(Optional.of(store), Optional.of("wrong"), Optional.empty(), Optional.empty())))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("agent.p12");
        }
    }
}
