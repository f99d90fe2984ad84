package dev.hindsight.agent.settings;

import dev.hindsight.http.ListenAddress;
import dev.hindsight.http.TlsFiles;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * A section {@code listen}: host, port and certificate of a server. Safe to print.
 *
 * @param tls empty: in the clear
 */
public record ListenSettings(String host, int port, Optional<Tls> tls) {
    private static final int LARGEST_PORT = 65535;

    /** Key store, or PEM certificate chain and PKCS#8 key. */
    public record Tls(
            Optional<Path> keyStore, Optional<SecretRef> password, Optional<Path> certificate, Optional<Path> key) {}

    public static ListenSettings read(Settings section, int defaultPort) {
        String host = section.text("host", "127.0.0.1");
        int port = section.number("port", 0, LARGEST_PORT, defaultPort);
        Optional<Tls> tls = section.findSection("tls").map(ListenSettings::tls);
        section.finish();
        return new ListenSettings(host, port, tls);
    }

    private static Tls tls(Settings section) {
        Optional<Path> keyStore = section.findPath("keystore");
        Optional<SecretRef> password = section.findSecret("keystore-password");
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
        return new Tls(keyStore, password, certificate, key);
    }

    /** With the key store's password read now. */
    public ListenAddress resolve(Map<String, String> environment) {
        return new ListenAddress(
                host,
                port,
                tls.map(files -> new TlsFiles(
                        files.keyStore(),
                        files.password().map(secret -> secret.resolve(environment)),
                        files.certificate(),
                        files.key())));
    }
}
