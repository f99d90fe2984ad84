package dev.hindsight.agent.api;

import dev.hindsight.model.failure.UsageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Makes the client's TLS context of an {@link AgentTrust}. Host names are always checked, by the HTTP client. */
final class ClientTls {
    private ClientTls() {}

    /** Empty where the JVM's own trust is meant. */
    static Optional<SSLContext> context(AgentTrust trust) {
        Optional<Path> file = trust.caPem().or(trust::trustStore);
        if (file.isEmpty()) {
            return Optional.empty();
        }
        try {
            KeyStore store = trust.caPem().isPresent()
                    ? pem(trust.caPem().get())
                    : KeyStore.getInstance(
                            file.get().toFile(),
                            trust.trustStorePassword().orElse("").toCharArray());
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return Optional.of(context);
        } catch (GeneralSecurityException | IOException e) {
            throw new UsageException(
                    "trusted certificates in " + file.get() + " cannot be read: " + e.getMessage(),
                    "give a PEM file with the CA's certificate, or a key store and its password",
                    e);
        }
    }

    private static KeyStore pem(Path file) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (InputStream in = Files.newInputStream(file)) {
            int n = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("ca-" + n++, certificate);
            }
            if (n == 0) {
                throw new IOException("no certificate in it");
            }
        }
        return store;
    }
}
