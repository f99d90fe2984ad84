package dev.hindsight.cli.live;

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

/** A TLS context that believes the certificates of a PEM file, or what the JVM believes where there is none. */
public final class PemTrust {
    private PemTrust() {}

    /** @throws UsageException when the file holds no readable certificate */
    public static SSLContext context(Optional<Path> ca) {
        try {
            if (ca.isEmpty()) {
                return SSLContext.getDefault();
            }
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            try (InputStream in = Files.newInputStream(ca.get())) {
                int number = 0;
                for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                    store.setCertificateEntry("ca-" + number++, one);
                }
                if (number == 0) {
                    throw new IOException("no certificate in it");
                }
            }
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new UsageException(
                    "tls.ca " + ca.map(Path::toString).orElse("") + " cannot be read: " + e.getMessage(),
                    "give a PEM file with the CA's certificate",
                    e);
        }
    }
}
