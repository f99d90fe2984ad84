package dev.hindsight.agent.settings;

import dev.hindsight.http.ListenAddress;
import dev.hindsight.http.TlsFiles;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Reads a section {@code listen}: host, port and certificate of a server. */
public final class ListenSettings {
    private static final int LARGEST_PORT = 65535;

    private ListenSettings() {}

    /** @param environment of secrets, which are resolved here */
    public static ListenAddress read(Settings section, int defaultPort, Map<String, String> environment) {
        String host = section.text("host", "127.0.0.1");
        int port = section.number("port", 0, LARGEST_PORT, defaultPort);
        Optional<TlsFiles> tls = section.findSection("tls").map(inner -> tls(inner, environment));
        section.finish();
        return new ListenAddress(host, port, tls);
    }

    private static TlsFiles tls(Settings section, Map<String, String> environment) {
        Optional<Path> keyStore = section.findPath("keystore");
        Optional<String> password = section.findSecret("keystore-password").map(secret -> secret.resolve(environment));
        Optional<Path> certificate = section.findPath("certificate");
        Optional<Path> key = section.findPath("key");
        section.finish();
        boolean pem = certificate.isPresent() && key.isPresent();
        boolean some = certificate.isPresent() || key.isPresent();
        if (keyStore.isPresent() == some || some != pem) {
            throw section.refuse(
                    "keystore",
                    "and 'certificate' with 'key' exclude each other, and one of both is needed",
                    "give a PKCS12 key store, or a PEM chain and a PKCS#8 PEM key");
        }
        return new TlsFiles(keyStore, password, certificate, key);
    }
}
